"use strict";

/** Texts of the page. Codes that come from the server keep their code if there is no text for them. */
const TEXTS = {
  en: {
    title: "Taximeter: live",
    other: "中文",
    docs: "API documentation",
    tokensPerSecond: "Tokens per second",
    requestsPerSecond: "Metered requests per second",
    freshness: "Freshness",
    freshnessHint: "from hand-over of the latest line to here",
    spendPerAccount: "Spend per account",
    latestLines: "Latest lines",
    account: "Account",
    spent: "Spent",
    balance: "Balance",
    sequence: "Requests",
    time: "Time",
    fate: "Fate",
    key: "Key",
    model: "Model",
    tokens: "Tokens",
    cost: "Cost",
    source: "Source",
    twoMinutesAgo: "2 min ago",
    now: "now",
    noAccounts: "No account has been set up yet.",
    noLines: "Waiting for the first line.",
    connecting: "Connecting…",
    live: "Live",
    lost: "Connection lost; trying again…",
    signedOut: "Not signed in any more; open a fresh sign-in link.",
    split: "{input} in, {output} out",
    others: "{n} other lines",
    spark: "Tokens per second over the last two minutes: {min} to {max}, now {now}",
    fates: {
      billed: "billed",
      unattributed: "unknown key",
      unbillable: "not billable",
      duplicate: "duplicate",
      suspense: "on hold",
      quarantined: "quarantined",
    },
  },
  zh: {
    title: "Taximeter：实时",
    other: "English",
    docs: "API 文档",
    tokensPerSecond: "每秒 Token 数",
    requestsPerSecond: "每秒计量请求数",
    freshness: "时效",
    freshnessHint: "最新一行从采集到此处的用时",
    spendPerAccount: "各账户消费",
    latestLines: "最新日志行",
    account: "账户",
    spent: "已消费",
    balance: "余额",
    sequence: "请求数",
    time: "时间",
    fate: "处理结果",
    key: "密钥",
    model: "模型",
    tokens: "Token",
    cost: "费用",
    source: "来源",
    twoMinutesAgo: "2 分钟前",
    now: "现在",
    noAccounts: "尚未设置任何账户。",
    noLines: "正在等待第一行日志。",
    connecting: "正在连接…",
    live: "实时",
    lost: "连接已断开，正在重试…",
    signedOut: "登录已失效，请打开新的登录链接。",
    split: "输入 {input}，输出 {output}",
    others: "其他日志 {n} 行",
    spark: "最近两分钟每秒 Token 数：{min} 至 {max}，现在 {now}",
    fates: {
      billed: "已计费",
      unattributed: "未知密钥",
      unbillable: "不计费",
      duplicate: "重复",
      suspense: "待处理",
      quarantined: "已隔离",
    },
  },
};

const MOST_SECONDS = 120;
const MOST_LINES = 30;
/** Digits shown after the point; the rest is cut off, not rounded. */
const SPEND_DIGITS = 4;
const COST_DIGITS = 6;
const LANGUAGE = "taximeter-language";

const element = (id) => document.getElementById(id);
const page = {
  language: "en",
  state: "connecting",
  rates: [],
  lines: [],
  second: null,
};

const texts = () => TEXTS[page.language];
const locale = () => (page.language === "zh" ? "zh-CN" : "en");
const whole = (n) => new Intl.NumberFormat(locale()).format(n);

function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (all, name) => values[name]);
}

/** Amounts arrive as text with every digit; nothing here turns them into numbers. */
function amount(text, currency, most) {
  const [units, fraction = ""] = text.replace("-", "").split(".");
  const grouped = units.replace(/\B(?=(\d{3})+$)/g, ",");
  const digits = fraction.slice(0, most).padEnd(2, "0");
  return `${text.startsWith("-") ? "−" : ""}${grouped}.${digits} ${currency}`;
}

function cell(text, className, tag = "td") {
  const made = document.createElement(tag);
  made.textContent = text ?? "";
  if (className) {
    made.className = className;
  }
  return made;
}

function drawTexts() {
  document.documentElement.lang = locale();
  document.title = texts().title;
  document.querySelectorAll("[data-text]").forEach((node) => {
    node.textContent = texts()[node.dataset.text];
  });
  element("language").textContent = texts().other;
  element("language").lang = page.language === "zh" ? "en" : "zh-CN";
}

function drawState() {
  element("state").className = `state ${page.state}`;
  const text = texts()[page.state];
  if (element("state-text").textContent !== text) {
    element("state-text").textContent = text;
  }
}

