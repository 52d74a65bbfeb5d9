import { h, fill, icon } from "../dom.js";
import { t, code } from "../i18n.js";
import { get, getCsv, idempotencyKey, path, write } from "../api.js";
import { badge, button, copyable, csv, dialog, emptyState, explainButton, failure, figure, iconButton, pages, panel, part, save, table, toast } from "../components.js";
import { day, exact, instant, money, whole } from "../format.js";
import { go, link, withQuery } from "../router.js";
import { heard } from "../freshness.js";
import { isCustomer, mayAdminister, mayWrite, mayWriteKeys, me } from "../session.js";
import { evidence } from "../explain.js";
import { quotas, refreshing, runway, settings, spanChoice, usage } from "./overview.js";
import { billList, billPage } from "./bills.js";

const PAGE = 50;
const ALL = 1000;

export function page(place) {
  const [, account, kind, id] = place.parts;
  if (!account) {
    return isCustomer() ? accountPage(me().account, place) : listPage(place);
  }
  if (kind === "keys" && id) {
    return keyPage(account, id, place);
  }
  if (kind === "bills" && id) {
    return billPage(account, id, place);
  }
  return accountPage(account, place);
}

/** All accounts, those that run out first at the top. */
function listPage(place) {
  const search = h("input.search", { type: "search", placeholder: t("accounts.search"), "aria-label": t("accounts.search"), value: place.query.q ?? "" });
  const list = part(
    async () => heard(await get("/v1/standing/balances", { limit: ALL })),
    (answer) => {
      const box = h("div");
      let most = PAGE;
      const show = () => {
        const wanted = search.value.trim().toLowerCase();
        const found = answer.items.filter((one) => !wanted || `${one.account} ${one.name}`.toLowerCase().includes(wanted));
        fill(
          box,
          table(
            [
              { head: t("by.account"), rowHead: true, cell: (one) => [h("a", { href: link(["accounts", one.account]) }, one.name), h("span.sub", {}, one.account)] },
              { head: t("table.billing"), class: "tight", cell: (one) => code("billing", one.billing) },
              { head: t("table.requests"), number: true, cell: (one) => whole(one.sequence) },
              { head: t("accounts.week"), number: true, cell: (one) => money(one.spentLately, one.currency) },
              { head: t("balance.left"), number: true, cell: (one) => [money(one.balance, one.currency), explainButton({ figure: "balance", account: one.account })] },
              { head: t("balance.runway"), number: true, cell: (one) => runway(one) },
            ],
            found.slice(0, most),
            { file: null, caption: t("nav.accounts"), empty: wanted ? t("accounts.notFound") : t("live.noAccounts") },
          ),
          found.length > most
            ? h("p.more", {}, button(t("table.more"), () => { most += PAGE; show(); }), h("span.hint", {}, t("table.of", { n: whole(most), all: whole(found.length) })))
            : null,
          answer.accounts > answer.items.length ? h("p.hint.body", {}, t("accounts.first", { n: whole(answer.items.length), all: whole(answer.accounts) })) : null,
        );
      };
      show();
      search.oninput = () => {
        most = PAGE;
        history.replaceState(null, "", withQuery({ q: search.value.trim() || null }));
        show();
      };
      box.items = answer.items;
      return box;
    },
  );
  const download = iconButton("download", t("chart.csv"), async () => {
    const answer = await get("/v1/standing/balances", { limit: ALL });
    save(
      "taximeter-accounts.csv",
      "text/csv",
      csv([
        ["account", "name", "billing", "currency", "requests", "spent", "spentLast7Days", "balance", "runwayDays"],
        ...answer.items.map((one) => [one.account, one.name, one.billing, one.currency, one.sequence, one.spent, one.spentLately, one.balance, one.runwayDays]),
      ]),
    );
  });
  const node = h(
    "div.page",
    {},
    h(
      "div.page-head",
      {},
      h("div", {}, h("h1", {}, t("nav.accounts")), h("p.hint", {}, t("accounts.hint"))),
      mayWrite() ? button(t("accounts.new"), () => newAccount(), { kind: "primary" }) : null,
    ),
    h("section.panel", { "aria-label": t("nav.accounts") }, h("div.toolbar", {}, search, download), list),
  );
  return { title: t("nav.accounts"), node };
}

