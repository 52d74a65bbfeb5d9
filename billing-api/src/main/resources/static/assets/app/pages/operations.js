import { h, fill } from "../dom.js";
import { t, code } from "../i18n.js";
import { get, path, write } from "../api.js";
import { badge, button, csv, dialog, fate, iconButton, pages, panel, part, save, table, toast } from "../components.js";
import { instant, whole } from "../format.js";
import { link } from "../router.js";
import { heard } from "../freshness.js";
import { mayAdminister, mayWrite } from "../session.js";
import { flags } from "../explain.js";
import { refreshing } from "./overview.js";

const PAGE = 25;
const TABS = ["lines", "sources", "leakage", "suspense", "dead-letters", "unattributed", "audit"];

export function page(place) {
  const tab = TABS.includes(place.parts[1]) ? place.parts[1] : "lines";
  const health = part(readHealth, drawHealth);
  const draw = { lines, sources, leakage, suspense, "dead-letters": deadLetters, unattributed, audit }[tab];
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.operations")), h("p.hint", {}, t("operations.hint")))),
    health,
    h("nav.tabs", { "aria-label": t("nav.operations") }, TABS.map((name) => h("a", { href: link(["operations", name]), "aria-current": name === tab ? "page" : null }, t(`operations.${name}`)))),
    h("div.stack", {}, draw(health)),
  );
  return { title: t("nav.operations"), node, leave: refreshing([health]) };
}

/** Everything that could be wrong, each asked by itself: one that does not answer is a finding. */
async function readHealth() {
  const ask = (address, parameters) => get(address, parameters).then(heard).catch((problem) => (problem.status === 401 ? Promise.reject(problem) : null));
  const [accounting, status, audit, suspense, unattributed, sources, incidents] = await Promise.all([
    ask("/v1/accounting"),
    ask("/v1/status"),
    ask("/v1/audit"),
    ask("/v1/suspense", { state: "open", limit: 1 }),
    ask("/v1/unattributed", { state: "unclaimed", limit: 100 }),
    ask("/v1/sources", { limit: 1 }),
    ask("/v1/incidents", { status: "open", limit: 100 }),
  ]);
  return { accounting, status, audit, suspense, unattributed, sources, incidents };
}

function findings({ accounting, status, audit, suspense, unattributed, sources, incidents }) {
  const found = [];
  const add = (kind, key, values, tab) => found.push({ kind, text: t(`health.${key}`, values), tab });
  if ([accounting, status, audit, suspense, unattributed, sources, incidents].includes(null)) {
    add("bad", "noAnswer", {}, "lines");
  }
  if (accounting?.total.residual > 0) {
    add("bad", "residual", { n: whole(accounting.total.residual) }, "lines");
  }
  if (audit?.drift > 0) {
    add("bad", "drift", { n: whole(audit.drift) }, "audit");
  }
  if (audit?.trouble?.kind === "stalled") {
    add("bad", "stalled", {}, "audit");
  }
  if (status && !status.historyReachable) {
    add("bad", "history", {}, "lines");
  }
  const completeness = sources?.asOf.completeness;
  if (completeness?.openGaps > 0) {
    add("warn", "gaps", { n: whole(completeness.openGaps) }, "sources");
  }
  if (completeness?.silentSources > 0) {
    add("warn", "silent", { n: whole(completeness.silentSources) }, "sources");
  }
  if (suspense?.counts.open > 0) {
    add("warn", "suspense", { n: whole(suspense.counts.open) }, "suspense");
  }
  const held = unattributed?.items.filter((key) => key.held.requests > 0 && !key.claim).length ?? 0;
  if (held > 0) {
    add("warn", "unattributed", { n: whole(held) }, "unattributed");
  }
  const open = incidents?.items.length ?? 0;
  if (open > 0) {
    found.push({ kind: "warn", text: t("health.incidents", { n: incidents.next ? `${whole(open)}+` : whole(open) }), href: link(["alerts"]) });
  }
  return found;
}

function place(finding) {
  return finding.href ?? link(["operations", finding.tab]);
}

