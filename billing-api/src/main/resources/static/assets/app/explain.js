/** Where a number comes from: formula, prices, lines of the log, and the same as curl and as SQL. */

import { h, fill } from "./dom.js";
import { t, code } from "./i18n.js";
import { address, get } from "./api.js";
import { badge, button, copyable, failure, iconButton, loading, table } from "./components.js";
import { exact, instant, money, whole } from "./format.js";
import { heard } from "./freshness.js";

const LINES = 20;

let open = null;

export function openExplanation(question) {
  open?.close();
  const opener = document.activeElement;
  const body = h("div.drawer-body", {}, loading());
  const drawer = h(
    "dialog.drawer",
    { "aria-labelledby": "drawer-title" },
    h("header", {}, h("h2", { id: "drawer-title" }, t("explain.title")), iconButton("close", t("dialog.close"), () => drawer.close())),
    body,
  );
  drawer.addEventListener("close", () => {
    drawer.remove();
    open = null;
    opener?.focus?.();
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer) {
      drawer.close();
    }
  });
  document.body.append(drawer);
  drawer.showModal();
  open = drawer;
  const read = async () => {
    fill(body, loading());
    try {
      if (question.figure === "sum") {
        fill(body, parts(question));
      } else {
        fill(body, explained(heard(await get("/v1/explain", { ...question, limit: LINES })), question));
      }
    } catch (error) {
      fill(body, failure(error, read));
    }
  };
  read();
}

function curl(path) {
  return `curl -H "Authorization: Bearer $TAXIMETER_TOKEN" \\\n  '${location.origin}${path}'`;
}

/** A sum over accounts has no price of its own: it is what its accounts come to. */
function parts({ path, label, value, rows }) {
  return [
    h("div", {}, h("p.quiet", {}, label), h("p.big", {}, value)),
    h("p", {}, t("explain.sum")),
    h("div.boxed", {}, table(
      [
        { head: t("explain.part"), cell: (row) => row.name, rowHead: true },
        { head: t("table.amount"), cell: (row) => row.value, number: true },
        {
          head: "",
          number: true,
          cell: (row) => (row.question ? button(t("explain.button"), () => openExplanation(row.question), { kind: "small" }) : null),
        },
      ],
      rows,
      { file: null, caption: t("explain.part") },
    )),
    h("div", {}, h("h3", {}, "curl"), copyable(curl(path), "curl")),
  ];
}

function explained(answer, question) {
  const zone = undefined;
  return [
    h(
      "div",
      {},
      h("p.quiet", {}, t(`explain.figure.${question.figure}`), " · ", answer.account, answer.period ? ` · ${answer.period}` : ""),
      h("p.big", {}, money(answer.value, answer.currency)),
      h(
        "p",
        {},
        answer.agrees ? badge(t("explain.agrees"), "good") : badge(t("explain.disagrees"), "warn"),
        " ",
        h("span.quiet", {}, t("explain.sequence", { n: whole(answer.sequence) })),
      ),
      answer.from ? h("p.quiet", {}, t("explain.range", { from: instant(answer.from, zone), to: instant(answer.to, zone) })) : null,
    ),
    h("div", {}, h("h3", {}, t("explain.formula")), h("p.formula", {}, answer.formula)),
    answer.terms?.length > 0
      ? h("div", {}, h("h3", {}, t("explain.terms")), h("div.boxed", {}, table(
          [
            { head: t("explain.part"), cell: (term) => code("term", term.name), rowHead: true },
            { head: t("table.amount"), cell: (term) => money(term.amount, answer.currency), number: true },
          ],
          answer.terms,
          { file: null, caption: t("explain.terms") },
        )))
      : null,
    answer.lines.length > 0 ? h("div", {}, h("h3", {}, t("explain.prices")), h("div.boxed", {}, priced(answer.lines, answer.currency))) : null,
    h("div", {}, h("h3", {}, t("explain.lines")), h("p.hint", {}, t("explain.linesHint")), h("div.boxed", {}, evidence(answer.evidence.items, answer.currency))),
    h("div", {}, h("h3", {}, "curl"), copyable(curl(address("/v1/explain", question)), "curl")),
    h("div", {}, h("h3", {}, "SQL"), copyable(answer.sql, "SQL")),
  ];
}

/** Lines of a bill, each with the price version that made it. */
export function priced(lines, currency) {
  return table(
    [
      {
        head: t("table.model"),
        rowHead: true,
        cell: (line) => [line.tokenClass === "request" ? t("class.request") : line.model === "*" ? t("price.allModels") : line.model, h("span.sub", {}, line.tokenClass === "request" ? "" : code("class", line.tokenClass))],
      },
      { head: t("table.quantity"), number: true, cell: (line) => whole(line.quantity) },
      {
        head: t("table.price"),
        number: true,
        cell: (line) =>
          line.unitPrice
            ? [exact(line.unitPrice.amount), h("span.sub", {}, t("price.per", { n: whole(line.unitPrice.per) }))]
            : line.tiers
              ? t("price.tiers", { n: line.tiers.length })
              : null,
      },
      { head: t("table.amount"), number: true, cell: (line) => money(line.amount, currency) },
      { head: t("table.version"), cell: (line) => h("span.mono.wrap", { title: line.formula }, line.priceVersion) },
    ],
    lines,
    { file: "taximeter-prices", caption: t("explain.prices") },
  );
}

/** Lines of the log behind a number. */
export function evidence(lines, currency) {
  return table(
    [
      { head: t("table.time"), class: "tight", rowHead: true, cell: (line) => [instant(line.completion), h("span.sub", {}, `${line.key}${line.masked ? ` ${line.masked}` : ""}`)] },
      { head: t("table.model"), cell: (line) => [line.model, flags(line.flags)] },
      { head: t("table.tokens"), number: true, cell: (line) => [whole(line.inputTokens + line.outputTokens), h("span.sub", {}, `${whole(line.inputTokens)} + ${whole(line.outputTokens)}`)] },
      { head: t("table.cost"), number: true, cell: (line) => money(line.cost, currency) },
      { head: t("table.source"), cell: (line) => h("span.mono.wrap", { title: `${line.host}:${line.path}` }, `${line.path.split("/").pop()}@${line.offset}`) },
    ],
    lines,
    { file: "taximeter-requests", caption: t("explain.lines"), empty: t("explain.noLines") },
  );
}

export function flags(names) {
  return names.length > 0 ? h("span.sub", {}, names.map((name) => [badge(code("flag", name), "warn"), " "])) : null;
}
