import { h, fill } from "../dom.js";
import { t } from "../i18n.js";
import { get, getTagged, path, write, Problem } from "../api.js";
import { badge, button, dialog, failure, pages, panel, part, table, toast } from "../components.js";
import { exact, instant, whole } from "../format.js";
import { link } from "../router.js";
import { mayWrite } from "../session.js";
import { crumbs } from "./accounts.js";

const ALL = 1000;
const KINDS = ["price-books", "cost-books", "plans"];
const HISTORY = { "price-books": "priceBook", "cost-books": "priceBook", plans: "plan" };

export function page(place) {
  const kind = KINDS.includes(place.parts[1]) ? place.parts[1] : "price-books";
  return place.parts[2] ? resourcePage(kind, place.parts[2]) : listPage(kind);
}

function tabs(kind) {
  return h(
    "nav.tabs",
    { "aria-label": t("nav.catalogue") },
    KINDS.map((name) => h("a", { href: link(["catalogue", name]), "aria-current": name === kind ? "page" : null }, t(`catalogue.${name}`))),
  );
}

function listPage(kind) {
  const books = kind !== "plans";
  const list = pages(
    (cursor) => get(`/v1/${kind}`, { limit: 100, cursor }),
    (items) =>
      table(
        books
          ? [
              { head: t("table.name"), rowHead: true, cell: (book) => h("a", { href: link(["catalogue", kind, book.id]) }, book.id) },
              { head: t("overview.currency"), cell: (book) => book.currency },
              { head: t("catalogue.entries"), number: true, cell: (book) => whole(book.entries) },
              { head: t("table.version"), number: true, cell: (book) => whole(book.version) },
            ]
          : [
              { head: t("table.name"), rowHead: true, cell: (plan) => h("a", { href: link(["catalogue", kind, plan.id]) }, plan.id) },
              { head: t("catalogue.priceBook"), cell: (plan) => h("a", { href: link(["catalogue", "price-books", plan.priceBook]) }, plan.priceBook) },
              { head: t("catalogue.perRequest"), number: true, cell: (plan) => (plan.perRequest ? exact(plan.perRequest) : null) },
              { head: t("catalogue.discount"), number: true, cell: (plan) => (plan.discountPercent ? `${plan.discountPercent} %` : null) },
              { head: t("catalogue.markup"), number: true, cell: (plan) => (plan.markupPercent ? `${plan.markupPercent} %` : null) },
              { head: t("table.version"), number: true, cell: (plan) => whole(plan.version) },
            ],
        items,
        { caption: t(`catalogue.${kind}`), empty: t("catalogue.none") },
      ),
  );
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.catalogue")), h("p.hint", {}, t("catalogue.hint")))),
    tabs(kind),
    h("section.panel", { "aria-label": t(`catalogue.${kind}`) }, list),
  );
  return { title: t("nav.catalogue"), node };
}

function resourcePage(kind, id) {
  const address = path(kind, id);
  const content = part(() => getTagged(address), ({ json, etag }, again) => (kind === "plans" ? plan(json, etag, address, both) : book(kind, json, etag, address, both)));
  const history = pages(
    (cursor) => get("/v1/catalog/history", { id: `${HISTORY[kind]}/${id}`, limit: 20, cursor }),
    (items, answer) =>
      table(
        [
          { head: t("table.version"), rowHead: true, cell: (one) => whole(one.version) },
          { head: t("table.time"), class: "tight", cell: (one) => instant(one.at) },
          { head: t("table.by"), cell: (one) => one.author },
          { head: t("table.reason"), cell: (one) => h("span.wrap", {}, one.reason) },
          { head: "", number: true, cell: (one) => (one === items.at(-1) && answer.next ? null : button(t("catalogue.difference"), () => showDifference(one, items[items.indexOf(one) + 1]), { kind: "small" })) },
        ],
        items,
        { caption: t("catalogue.history"), empty: t("catalogue.noHistory") },
      ),
  );
  function both() {
    content.refresh();
    // A change appears in history a moment after it was made.
    setTimeout(history.refresh, 2500);
  }
  const node = h("div.page", {}, h("div", {}, crumbs({ text: t("nav.catalogue"), href: link(["catalogue", kind]) }, { text: id }), h("h1", {}, id)), content, panel(t("catalogue.history"), { hint: t("catalogue.historyHint") }, history));
  return { title: id, node };
}

