import { h } from "../dom.js";
import { t, code, language } from "../i18n.js";
import { get, path, write } from "../api.js";
import { badge, button, dialog, explainButton, figure, pages, panel, part, table, toast } from "../components.js";
import { day, instant, money, monthLabel, whole } from "../format.js";
import { go, link } from "../router.js";
import { heard } from "../freshness.js";
import { isCustomer, mayWrite, me } from "../session.js";
import { priced } from "../explain.js";
import { crumbs } from "./accounts.js";

const PAGE = 24;
const ALL = 1000;

export function page(place) {
  const chosen = isCustomer() ? me().account : place.query.account;
  const list = h("div");
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.bills")), h("p.hint", {}, t("bills.hint")))),
    isCustomer()
      ? panel(t("nav.bills"), {}, billList(chosen))
      : part(
          async () => {
            const answer = await get("/v1/accounts", { limit: ALL });
            // One that is named is shown or named unknown; another's bills are never shown for its.
            const named = chosen && !answer.items.some((one) => one.id === chosen) ? [await get(path("accounts", chosen))] : [];
            return { items: named.concat(answer.items) };
          },
          (answer) => {
            if (answer.items.length === 0) {
              return h("p.state", {}, t("live.noAccounts"));
            }
            const account = answer.items.find((one) => one.id === chosen) ?? answer.items[0];
            const select = h(
              "select",
              { id: "bills-account", onchange: (event) => go(link(["bills"], { account: event.target.value })) },
              answer.items.map((one) => h("option", { value: one.id, selected: one.id === account.id }, `${one.name} (${one.id})`)),
            );
            return panel(
              account.name,
              { hint: [account.timezone, account.plan].join(" · "), actions: [h("label.sr", { for: "bills-account" }, t("by.account")), select] },
              billList(account.id),
            );
          },
        ),
    list,
  );
  return { title: t("nav.bills"), node };
}

const STATUS = { preview: "plain", open: "warn", final: "good", void: "bad" };

export function billStatus(status) {
  return badge(code("bill", status), STATUS[status] ?? "plain", t(`bill.${status}.title`));
}

function documents(account, bill) {
  const address = (format) =>
    `${path("accounts", account, "bills", bill.period)}?format=${format}${bill.number ? `&number=${bill.number}` : ""}${format === "pdf" || format === "html" ? `&lang=${language() === "zh" ? "zh-CN" : "en"}` : ""}`;
  return h(
    "span.row-actions",
    {},
    ["pdf", "html", "csv"].map((format) =>
      h("a.button.small", { href: address(format), target: "_blank", rel: "noopener", "aria-label": `${format.toUpperCase()} ${bill.period}` }, format.toUpperCase()),
    ),
  );
}

export function billList(account) {
  const box = pages(
    (cursor) => get(path("accounts", account, "bills"), { limit: PAGE, cursor }).then(heard),
    (items, answer) =>
      table(
        [
          { head: t("bills.month"), rowHead: true, class: "tight", cell: (bill) => [h("a", { href: link(["accounts", account, "bills", bill.period], { number: bill.number }) }, monthLabel(bill.period)), bill.number ? h("span.sub", {}, t("bills.number", { n: bill.number })) : null] },
          { head: t("table.state"), class: "tight", cell: (bill) => billStatus(bill.status) },
          { head: t("table.requests"), number: true, cell: (bill) => whole(bill.requests) },
          { head: t("bills.total"), number: true, cell: (bill) => money(bill.total, answer.currency) },
          { head: t("bills.due"), number: true, cell: (bill) => money(bill.amountDue, answer.currency) },
          { head: "", number: true, cell: (bill) => documents(account, bill) },
        ],
        items,
        { file: `${account}-bills`, caption: t("nav.bills"), empty: t("bills.none") },
      ),
  );
  return box;
}

/** One month, as it is due. */
export function billPage(account, month, place) {
  const box = part(
    () => get(path("accounts", account, "bills", month), { number: place.query.number }).then(heard),
    (bill, again) => drawBill(account, month, bill, again),
  );
  return { title: `${account} ${month}`, node: h("div.page", {}, box) };
}