function drawHealth(answers) {
  const found = findings(answers);
  const worst = found.find((one) => one.kind === "bad") ?? found[0];
  return h(
    "div.sentence",
    { id: "health" },
    h(`span.dot.${worst ? worst.kind : "good"}`, { "aria-hidden": "true" }),
    h(
      "div",
      {},
      h("p", {}, worst ? h("a", { href: place(worst) }, worst.text) : t(answers.audit?.roundCompletedAt ? "health.good" : "health.goodSoFar")),
      found.length > 1 ? h("ul", {}, found.filter((one) => one !== worst).map((one) => h("li", {}, h("a", { href: place(one) }, one.text)))) : null,
    ),
  );
}

const FATES = ["billed", "unattributed", "unbillable", "duplicate", "suspense", "quarantined"];

function lines() {
  return [
    panel(
      t("operations.equation"),
      { hint: t("operations.equationHint") },
      part(
        async () => heard(await get("/v1/accounting")),
        (answer) => {
          const { total } = answer;
          return h(
            "div",
            {},
            h(
              "dl.equation",
              {},
              term("fate.read", total.read),
              FATES.map((name, index) => [h("span.sign", { "aria-hidden": "true" }, index === 0 ? "=" : "+"), term(`fate.${name}`, total[name])]),
              h("span.sign", { "aria-hidden": "true" }, "+"),
              term("fate.inFlight", total.inFlight),
              h("span.sign", { "aria-hidden": "true" }, "+"),
              term("fate.residual", total.residual),
            ),
            hours(answer.rows),
          );
        },
      ),
    ),
  ];
}

function term(key, count) {
  return h("div", {}, h("dt", {}, t(key)), h("dd", {}, whole(count)));
}

function hours(rows) {
  let most = 24;
  const box = h("div");
  const sorted = [...rows].sort((a, b) => b.hour.localeCompare(a.hour));
  const show = () =>
    fill(
      box,
      table(
        [
          { head: t("table.hour"), rowHead: true, class: "tight", cell: (row) => [instant(row.hour, "UTC").slice(0, 16), h("span.sub.mono", { title: `${row.host}:${row.path}` }, row.path.split("/").pop())] },
          ...["read", ...FATES, "inFlight"].map((name) => ({ head: t(`fate.${name}`), number: true, cell: (row) => whole(row[name]) })),
          { head: t("fate.residual"), number: true, cell: (row) => (row.residual === 0 ? "0" : badge(whole(row.residual), "bad")) },
        ],
        sorted.slice(0, most),
        { file: "taximeter-lines", caption: t("operations.lines"), empty: t("live.noLines") },
      ),
      sorted.length > most ? h("p.more", {}, button(t("table.more"), () => { most += 100; show(); })) : null,
    );
  show();
  return box;
}

const SOURCE_STATES = { live: "good", silent: "warn", finished: "plain", retired: "plain" };

function sources(health) {
  const list = pages(
    (cursor) => get("/v1/sources", { limit: PAGE, cursor }).then(heard),
    (items, answer, again) =>
      table(
        [
          { head: t("table.source"), rowHead: true, cell: (one) => [h("span.mono.wrap", {}, one.path), h("span.sub", {}, one.host)] },
          { head: t("table.state"), cell: (one) => badge(code("source", one.state), SOURCE_STATES[one.state]) },
          { head: t("sources.through"), class: "tight", cell: (one) => instant(one.completeThrough) },
          { head: t("sources.lastLine"), class: "tight", cell: (one) => instant(one.lastLine) },
          { head: t("sources.lines"), number: true, cell: (one) => whole(one.lines) },
          { head: t("sources.gaps"), number: true, cell: (one) => (one.openGaps > 0 ? badge(whole(one.openGaps), "warn") : whole(one.openGaps)) },
          { head: "", number: true, cell: (one) => (mayAdminister() && one.state === "silent" ? button(t("sources.retire"), () => retire(one, again, health), { kind: "small" }) : null) },
        ],
        items,
        { file: "taximeter-sources", caption: t("operations.sources"), empty: t("sources.none") },
      ),
  );
  const gaps = pages(
    (cursor) => get("/v1/sources/gaps", { limit: PAGE, cursor }),
    (items) =>
      table(
        [
          { head: t("table.source"), rowHead: true, cell: (gap) => [h("span.mono.wrap", {}, gap.file || gap.path), h("span.sub", {}, gap.host)] },
          { head: t("sources.bytes"), number: true, cell: (gap) => `${whole(gap.from)} – ${gap.to === undefined ? "" : whole(gap.to)}` },
          { head: t("table.reason"), cell: (gap) => code("gap", gap.reason) },
          { head: t("sources.since"), class: "tight", cell: (gap) => instant(gap.since) },
        ],
        items,
        { file: "taximeter-gaps", caption: t("sources.gaps"), empty: t("sources.noGaps") },
      ),
  );
  return [panel(t("operations.sources"), { hint: t("sources.hint") }, list), panel(t("sources.gaps"), { hint: t("sources.gapsHint") }, gaps)];
}