const CLASSES = ["input", "cachedInput", "cacheWrite", "output", "reasoning"];

/** How an entry charges beyond a price for a million tokens. */
function special(entry) {
  return ["graduated", "volume", "package", "free", "contextTiers", "perRequest"].filter((name) => {
    const value = entry[name];
    return value !== undefined && value !== null && (typeof value !== "object" || Object.keys(value).length > 0);
  });
}

function price(entry, name) {
  if (entry.perMillion?.[name] !== undefined) {
    return exact(entry.perMillion[name]);
  }
  const tiers = entry.graduated?.[name] ?? entry.volume?.[name];
  return tiers
    ? tiers.map((tier) => h("span.sub", {}, tier.upTo === undefined ? t("price.rest") : t("price.upTo", { n: whole(tier.upTo) }), " ", exact(tier.perMillion)))
    : null;
}

function book(kind, json, etag, address, done) {
  const now = Date.now();
  return panel(
    t("catalogue.prices"),
    {
      hint: t("catalogue.pricesHint", { currency: json.currency }),
      actions: mayWrite() ? [button(t("catalogue.edit"), () => edit(json, etag, address, done), { kind: "primary" })] : [],
    },
    table(
      [
        { head: t("by.model"), rowHead: true, cell: (entry) => [h("span.mono", {}, entry.model), special(entry).length > 0 ? h("span.sub", {}, special(entry).map((name) => [badge(t(`price.${name}`)), " "])) : null] },
        ...CLASSES.map((name) => ({ head: t(`class.${name}`), number: true, cell: (entry) => price(entry, name) })),
        {
          head: t("catalogue.from"),
          class: "tight",
          cell: (entry) => [instant(entry.effectiveFrom).slice(0, 16), Date.parse(entry.effectiveFrom) > now ? h("span.sub", {}, badge(t("catalogue.planned"), "warn")) : null],
        },
      ],
      json.prices,
      { caption: t("catalogue.prices"), empty: t("catalogue.none") },
    ),
  );
}

function plan(json, etag, address, done) {
  const versions = json.versions?.length > 0 ? json.versions : [json];
  return panel(
    t("catalogue.terms"),
    { actions: mayWrite() ? [button(t("catalogue.edit"), () => edit(json, etag, address, done), { kind: "primary" })] : [] },
    table(
      [
        { head: t("catalogue.from"), rowHead: true, class: "tight", cell: (one) => (one.effectiveFrom ? instant(one.effectiveFrom).slice(0, 16) : t("catalogue.always")) },
        { head: t("catalogue.priceBook"), cell: (one) => h("a", { href: link(["catalogue", "price-books", one.priceBook]) }, one.priceBook) },
        { head: t("catalogue.costBook"), cell: (one) => (one.costBook ? h("a", { href: link(["catalogue", "cost-books", one.costBook]) }, one.costBook) : null) },
        { head: t("catalogue.perRequest"), number: true, cell: (one) => (one.perRequest ? exact(one.perRequest) : null) },
        { head: t("catalogue.discount"), number: true, cell: (one) => (one.discountPercent ? `${one.discountPercent} %` : null) },
        { head: t("catalogue.markup"), number: true, cell: (one) => (one.markupPercent ? `${one.markupPercent} %` : null) },
      ],
      versions,
      { caption: t("catalogue.terms") },
    ),
  );
}

/** Pairs of lines; more would take a tab's memory. */
const MOST_COMPARED = 4_000_000;