async function newAccount() {
  let plans = [];
  try {
    plans = (await get("/v1/plans", { limit: ALL })).items;
  } catch {
    // The server says what is wrong with the plan.
  }
  dialog(t("accounts.new"), {
    submit: t("accounts.create"),
    fields: [
      { name: "id", label: t("accounts.id"), hint: t("accounts.idHint"), required: true, maxlength: 64 },
      { name: "name", label: t("table.name"), required: true },
      { name: "currency", label: t("overview.currency"), value: "USD", maxlength: 3 },
      { name: "timezone", label: t("accounts.zone"), value: Intl.DateTimeFormat().resolvedOptions().timeZone },
      { name: "plan", label: t("accounts.plan"), options: plans.map((plan) => ({ value: plan.id, text: plan.id })) },
      { name: "billing", label: t("table.billing"), value: "postpaid", options: ["postpaid", "prepaid"].map((value) => ({ value, text: code("billing", value) })) },
    ],
    send: async (values) => {
      await write("POST", "/v1/accounts", values);
      toast(t("accounts.created", { name: values.name }));
      go(link(["accounts", values.id]));
    },
  });
}

export function crumbs(...steps) {
  return h(
    "nav.crumbs",
    { "aria-label": t("nav.crumbs") },
    steps.flatMap((step, index) => [index > 0 ? icon("right") : null, step.href ? h("a", { href: step.href }, step.text) : h("span", { "aria-current": "page" }, step.text)]),
  );
}

const TABS = ["usage", "keys", "bills", "ledger"];

function accountPage(account, place) {
  const tab = TABS.includes(place.query.tab) ? place.query.tab : "usage";
  const chosen = settings(place.query, { account, team: place.query.team, model: place.query.model });
  if (chosen.by === "account") {
    chosen.by = "key";
  }
  const tabs = h(
    "nav.tabs",
    { "aria-label": t("account.parts") },
    TABS.map((name) => h("a", { href: link(["accounts", account], { tab: name, span: place.query.span }), "aria-current": name === tab ? "page" : null }, t(`account.${name}`))),
  );
  const content = h("div.stack");
  let leave = null;
  const head = part(
    async () => {
      const [details, standing] = await Promise.all([get(path("accounts", account)), get("/v1/standing/balances", { account })]);
      return { details, standing: heard(standing).items[0] };
    },
    ({ details, standing }) => accountHead(details, standing, chosen, tab, redraw),
  );
  function redraw() {
    head.refresh();
    [...content.querySelectorAll(".part")].forEach((one) => one.refresh?.());
    content.querySelectorAll("[data-pages]").forEach((one) => one.pages?.refresh());
  }
  if (tab === "usage") {
    const parts = [usage(chosen, { groupsOf: chosen.model ? ["team", "key"] : ["key", "team", "model"] }), quotas(account)];
    fill(
      content,
      chosen.model || chosen.team
        ? h("p.hint", {}, t("account.only", { what: [chosen.team, chosen.model].filter(Boolean).join(" · ") }), " ", h("a", { href: withQuery({ model: null, team: null, by: null }) }, t("account.all")))
        : null,
      parts[0],
      chosen.team ? null : requests(chosen),
      panel(t("quota.title"), { hint: t("quota.hint") }, parts[1]),
    );
    leave = refreshing([parts[0]]);
  } else if (tab === "keys") {
    fill(content, keysPanel(account, redraw));
  } else if (tab === "bills") {
    fill(content, panel(t("nav.bills"), { hint: t("bills.hint") }, billList(account)));
  } else {
    fill(content, creditsPanel(account), ledgerPanel(account));
  }
  const node = h("div.page", {}, head, tabs, content);
  return { title: account, node, leave };
}

