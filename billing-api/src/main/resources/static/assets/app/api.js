/** Talks to the API of this server, with the browser's session. */

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.type = (body.type ?? "").replace("urn:taximeter:problem:", "");
    this.title = body.title ?? "";
    this.errors = body.errors ?? [];
  }

  sentence() {
    const where = this.errors
      .map((error) => [error.where, error.detail].filter(Boolean).join(" "))
      .filter((sentence) => sentence && !this.message.startsWith(sentence));
    return where.length > 0 ? `${this.message} ${where.join("; ")}` : this.message;
  }
}

export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function send(method, path, { body, headers = {}, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      signal,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        ...(method === "GET" ? {} : { "Taximeter-Page": "1" }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Problem(0, { type: "unreachable", detail: "" });
  }
  const text = await answer.text();
  let json = {};
  try {
    json = text ? JSON.parse(text) : {};
  } catch {
    json = { detail: text.slice(0, 200) };
  }
  if (!answer.ok) {
    throw new Problem(answer.status, json);
  }
  return { json, etag: answer.headers.get("ETag") };
}

export async function get(path, parameters, signal) {
  return (await send("GET", address(path, parameters), { signal })).json;
}

/** The same as CSV, with every row that one answer may hold. */
export async function getCsv(path, parameters) {
  const answer = await fetch(address(path, parameters), { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/csv" } });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Problem(answer.status, JSON.parse(text));
  }
  return text;
}

export async function getTagged(path, signal) {
  return send("GET", path, { signal });
}

export async function write(method, path, body, headers) {
  return (await send(method, path, { body, headers })).json;
}

/** A key under which the same click is the same order, however often it is sent. */
export function idempotencyKey() {
  // Browsers have no randomUUID where a page came over plain HTTP from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Paths are made of ids that people chose. */
export function path(...parts) {
  return `/v1/${parts.map(encodeURIComponent).join("/")}`;
}