function drawFigures() {
  const second = page.second;
  if (!second) {
    return;
  }
  element("rate").textContent = whole(second.inputTokens + second.outputTokens);
  element("rate-split").textContent = filled(texts().split, {
    input: whole(second.inputTokens),
    output: whole(second.outputTokens),
  });
  element("requests").textContent = whole(second.requests);
  element("others").textContent = filled(texts().others, { n: whole(second.others) });
  if (second.delayMillis !== undefined) {
    element("delay").textContent = `${whole(second.delayMillis)} ms`;
  }
}

function drawSpark() {
  const rates = page.rates;
  const width = 240;
  const height = 56;
  const most = Math.max(1, ...rates);
  const step = width / (MOST_SECONDS - 1);
  const first = width - (rates.length - 1) * step;
  const points = rates.map(
    (rate, i) => `${(first + i * step).toFixed(1)},${(height - 3 - (rate / most) * (height - 6)).toFixed(1)}`,
  );
  const line = points.length > 1 ? `M${points.join("L")}` : "";
  element("spark-line").setAttribute("d", line);
  element("spark-area").setAttribute(
    "d",
    line ? `${line}L${width},${height}L${first.toFixed(1)},${height}Z` : "",
  );
  if (rates.length > 0) {
    element("spark-title").textContent = filled(texts().spark, {
      min: whole(Math.min(...rates)),
      max: whole(Math.max(...rates)),
      now: whole(rates[rates.length - 1]),
    });
  }
}

function drawAccounts() {
  const accounts = page.second ? page.second.accounts : [];
  element("no-accounts").hidden = !page.second || accounts.length > 0;
  element("accounts").replaceChildren(
    ...accounts.map((account) => {
      const row = document.createElement("tr");
      const name = cell(account.name + " ", "", "th");
      name.scope = "row";
      name.append(cell(account.account, "id", "span"));
      row.append(
        name,
        cell(amount(account.spent, account.currency, SPEND_DIGITS), "amount"),
        cell(amount(account.balance, account.currency, SPEND_DIGITS), "amount"),
        cell(whole(account.sequence), "amount"),
      );
      return row;
    }),
  );
}

function drawLines() {
  element("no-lines").hidden = page.lines.length > 0;
  element("lines").replaceChildren(
    ...page.lines.map((line) => {
      const row = document.createElement("tr");
      const fate = cell("");
      const badge = cell(texts().fates[line.fate] ?? line.fate, `fate ${line.fate}`, "span");
      if (line.reason) {
        badge.title = line.reason;
      }
      fate.append(badge);
      const source = cell(line.source.replace(/:.*\//, ":"), "source");
      source.title = line.source;
      row.append(
        cell(new Date(line.time).toLocaleTimeString(locale(), { hour12: false })),
        fate,
        cell(line.account),
        cell(line.key),
        cell(line.model),
        cell(line.tokens > 0 ? whole(line.tokens) : "", "amount"),
        cell(line.cost === undefined ? "" : amount(line.cost, line.currency, COST_DIGITS), "amount"),
        source,
      );
      return row;
    }),
  );
}

function drawAll() {
  drawTexts();
  drawState();
  drawFigures();
  drawSpark();
  drawAccounts();
  drawLines();
}

function take(second) {
  page.state = "live";
  page.second = second;
  if (second.earlier) {
    page.rates = second.earlier.slice(-MOST_SECONDS);
  } else {
    page.rates.push(second.inputTokens + second.outputTokens);
    page.rates = page.rates.slice(-MOST_SECONDS);
  }
  const newLines = second.lines.length > 0;
  page.lines = second.lines.concat(page.lines).slice(0, MOST_LINES);
  drawState();
  drawFigures();
  drawSpark();
  drawAccounts();
  if (newLines) {
    drawLines();
  }
}

/** A browser does not tell why a stream failed; a plain request does. */
async function explainFailure() {
  try {
    const answer = await fetch("/v1/status", { credentials: "same-origin" });
    page.state = answer.status === 401 ? "signedOut" : "lost";
  } catch {
    page.state = "lost";
  }
  drawState();
}

function connect() {
  const stream = new EventSource("/v1/live");
  stream.addEventListener("second", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    explainFailure();
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(connect, 5000);
    }
  });
}

function storedLanguage() {
  try {
    return localStorage.getItem(LANGUAGE);
  } catch {
    return null;
  }
}

function start() {
  const stored = storedLanguage();
  const preferred = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  page.language = stored in TEXTS ? stored : preferred;
  element("language").addEventListener("click", () => {
    page.language = page.language === "zh" ? "en" : "zh";
    try {
      localStorage.setItem(LANGUAGE, page.language);
    } catch {
      // The choice then lasts as long as the page.
    }
    drawAll();
  });
  drawAll();
  connect();
}

start();