function accountHead(details, standing, chosen, tab, redraw) {
  return h(
    "div.stack",
    {},
    h(
      "div.page-head",
      {},
      h(
        "div",
        {},
        isCustomer() ? null : crumbs({ text: t("nav.accounts"), href: link(["accounts"]) }, { text: details.id }),
        h("h1", {}, details.name, " ", details.status === "active" ? null : badge(code("status", details.status), "warn")),
        h("p.hint", {}, [details.timezone, details.plan, code("billing", details.billing)].join(" · ")),
      ),
      h(
        "div.controls",
        {},
        tab === "usage" ? spanChoice(chosen) : null,
        mayAdminister() ? button(t("account.invite"), () => invite(details)) : null,
        mayWrite() ? button(t("account.topUp"), () => topUp(details, redraw), { kind: "primary" }) : null,
      ),
    ),
    standing
      ? h(
          "div.figures",
          {},
          figure(t("balance.left"), money(standing.balance, standing.currency), { explain: explainButton({ figure: "balance", account: details.id }), detail: h("span", {}, t("explain.sequence", { n: whole(standing.sequence) })) }),
          figure(t("table.spent"), money(standing.spent, standing.currency), { detail: h("span", {}, t("account.sinceStart")) }),
          figure(t("balance.runway"), runway(standing), { detail: h("span", {}, t("balance.pace"), " ", money(standing.spentLately, standing.currency)) }),
        )
      : null,
  );
}

function topUp(details, done) {
  const order = idempotencyKey();
  dialog(t("account.topUpTitle", { name: details.name }), {
    submit: t("account.topUp"),
    fields: [
      { name: "amount", label: t("account.amount", { currency: details.currency }), inputmode: "decimal", required: true },
      { name: "kind", label: t("table.kind"), value: "top-up", options: ["top-up", "grant"].map((value) => ({ value, text: code("kind", value) })) },
      { name: "reason", label: t("table.reason"), hint: t("reason.kept") },
    ],
    send: async (values) => {
      await write("POST", path("accounts", details.id, "credits"), { amount: values.amount.trim(), kind: values.kind, reason: values.reason }, { "Idempotency-Key": order });
      toast(t("account.toppedUp", { amount: `${exact(values.amount.trim())} ${details.currency}` }));
      done();
    },
  });
}

/** A token of the one account, and a link that signs its browser in once. */
function invite(details) {
  dialog(t("account.inviteTitle", { name: details.name }), {
    submit: t("account.inviteMake"),
    body: [h("p.quiet", {}, t("account.inviteText"))],
    fields: [
      { name: "name", label: t("account.tokenName"), value: `${details.id}-portal`, required: true, maxlength: 64 },
      { name: "role", label: t("table.role"), value: "viewer", options: ["viewer", "billing"].map((value) => ({ value, text: t(`role.customer.${value}`) })) },
    ],
    send: async (values) => {
      const token = await write("POST", "/v1/tokens", { name: values.name, role: values.role, account: details.id });
      const code = await write("POST", "/v1/sign-in-codes", undefined, { Authorization: `Bearer ${token.secret}` });
      return h(
        "div.stack",
        {},
        h("p.secret", {}, t("secret.once")),
        h("div", {}, h("h3", {}, t("account.link")), copyable(code.url, t("account.link")), h("p.hint", {}, t("account.linkHint"))),
        h("div", {}, h("h3", {}, t("account.token")), copyable(token.secret, t("account.token"))),
      );
    },
  });
}

function keyState(key) {
  if (key.replacedBy) {
    return badge(t("key.replaced"));
  }
  if (key.expiresAt && new Date(key.expiresAt) <= new Date()) {
    return badge(t("key.expired"), "bad");
  }
  return key.expiresAt ? badge(t("key.expires", { day: day(key.expiresAt) }), "warn") : badge(t("key.active"), "good");
}