/** Lines that differ; enough for catalogues, whose lines are short and mostly the same. */
export function difference(before, after) {
  let a = before.split("\n");
  let b = after.split("\n");
  // Long books differ in few places: what they begin and end with alike is not compared.
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) {
    head++;
  }
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) {
    tail++;
  }
  const same = (lines) => lines.map((text) => ({ kind: "same", text }));
  const first = same(a.slice(0, head));
  const last = same(a.slice(a.length - tail));
  a = a.slice(head, a.length - tail);
  b = b.slice(head, b.length - tail);
  if (a.length * b.length > MOST_COMPARED) {
    const whole = (lines, kind) => lines.map((text) => ({ kind, text }));
    return [...first, ...whole(a, "removed"), ...whole(b, "added"), ...last];
  }
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i++] });
      j++;
    } else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      lines.push({ kind: "removed", text: a[i++] });
    } else {
      lines.push({ kind: "added", text: b[j++] });
    }
  }
  return [...first, ...lines, ...last];
}

function differenceView(before, after) {
  const lines = difference(before, after);
  const sign = { same: "  ", removed: "− ", added: "+ " };
  const near = lines.map((line, index) => lines.slice(Math.max(0, index - 2), index + 3).some((one) => one.kind !== "same"));
  return lines.every((line) => line.kind === "same")
    ? h("p.quiet", {}, t("catalogue.same"))
    : h("pre.difference", { tabindex: "0", "aria-label": t("catalogue.difference") }, lines.map((line, index) => (near[index] ? h(`span.${line.kind}`, {}, sign[line.kind] + line.text) : null)));
}

function pretty(value) {
  return JSON.stringify(value, null, 2);
}

function showDifference(now, before) {
  dialog(t("catalogue.versionOf", { n: whole(now.version) }), { wide: true, body: [differenceView(before ? pretty(before.resource) : "", pretty(now.resource))] });
}

/** Without what the server says of it and passes over when it is sent back. */
function writable({ version, prices, ...rest }) {
  return prices ? { ...rest, prices: prices.map(({ priceVersion, ...entry }) => entry) } : rest;
}

/** Two steps: change it, then see what changes and say why. Written only over what was read. */
function edit(json, etag, address, done) {
  const before = pretty(writable(json));
  dialog(t("catalogue.editTitle", { id: json.id }), {
    wide: true,
    submit: t("catalogue.review"),
    body: [h("p.quiet", {}, t("catalogue.editText"))],
    fields: [{ name: "text", label: t("catalogue.json"), rows: 18, value: before }],
    send: async (values) => {
      let changed;
      try {
        changed = JSON.parse(values.text);
      } catch (error) {
        throw new Problem(400, { detail: t("catalogue.noJson", { message: error.message }) });
      }
      const box = h("div.stack");
      review(box, before, changed, etag, address, done);
      return box;
    },
  });
}

function review(box, before, changed, etag, address, done) {
  const error = h("div", { role: "alert" });
  const reason = h("input", { id: "edit-reason", type: "text", maxlength: 500 });
  const same = pretty(changed) === before;
  const write1 = button(
    t("catalogue.write"),
    async () => {
      write1.disabled = true;
      fill(error);
      try {
        await write("PUT", `${address}${reason.value ? `?reason=${encodeURIComponent(reason.value)}` : ""}`, changed, { "If-Match": etag });
        toast(t("catalogue.written"));
        box.closest("dialog").close();
        done();
      } catch (problem) {
        fill(error, problem.type === "outdated" ? h("p.secret", {}, t("catalogue.outdated")) : failure(problem));
        write1.disabled = false;
      }
    },
    { kind: "primary", disabled: same },
  );
  fill(box, h("h3", {}, t("catalogue.difference")), differenceView(before, pretty(changed)), h("div.field", {}, h("label", { for: "edit-reason" }, t("table.reason")), reason, h("p.hint", {}, t("reason.kept"))), error, h("div", {}, write1));
}