function retire(source, again, health) {
  dialog(t("sources.retireTitle"), {
    submit: t("sources.retire"),
    body: [h("p", {}, t("sources.retireText")), h("p.mono.wrap", {}, `${source.host}:${source.path}`)],
    fields: [{ name: "reason", label: t("table.reason"), required: true }],
    send: async (values) => {
      await write("POST", "/v1/sources/retire", { host: source.host, path: source.path, reason: values.reason });
      toast(t("sources.retired"));
      again();
      health.refresh();
    },
  });
}

function leakage() {
  const box = part(
    async () => heard(await get("/v1/leakage", { groupBy: "key,model,reason" })),
    (answer) =>
      h(
        "div",
        {},
        h("dl.facts", {}, h("div", {}, h("dt", {}, t("leakage.total")), h("dd", {}, whole(answer.total)))),
        table(
          [
            { head: t("by.account"), rowHead: true, cell: (row) => (row.account && !row.account.startsWith("unattributed") ? h("a", { href: link(["accounts", row.account]) }, row.account) : row.account) },
            { head: t("by.key"), cell: (row) => row.key },
            { head: t("by.model"), cell: (row) => row.model },
            { head: t("table.reason"), cell: (row) => code("reason", row.reason) },
            { head: t("leakage.lines"), number: true, cell: (row) => whole(row.lines) },
          ],
          answer.rows,
          { file: null, caption: t("operations.leakage"), empty: t("leakage.none") },
        ),
      ),
  );
  return [
    panel(
      t("operations.leakage"),
      {
        hint: t("leakage.hint"),
        actions: [
          iconButton("download", t("chart.csv"), async () => {
            const answer = await get("/v1/leakage", { groupBy: "key,model,reason" });
            save("taximeter-leakage.csv", "text/csv", csv([["account", "key", "model", "reason", "lines"], ...answer.rows.map((row) => [row.account, row.key, row.model, row.reason, row.lines])]));
          }),
        ],
      },
      box,
    ),
  ];
}

async function accountField(value) {
  const accounts = (await get("/v1/accounts", { limit: 1000 })).items;
  // Nobody is proposed of whom nothing is known: one careless click would bill a stranger.
  const known = accounts.some((one) => one.id === value);
  const none = known ? [] : [{ value: value ?? "", text: value ?? "–" }];
  return { name: "account", label: t("by.account"), value: value ?? "", required: true, options: none.concat(accounts.map((one) => ({ value: one.id, text: `${one.name} (${one.id})` }))) };
}