function keysPanel(account, redraw) {
  const list = pages(
    (cursor) => get(path("accounts", account, "keys"), { limit: PAGE, cursor }),
    (items, answer, again) =>
      table(
        [
          { head: t("by.key"), rowHead: true, cell: (key) => [h("a", { href: link(["accounts", account, "keys", key.name]) }, key.name), h("span.sub", {}, key.masked)] },
          { head: t("table.state"), class: "tight", cell: keyState },
          { head: t("by.team"), cell: (key) => key.team },
          { head: t("key.fingerprint"), cell: (key) => h("span.mono", { title: key.fingerprint }, `${key.fingerprint.slice(0, 12)}…`) },
          { head: "", number: true, cell: (key) => (mayWriteKeys() && !key.replacedBy ? keyActions(account, key, again) : null) },
        ],
        items,
        { file: `${account}-keys`, caption: t("account.keys"), empty: t("key.none") },
      ),
  );
  return panel(
    t("account.keys"),
    {
      hint: t("key.hint"),
      actions: mayWriteKeys() ? [button(t("key.create"), () => createKey(account, list.refresh), { kind: "primary" })] : [],
    },
    list,
  );
}

function secretShown(key) {
  return h("div.stack", {}, h("p.secret", {}, t("secret.once")), copyable(key.secret, t("key.secret")), h("p.hint", {}, t("key.secretHint")));
}

function createKey(account, done) {
  const order = idempotencyKey();
  dialog(t("key.create"), {
    submit: t("key.create"),
    fields: [{ name: "name", label: t("key.name"), hint: t("key.nameHint"), required: true, maxlength: 64 }],
    send: async (values) => {
      const key = await write("POST", path("accounts", account, "keys"), { name: values.name.trim() }, { "Idempotency-Key": order });
      done();
      return key.secret ? secretShown(key) : null;
    },
  });
}

function keyActions(account, key, done) {
  const address = (...rest) => path("accounts", account, "keys", key.name, ...rest);
  return h(
    "span.row-actions",
    {},
    button(t("key.rotate"), () => {
      const order = idempotencyKey();
      dialog(t("key.rotateTitle", { name: key.name }), {
        submit: t("key.rotate"),
        body: [h("p.quiet", {}, t("key.rotateText"))],
        fields: [{ name: "until", label: t("key.oldUntil"), type: "datetime-local", hint: t("key.oldUntilHint") }],
        send: async (values) => {
          const made = await write("POST", address("rotation"), values.until ? { oldExpiresAt: new Date(values.until).toISOString() } : {}, { "Idempotency-Key": order });
          done();
          return made.secret ? secretShown(made) : null;
        },
      });
    }, { kind: "small" }),
    button(t("key.expire"), () =>
      dialog(t("key.expireTitle", { name: key.name }), {
        submit: t("key.expire"),
        fields: [{ name: "at", label: t("key.expiresAt"), type: "datetime-local", required: true }],
        send: async (values) => {
          if (!values.at) {
            throw new Error(t("key.expiresAt"));
          }
          await write("PATCH", address(), { expiresAt: new Date(values.at).toISOString() });
          toast(t("key.changed", { name: key.name }));
          done();
        },
      }), { kind: "small" }),
    button(t("key.revoke"), () =>
      dialog(t("key.revokeTitle", { name: key.name }), {
        submit: t("key.revoke"),
        kind: "danger",
        body: [h("p", {}, t("key.revokeText"))],
        send: async () => {
          await write("POST", address("revocation"), {});
          toast(t("key.revoked", { name: key.name }));
          done();
        },
      }), { kind: "danger small" }),
  );
}

