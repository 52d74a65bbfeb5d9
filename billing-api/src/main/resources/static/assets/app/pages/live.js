import { h, fill } from "../dom.js";
import { t, code } from "../i18n.js";
import { figure, loading, panel, table, fate, iconButton, csv, save } from "../components.js";
import { spark } from "../charts.js";
import { approximately, clock, DASH, money, short, whole } from "../format.js";
import { link } from "../router.js";
import { feed, listen } from "../feed.js";
import { explainButton } from "../components.js";

const SHOWN_LINES = 25;

function numbers() {
  const second = feed.second;
  if (!second) {
    return loading(t("feed.connecting"));
  }
  const spend = Object.entries(second.spend);
  return h(
    "div.figures",
    {},
    figure(t("live.tokens"), whole(second.inputTokens + second.outputTokens), {
      detail: h("span", {}, t("overview.split", { input: whole(second.inputTokens), output: whole(second.outputTokens) })),
    }),
    figure(
      t("live.spend"),
      spend.length === 0 ? DASH : money(spend[0][1], spend[0][0]),
      { detail: spend.slice(1).map(([currency, amount]) => money(amount, currency)) },
    ),
    figure(t("live.requests"), whole(second.requests), { detail: h("span", {}, t("live.others", { n: whole(second.others) })) }),
    figure(t("live.freshness"), feed.delay === null ? DASH : `${whole(feed.delay)} ms`, { detail: h("span", {}, t("live.freshnessHint")) }),
  );
}

function curve(values, text) {
  const most = Math.max(0, ...values);
  return h(
    "div.body",
    {},
    spark(values, { label: t("live.sparkLabel", { most: text(most), now: text(values.at(-1) ?? 0) }) }),
    h("p.spark-foot", {}, h("span", {}, t("live.twoMinutes")), h("span", {}, t("live.most", { n: text(most) })), h("span", {}, t("live.now"))),
  );
}

function mainCurrency() {
  const sums = {};
  for (const second of feed.spend) {
    for (const [currency, amount] of Object.entries(second)) {
      sums[currency] = (sums[currency] ?? 0) + approximately(amount);
    }
  }
  return Object.keys(sums).includes("USD") ? "USD" : Object.keys(sums)[0];
}

function accounts() {
  return table(
    [
      { head: t("by.account"), rowHead: true, cell: (one) => [h("a", { href: link(["accounts", one.account]) }, one.name), h("span.sub", {}, one.account)] },
      { head: t("table.requests"), number: true, cell: (one) => whole(one.sequence) },
      { head: t("table.spent"), number: true, cell: (one) => money(one.spent, one.currency) },
      { head: t("balance.left"), number: true, cell: (one) => [money(one.balance, one.currency), explainButton({ figure: "balance", account: one.account })] },
    ],
    feed.second?.accounts ?? [],
    { caption: t("live.accounts"), empty: t("live.noAccounts") },
  );
}

function lines(fateWanted) {
  const shown = feed.lines.filter((line) => !fateWanted || line.fate === fateWanted).slice(0, SHOWN_LINES);
  return table(
    [
      { head: t("table.time"), rowHead: true, class: "tight", cell: (line) => clock(line.time) },
      { head: t("table.fate"), class: "tight", cell: (line) => [fate(line.fate, line.reason), line.reason ? h("span.sub", {}, code("reason", line.reason)) : null] },
      {
        head: t("by.account"),
        class: "tight",
        cell: (line) => [
          line.account && !line.account.startsWith("unattributed:") ? h("a", { href: link(["accounts", line.account]) }, line.account) : line.key ? null : DASH,
          line.key ? h("span.sub", {}, line.key) : null,
        ],
      },
      { head: t("by.model"), class: "tight", cell: (line) => line.model },
      { head: t("table.tokens"), number: true, cell: (line) => (line.tokens > 0 ? whole(line.tokens) : null) },
      { head: t("table.cost"), number: true, cell: (line) => (line.cost === undefined ? null : money(line.cost, line.currency)) },
      { head: t("table.source"), cell: (line) => h("span.mono", { title: line.source }, line.source.replace(/^.*\//, "")) },
    ],
    shown,
    { caption: t("live.lines"), empty: t("live.noLines") },
  );
}

function linesCsv() {
  return csv([
    ["time", "fate", "reason", "account", "key", "model", "tokens", "cost", "currency", "source"],
    ...feed.lines.map((line) => [line.time, line.fate, line.reason, line.account, line.key, line.model, line.tokens, line.cost, line.currency, line.source]),
  ]);
}

export function page(place) {
  const boxes = { numbers: h("div"), tokens: h("div"), spend: h("div"), accounts: h("div"), lines: h("div", { id: "live-lines" }) };
  let paused = false;
  let drawnAccounts = "";
  const drawLines = () => fill(boxes.lines, lines(place.query.fate));
  const drawSecond = () => {
    fill(boxes.numbers, numbers());
    fill(boxes.tokens, curve(feed.tokens, (n) => short(Math.round(n))));
    const currency = mainCurrency();
    fill(boxes.spend, curve(feed.spend.map((second) => approximately(second[currency])), (n) => `${n.toFixed(4)} ${currency ?? ""}`));
    const rows = JSON.stringify(feed.second?.accounts ?? []);
    if (rows !== drawnAccounts && !boxes.accounts.contains(document.activeElement)) {
      drawnAccounts = rows;
      fill(boxes.accounts, accounts());
    }
  };
  drawSecond();
  drawLines();
  const forget = listen((what) => {
    if (paused) {
      return;
    }
    if (what === "second") {
      drawSecond();
    } else if (what === "lines" && !boxes.lines.contains(document.activeElement)) {
      drawLines();
    }
  });
  const pause = h("button.button.small", { type: "button", "aria-pressed": "false" }, t("live.pause"));
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? t("live.resume") : t("live.pause");
  });
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.live")), h("p.hint", {}, t("live.hint"))), pause),
    boxes.numbers,
    h("div.columns.even", {}, panel(t("live.tokens"), {}, boxes.tokens), panel(t("live.spend"), { hint: mainCurrency() }, boxes.spend)),
    panel(
      t("live.lines"),
      { actions: [iconButton("download", t("chart.csv"), () => save("taximeter-lines.csv", "text/csv", linesCsv()))] },
      boxes.lines,
    ),
    panel(t("live.accounts"), {}, boxes.accounts),
  );
  return { title: t("nav.live"), node, leave: forget };
}