function drawBill(account, month, bill, again) {
  const money2 = (amount) => money(amount, bill.currency);
  return h(
    "div.stack",
    {},
    h(
      "div.page-head",
      {},
      h(
        "div",
        {},
        crumbs({ text: t("nav.accounts"), href: link(["accounts"]) }, { text: account, href: link(["accounts", account], { tab: "bills" }) }, { text: month }),
        h("h1", {}, monthLabel(month), " ", billStatus(bill.status)),
        h("p.hint", {}, t("bills.range", { from: instant(bill.from, bill.zone), to: instant(bill.to, bill.zone), zone: bill.zone })),
      ),
      h("div.controls", {}, documents(account, { period: month, number: bill.number }), mayWrite() && bill.status === "open" ? finaliseButton(account, month, bill, again) : null),
    ),
    h(
      "div.figures",
      {},
      figure(t("bills.total"), money2(bill.total), { explain: bill.status === "preview" || bill.status === "open" ? explainButton({ figure: "bill", account, month }) : null, detail: [h("span", {}, t("bills.exact")), money2(bill.exactTotal)] }),
      figure(t("bills.credits"), money2(bill.creditsTotal), { detail: h("span", {}, t("bills.creditsHint")) }),
      figure(t("bills.due"), money2(bill.amountDue), { detail: h("span", {}, t("explain.sequence", { n: whole(bill.covers?.sequenceTo ?? bill.asOf.sequence) })) }),
    ),
    bill.voided ? h("p.secret", {}, t("bills.voided", { at: instant(bill.voided.at), by: bill.voided.author, reason: bill.voided.reason })) : null,
    bill.unpriced > 0 ? h("p.secret", {}, t("bills.unpriced", { n: whole(bill.unpriced) })) : null,
    panel(t("bills.lines"), { hint: t("bills.requests", { n: whole(bill.requests) }) }, bill.lines.length === 0 ? h("p.state", {}, t("bills.noLines")) : [priced(bill.lines, bill.currency), tiers(bill)]),
    bill.lateLines.length > 0
      ? panel(t("bills.late"), { hint: t("bills.lateHint") }, table(
          [
            { head: t("table.model"), rowHead: true, cell: (line) => [line.model, h("span.sub", {}, code("class", line.tokenClass))] },
            { head: t("bills.month"), cell: (line) => line.period },
            { head: t("bills.completed"), cell: (line) => `${day(line.from, bill.zone)} – ${day(line.to, bill.zone)}` },
            { head: t("table.quantity"), number: true, cell: (line) => whole(line.quantity) },
            { head: t("table.amount"), number: true, cell: (line) => money2(line.amount) },
          ],
          bill.lateLines,
          { file: `${account}-${month}-late`, caption: t("bills.late") },
        ))
      : null,
    bill.charges.length > 0
      ? panel(t("bills.charges"), {}, table(
          [
            { head: t("table.time"), rowHead: true, cell: (charge) => instant(charge.at) },
            { head: t("table.kind"), cell: (charge) => [code("kind", charge.kind), h("span.sub.wrap", {}, charge.reason)] },
            { head: t("table.amount"), number: true, cell: (charge) => money2(charge.amount) },
          ],
          bill.charges,
          { file: `${account}-${month}-charges`, caption: t("bills.charges") },
        ))
      : null,
    bill.creditsApplied.length > 0
      ? panel(t("bills.credits"), { hint: t("bills.creditsHint") }, table(
          [
            { head: t("table.kind"), rowHead: true, cell: (credit) => [credit.kind ? code("kind", credit.kind) : t("credits.title"), h("span.sub.wrap", {}, credit.reason || credit.credit)] },
            { head: t("table.amount"), number: true, cell: (credit) => money2(credit.amount) },
          ],
          bill.creditsApplied,
          { file: `${account}-${month}-credits`, caption: t("bills.credits") },
        ))
      : null,
    bill.notes.length > 0
      ? panel(t("bills.notes"), {}, table(
          [
            { head: t("table.time"), rowHead: true, cell: (note) => instant(note.at) },
            { head: t("table.reason"), cell: (note) => h("span.wrap", {}, note.reason) },
            { head: t("table.by"), cell: (note) => note.author },
            { head: t("table.amount"), number: true, cell: (note) => money2(note.amount) },
          ],
          bill.notes,
          { file: `${account}-${month}-notes`, caption: t("bills.notes") },
        ))
      : null,
    bill.status === "final" || bill.status === "void"
      ? panel(t("bills.proof"), {}, h("dl.facts", {}, fact(t("bills.finalised"), `${instant(bill.finalizedAt)} · ${bill.finalizedBy ?? ""}`), fact(t("bills.hash"), h("span.mono.wrap", {}, bill.contentHash)), bill.covers ? fact(t("bills.covers"), t("bills.coversText", { to: whole(bill.covers.sequenceTo), lines: whole(bill.covers.lines) })) : null))
      : null,
  );
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

function tiers(bill) {
  const tiered = bill.lines.filter((line) => line.tiers);
  return tiered.length === 0
    ? null
    : h(
        "div.body",
        {},
        h("h3", {}, t("bills.tiers")),
        tiered.map((line) =>
          h(
            "div.boxed",
            {},
            table(
              [
                { head: `${line.model === "*" ? t("price.allModels") : line.model} · ${code("class", line.tokenClass)}`, rowHead: true, cell: (tier) => (tier.upTo === undefined ? t("price.above", { n: whole(tier.above) }) : t("price.upTo", { n: whole(tier.upTo) })) },
                { head: t("table.quantity"), number: true, cell: (tier) => whole(tier.quantity) },
                { head: t("table.price"), number: true, cell: (tier) => [money(tier.unitPrice.amount, "", { bare: true }), h("span.sub", {}, t("price.per", { n: whole(tier.unitPrice.per) }))] },
                { head: t("table.amount"), number: true, cell: (tier) => money(tier.amount, bill.currency) },
              ],
              line.tiers,
              { caption: t("bills.tiers") },
            ),
          ),
        ),
      );
}

function finaliseButton(account, month, bill, again) {
  return button(
    t("bills.finalise"),
    () =>
      dialog(t("bills.finaliseTitle", { month: monthLabel(month) }), {
        submit: t("bills.finalise"),
        body: [h("p", {}, t("bills.finaliseText")), h("dl.facts", {}, fact(t("by.account"), account), fact(t("bills.total"), money(bill.total, bill.currency)), fact(t("bills.due"), money(bill.amountDue, bill.currency)))],
        send: async () => {
          await write("POST", path("accounts", account, "bills", month, "finalize"));
          toast(t("bills.finalisedToast", { month: monthLabel(month) }));
          again();
        },
      }),
    { kind: "primary" },
  );
}