function suspense(health) {
  const list = pages(
    (cursor) => get("/v1/suspense", { limit: PAGE, cursor }).then(heard),
    (items, answer, again) =>
      table(
        [
          { head: t("table.time"), rowHead: true, class: "tight", cell: (one) => [instant(one.completion), h("span.sub.mono", { title: `${one.host}:${one.path}` }, `${one.path.split("/").pop()}@${one.offset}`)] },
          { head: t("table.reason"), cell: (one) => [code("reason", one.reason), flags(one.flags)] },
          { head: t("suspense.candidates"), cell: (one) => (one.candidates.length === 0 ? null : one.candidates.map((candidate) => h("span.sub", {}, candidate.account ? `${candidate.account} · ${candidate.keyName ?? candidate.masked}` : t("suspense.unknown", { key: candidate.masked })))) },
          { head: t("by.model"), cell: (one) => one.model },
          { head: t("table.tokens"), number: true, cell: (one) => whole(one.inputTokens + one.outputTokens) },
          {
            head: t("table.state"),
            cell: (one) =>
              one.decision
                ? [badge(code("suspense", one.state), one.state === "assigned" ? "good" : "plain"), h("span.sub.wrap", {}, [one.decision.account, one.decision.reason].filter(Boolean).join(" · "))]
                : badge(code("suspense", one.state), "warn"),
          },
          {
            head: "",
            number: true,
            cell: (one) =>
              mayAdminister() && !one.decision
                ? h("span.row-actions", {}, button(t("suspense.assign"), () => assign(one, again, health), { kind: "small" }), button(t("suspense.writeOff"), () => writeOff(one, again, health), { kind: "danger small" }))
                : null,
          },
        ],
        items,
        { file: "taximeter-suspense", caption: t("operations.suspense"), empty: t("suspense.none") },
      ),
  );
  return [panel(t("operations.suspense"), { hint: t("suspense.hint") }, list)];
}

async function assign(item, again, health) {
  const candidate = item.candidates.find((one) => one.account);
  dialog(t("suspense.assignTitle"), {
    submit: t("suspense.assign"),
    body: [h("p.formula", {}, item.excerpt)],
    fields: [
      await accountField(candidate?.account),
      { name: "keyName", label: t("key.name"), value: candidate?.keyName ?? "", required: true },
      { name: "reason", label: t("table.reason"), hint: t("reason.kept"), required: true },
    ],
    send: async (values) => {
      await write("POST", path("suspense", item.id, "assign"), values);
      toast(t("suspense.assignedToast", { account: values.account }));
      again();
      health.refresh();
    },
  });
}

function writeOff(item, again, health) {
  dialog(t("suspense.writeOffTitle"), {
    submit: t("suspense.writeOff"),
    kind: "danger",
    body: [h("p", {}, t("suspense.writeOffText")), h("p.formula", {}, item.excerpt)],
    fields: [{ name: "reason", label: t("table.reason"), hint: t("reason.kept"), required: true }],
    send: async (values) => {
      await write("POST", path("suspense", item.id, "write-off"), values);
      toast(t("suspense.writtenOff"));
      again();
      health.refresh();
    },
  });
}

function deadLetters(health) {
  const list = pages(
    (cursor) => get("/v1/dead-letters", { limit: PAGE, cursor }).then(heard),
    (items, answer, again) =>
      table(
        [
          { head: t("letters.arrival"), rowHead: true, class: "tight", cell: (one) => [instant(one.arrival), h("span.sub.mono", { title: `${one.host}:${one.path}` }, `${one.path.split("/").pop()}@${one.offset}`)] },
          { head: t("table.fate"), class: "tight", cell: (one) => fate(one.fate) },
          { head: t("table.reason"), cell: (one) => code("reason", one.reason) },
          { head: t("letters.advice"), cell: (one) => [h("span.wrap", { lang: "en" }, one.advice), h("details", {}, h("summary", {}, t("letters.excerpt")), h("p.mono.wrap", {}, one.excerpt))] },
          { head: t("table.state"), cell: (one) => [code("letter", one.state), one.replay ? h("span.sub", {}, code("replay", one.replay.outcome)) : null] },
          { head: "", number: true, cell: (one) => (mayAdminister() && (one.fate === "quarantined" || (one.fate === "suspense" && one.state !== "decided")) ? button(t("letters.replay"), () => replay({ ids: [one.id] }, again, health), { kind: "small" }) : null) },
        ],
        items,
        { file: "taximeter-dead-letters", caption: t("operations.dead-letters"), empty: t("letters.none") },
      ),
  );
  return [
    panel(
      t("operations.dead-letters"),
      { hint: t("letters.hint"), actions: mayAdminister() ? [button(t("letters.replayAll"), () => replay({}, list.refresh, health))] : [] },
      list,
    ),
  ];
}

