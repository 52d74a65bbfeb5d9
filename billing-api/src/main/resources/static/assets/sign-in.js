/** Changes a token for a code that signs this browser in: the token itself is kept nowhere. */

const form = document.getElementById("token-form");
const token = document.getElementById("token");
const problem = document.getElementById("problem");
const button = form.querySelector("button");

async function exchange() {
  const answer = await fetch("/v1/sign-in-codes", {
    method: "POST",
    credentials: "omit",
    cache: "no-store",
    headers: { Accept: "application/json", Authorization: `Bearer ${token.value.trim()}` },
  });
  const body = await answer.json();
  if (!answer.ok) {
    throw new Error(body.detail);
  }
  return body.code;
}

function refuse(sentence) {
  problem.textContent = sentence;
  token.setAttribute("aria-invalid", "true");
  token.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  // Header fields hold nothing else, and no token does.
  if (!/^[\x21-\x7e]+$/.test(token.value.trim())) {
    refuse("A token has letters, digits and signs of ASCII only. 令牌只包含 ASCII 字符。");
    return;
  }
  button.disabled = true;
  try {
    document.getElementById("code").value = await exchange();
    token.value = "";
    form.submit();
  } catch (error) {
    refuse(error.message || "The server does not answer. 服务器没有响应。");
  } finally {
    button.disabled = false;
  }
});

form.hidden = false;
token.focus();