/** One key: its usage by model, and its requests. */
function keyPage(account, name, place) {
  const chosen = settings(place.query, { account, key: name, model: place.query.model });
  chosen.by = "model";
  const parts = [usage(chosen, { groupsOf: chosen.model ? [] : ["model"] })];
  const actions = mayWriteKeys()
    ? part(
        () => get(path("accounts", account, "keys", name)),
        (key, again) => (key.replacedBy ? h("span") : h("div.controls", {}, keyState(key), keyActions(account, key, again))),
      )
    : null;
  const node = h(
    "div.page",
    {},
    h(
      "div.page-head",
      {},
      h(
        "div",
        {},
        crumbs({ text: t("nav.accounts"), href: link(["accounts"]) }, { text: account, href: link(["accounts", account], { span: place.query.span }) }, { text: name, href: chosen.model ? link(["accounts", account, "keys", name], { span: place.query.span }) : null }, ...(chosen.model ? [{ text: chosen.model }] : [])),
        h("h1", {}, chosen.model ?? name),
      ),
      spanChoice(chosen),
    ),
    actions,
    parts[0],
    requests(chosen),
  );
  return { title: name, node, leave: refreshing(parts) };
}

/** The requests behind what is shown, newest last, page by page. */
function requests(chosen) {
  const box = h("div", {}, emptyState(t("requests.hint"), button(t("requests.show"), show)));
  async function show() {
    let range;
    try {
      range = await get("/v1/overview", { span: chosen.span, account: chosen.account, limit: 1 });
    } catch (error) {
      fill(box, failure(error, show));
      return;
    }
    fill(
      box,
      pages(
        async (cursor) => {
          const answer = heard(
            await get("/v1/explain", { figure: "usage", account: chosen.account, key: chosen.key, model: chosen.model, from: range.from, limit: PAGE, cursor }),
          );
          return { ...answer.evidence, currency: answer.currency };
        },
        (items, answer) => evidence(items, answer.currency),
      ),
    );
  }
  return panel(t("requests.title"), { hint: t("explain.linesHint") }, box);
}

function creditsPanel(account) {
  return panel(
    t("credits.title"),
    { hint: t("credits.hint") },
    pages(
      (cursor) => get(path("accounts", account, "credits"), { limit: PAGE, cursor }),
      (items, answer) =>
        table(
          [
            { head: t("table.kind"), rowHead: true, cell: (one) => [code("kind", one.kind), h("span.sub.wrap", {}, one.reason)] },
            { head: t("table.amount"), number: true, cell: (one) => money(one.amount, answer.currency) },
            { head: t("credits.drawn"), number: true, cell: (one) => money(one.drawn, answer.currency) },
            { head: t("credits.remaining"), number: true, cell: (one) => money(one.remaining, answer.currency) },
            { head: t("credits.until"), class: "tight", cell: (one) => (one.expired ? badge(t("key.expired")) : one.expiresAt ? day(one.expiresAt) : t("credits.never")) },
          ],
          items,
          { file: `${account}-credits`, caption: t("credits.title"), empty: t("credits.none") },
        ),
    ),
  );
}

function ledgerPanel(account) {
  return panel(
    t("account.ledger"),
    {
      hint: t("ledger.hint"),
      actions: [
        iconButton("download", t("chart.csv"), async () => {
          try {
            save(`${account}-ledger.csv`, "text/csv", await getCsv(path("accounts", account, "ledger"), { limit: ALL }));
          } catch (problem) {
            toast(problem.message, "bad");
          }
        }),
      ],
    },
    pages(
      (cursor) => get(path("accounts", account, "ledger"), { limit: PAGE, cursor }).then(heard),
      (items, answer) =>
        table(
          [
            { head: t("table.time"), rowHead: true, class: "tight", cell: (posting) => [instant(posting.at), h("span.sub", {}, `№ ${whole(posting.number)}`)] },
            { head: t("table.kind"), cell: (posting) => [code("kind", posting.kind), h("span.sub.wrap", {}, posting.reason)] },
            { head: t("ledger.entries"), cell: (posting) => posting.entries.map((entry) => h("span.sub", {}, code("ledger", entry.ledger), entry.period ? ` ${entry.period}` : "")) },
            { head: t("table.amount"), number: true, cell: (posting) => posting.entries.map((entry) => h("span.sub", {}, money(entry.amount, answer.currency))) },
            { head: t("table.by"), cell: (posting) => posting.author },
          ],
          items,
          { file: null, caption: t("account.ledger"), empty: t("ledger.none") },
        ),
    ),
  );
}