function replay(choice, again, health) {
  dialog(t(choice.ids ? "letters.replayTitle" : "letters.replayAllTitle"), {
    submit: t("letters.replay"),
    body: [h("p", {}, t("letters.replayText"))],
    fields: [{ name: "comment", label: t("table.reason"), required: true }],
    send: async (values) => {
      const answer = await write("POST", "/v1/dead-letters/replay", { ...choice, comment: values.comment });
      toast(t("letters.replayed", { n: whole(answer.ids.length) }));
      setTimeout(again, 1500);
      health.refresh();
    },
  });
}

function unattributed(health) {
  const list = pages(
    (cursor) => get("/v1/unattributed", { limit: PAGE, cursor }).then(heard),
    (items, answer, again) =>
      table(
        [
          { head: t("by.key"), rowHead: true, cell: (key) => [h("span.mono", { title: key.fingerprint }, key.masked ?? `${key.fingerprint.slice(0, 12)}…`), h("span.sub", {}, key.models.slice(0, 3).map((model) => model.model).join(", "))] },
          { head: t("unattributed.seen"), class: "tight", cell: (key) => [instant(key.lastSeen), h("span.sub", {}, t("unattributed.first", { time: instant(key.firstSeen) }))] },
          { head: t("table.requests"), number: true, cell: (key) => whole(key.received.requests) },
          { head: t("table.tokens"), number: true, cell: (key) => whole(key.received.inputTokens + key.received.outputTokens) },
          { head: t("unattributed.held"), number: true, cell: (key) => whole(key.held.requests) },
          { head: t("table.state"), cell: (key) => (key.claim ? [badge(t("unattributed.claimed"), "good"), h("span.sub", {}, `${key.claim.account} · ${key.claim.keyName}`)] : key.registered ? [badge(t("unattributed.registered")), h("span.sub", {}, key.registered.account)] : badge(t("unattributed.open"), "warn")) },
          { head: "", number: true, cell: (key) => (mayWrite() && !key.claim && /^[0-9a-f]{64}$/.test(key.fingerprint) ? button(t("unattributed.claim"), () => claim(key, again, health), { kind: "primary small" }) : null) },
        ],
        items,
        { file: "taximeter-unattributed", caption: t("operations.unattributed"), empty: t("unattributed.none") },
      ),
  );
  return [panel(t("operations.unattributed"), { hint: t("unattributed.hint") }, list)];
}

async function claim(key, again, health) {
  dialog(t("unattributed.claimTitle"), {
    submit: t("unattributed.claim"),
    body: [h("p", {}, t("unattributed.claimText", { n: whole(key.held.requests) })), h("p.mono.wrap", {}, key.masked ?? key.fingerprint)],
    fields: [
      await accountField(key.registered?.account),
      { name: "keyName", label: t("key.name"), value: key.registered?.keyName ?? "", required: true, maxlength: 64 },
      { name: "reason", label: t("table.reason"), hint: t("reason.kept") },
    ],
    send: async (values) => {
      await write("POST", path("unattributed", key.fingerprint, "claim"), values);
      toast(t("unattributed.claimedToast", { account: values.account }));
      again();
      health.refresh();
    },
  });
}

function audit() {
  return [
    panel(
      t("operations.audit"),
      { hint: t("audit.hint") },
      part(
        () => get("/v1/audit"),
        (answer) =>
          h(
            "div",
            {},
            h(
              "dl.facts",
              {},
              fact(t("audit.drift"), answer.drift === 0 ? badge("0", "good") : badge(whole(answer.drift), "bad")),
              fact(t("audit.accounts"), t("audit.of", { n: whole(answer.audited), all: whole(answer.accounts) })),
              fact(t("audit.round"), instant(answer.roundCompletedAt)),
              answer.failure ? fact(t("audit.failure"), answer.failure) : null,
            ),
            table(
              [
                { head: t("by.account"), rowHead: true, cell: (one) => one.account },
                { head: t("audit.check"), cell: (one) => one.check },
                { head: t("audit.subject"), cell: (one) => h("span.wrap", {}, one.subject) },
                { head: t("audit.expected"), number: true, cell: (one) => one.expected },
                { head: t("audit.actual"), number: true, cell: (one) => one.actual },
              ],
              answer.differences,
              { file: "taximeter-differences", caption: t("operations.audit"), empty: answer.on ? t("audit.none") : t("audit.off") },
            ),
          ),
      ),
    ),
  ];
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}
