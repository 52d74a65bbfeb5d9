import { h } from "../dom.js";
import { t, code } from "../i18n.js";
import { get, idempotencyKey, path, write } from "../api.js";
import { badge, button, copyable, dialog, pages, panel, part, table, toast } from "../components.js";
import { exact, instant, whole } from "../format.js";
import { link } from "../router.js";
import { isCustomer, mayWrite } from "../session.js";
import { crumbs } from "./accounts.js";

const PAGE = 50;
const TABS = ["incidents", "quotas", "recipients", "mutes"];

/** Who is told is the operator's business. */
const TABS_OF_CUSTOMERS = ["incidents", "quotas"];
const CHANNELS = ["webhook", "alertmanager", "slack", "dingtalk", "feishu", "wecom", "email"];
const KINDS = ["quota", "balance-low", "balance-exhausted", "unpriced-model", "leakage", "tampering", "gap", "silent-source", "residual", "drift"];
const HOURS = [1, 8, 24, 168];
const HOUR_MILLIS = 3_600_000;

export function page(place) {
  const [, name, recipient] = place.parts;
  if (name === "recipients" && recipient && !isCustomer()) {
    return recipientPage(recipient);
  }
  const tabs = isCustomer() ? TABS_OF_CUSTOMERS : TABS;
  const tab = tabs.includes(name) ? name : "incidents";
  const shown = { incidents, quotas, recipients, mutes }[tab]();
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.alerts")), h("p.hint", {}, t("alerts.hint")))),
    h("nav.tabs", { "aria-label": t("nav.alerts") }, tabs.map((one) => h("a", { href: link(["alerts", one]), "aria-current": one === tab ? "page" : null }, t(`alerts.${one}`)))),
    shown,
  );
  return { title: t("nav.alerts"), node };
}

const STATUS = { open: "bad", acknowledged: "warn", resolved: "good" };

function incidents() {
  const list = pages(
    (cursor) => get("/v1/incidents", { limit: PAGE, cursor }),
    (items, answer, again) =>
      table(
        [
          { head: t("table.kind"), rowHead: true, class: "tight", cell: (one) => [code("alert", one.kind), h("span.sub", {}, one.account ? h("a", { href: link(["accounts", one.account]) }, one.account) : t("alerts.installation"))] },
          { head: t("alerts.what"), cell: (one) => h("span.wrap", { lang: "en" }, one.text) },
          { head: t("table.state"), class: "tight", cell: (one) => [badge(code("incident", one.status), STATUS[one.status]), acknowledged(one)] },
          { head: t("alerts.since"), class: "tight", cell: (one) => [instant(one.since), one.resolvedAt ? h("span.sub", {}, t("alerts.until", { time: instant(one.resolvedAt) })) : null] },
          { head: "", number: true, cell: (one) => (mayWrite() && one.status === "open" ? h("span.row-actions", {}, acknowledgeButton(one, again), muteButton({ account: one.account, kind: one.kind, subject: one.subject }, again)) : null) },
        ],
        items,
        { file: "taximeter-incidents", caption: t("alerts.incidents"), empty: t("alerts.noIncidents") },
      ),
  );
  return panel(t("alerts.incidents"), { hint: t("alerts.incidentsHint") }, list);
}

function quotas() {
  return panel(
    t("alerts.quotas"),
    { hint: t("alerts.quotasHint") },
    pages(
      (cursor) => get("/v1/alerts", { limit: PAGE, cursor }),
      (items, answer, again) =>
        table(
          [
            { head: t("table.time"), rowHead: true, class: "tight", cell: (one) => [instant(one.crossedAt), one.delayMillis === undefined ? null : h("span.sub", {}, t("alerts.delay", { ms: whole(one.delayMillis) }))] },
            { head: t("quota.quota"), cell: (one) => [h("a", { href: link(["accounts", one.account]) }, one.account), h("span.sub", {}, [one.quota, one.key, one.model].filter(Boolean).join(" · "))] },
            { head: t("alerts.window"), cell: (one) => [one.period, h("span.sub", {}, t("quota.what", { metric: code("metric", one.metric), window: code("window", one.window) }))] },
            { head: t("alerts.threshold"), number: true, cell: (one) => badge(`${whole(one.threshold)} %`, one.threshold >= 100 ? "bad" : "warn") },
            { head: t("quota.used"), number: true, cell: (one) => [amount(one, one.value), h("span.sub", {}, "/ ", amount(one, one.limit))] },
            { head: t("table.state"), class: "tight", cell: (one) => [one.late ? badge(t("alerts.late"), "plain") : null, acknowledged(one)] },
            { head: "", number: true, cell: (one) => (mayWrite() && !one.acknowledged ? h("span.row-actions", {}, acknowledgeButton(one, again), muteButton({ account: one.account, kind: "quota", subject: one.quota }, again)) : null) },
          ],
          items,
          { file: "taximeter-alerts", caption: t("alerts.quotas"), empty: t("alerts.noQuotas") },
        ),
    ),
  );
}

function amount(one, text) {
  return one.metric === "cost" ? `${exact(text)} ${one.currency}` : whole(Number(text));
}

function acknowledged(one) {
  return one.acknowledged ? h("span.sub.wrap", {}, t("alerts.by", { name: one.acknowledged.by }), one.acknowledged.note ? `: ${one.acknowledged.note}` : "") : null;
}

function acknowledgeButton(one, again) {
  return button(
    t("alerts.acknowledge"),
    () =>
      dialog(t("alerts.acknowledge"), {
        submit: t("alerts.acknowledge"),
        body: [h("p.quiet", {}, t("alerts.acknowledgeText"))],
        fields: [{ name: "note", label: t("alerts.note"), maxlength: 500 }],
        send: async (values) => {
          await write("POST", path("alerts", one.id, "acknowledgement"), { note: values.note });
          toast(t("alerts.acknowledged"));
          again();
        },
      }),
    { kind: "small" },
  );
}

function muteButton(about, again, kind = "small") {
  return button(
    t("alerts.mute"),
    () =>
      dialog(t("alerts.muteTitle"), {
        submit: t("alerts.mute"),
        body: [h("p.quiet", {}, t("alerts.muteText"))],
        fields: [
          { name: "kind", label: t("table.kind"), value: about.kind ?? "", options: [{ value: "", text: t("alerts.every") }, ...KINDS.map((value) => ({ value, text: code("alert", value) }))] },
          { name: "account", label: t("by.account"), value: about.account ?? "", hint: t("alerts.accountHint"), maxlength: 64 },
          { name: "subject", label: t("alerts.subject"), value: about.subject ?? "", hint: t("alerts.subjectHint"), maxlength: 500 },
          { name: "hours", label: t("alerts.howLong"), value: "8", options: HOURS.map((hours) => ({ value: String(hours), text: t("alerts.hours", { n: whole(hours) }) })) },
          { name: "note", label: t("alerts.note"), maxlength: 500 },
        ],
        send: async (values) => {
          await write("POST", "/v1/mutes", {
            kind: values.kind || undefined,
            account: values.account?.trim() || undefined,
            subject: values.subject.trim() || undefined,
            until: new Date(Date.now() + Number(values.hours) * HOUR_MILLIS).toISOString(),
            note: values.note,
          });
          toast(t("alerts.muted"));
          again();
        },
      }),
    { kind },
  );
}

function mutes() {
  const list = pages(
    (cursor) => get("/v1/mutes", { limit: PAGE, cursor }),
    (items, answer, again) =>
      table(
        [
          { head: t("table.kind"), rowHead: true, cell: (one) => [one.kind ? code("alert", one.kind) : t("alerts.every"), h("span.sub", {}, [one.account, one.subject].filter(Boolean).join(" · "))] },
          { head: t("table.state"), class: "tight", cell: (one) => badge(t(one.inForce ? "alerts.inForce" : "alerts.ended"), one.inForce ? "warn" : "plain") },
          { head: t("alerts.since"), class: "tight", cell: (one) => [instant(one.since), h("span.sub", {}, t("alerts.until", { time: instant(one.until) }))] },
          { head: t("table.by"), cell: (one) => [one.author, h("span.sub.wrap", {}, one.note)] },
          { head: "", number: true, cell: (one) => (mayWrite() && one.inForce ? button(t("alerts.endMute"), () => endMute(one, again), { kind: "small" }) : null) },
        ],
        items,
        { file: "taximeter-mutes", caption: t("alerts.mutes"), empty: t("alerts.noMutes") },
      ),
  );
  return panel(t("alerts.mutes"), { hint: t("alerts.mutesHint"), actions: mayWrite() ? [muteButton({}, () => list.refresh(), "primary")] : [] }, list);
}

async function endMute(one, again) {
  try {
    await write("POST", path("mutes", one.id, "end"));
    again();
  } catch (problem) {
    toast(problem.message, "bad");
  }
}

function recipients() {
  const list = pages(
    (cursor) => get("/v1/recipients", { limit: PAGE, cursor }),
    (items) =>
      table(
        [
          { head: t("table.name"), rowHead: true, cell: (one) => [h("a", { href: link(["alerts", "recipients", one.id]) }, one.name), h("span.sub", {}, one.account ?? t("alerts.allAccounts"))] },
          { head: t("alerts.channel"), class: "tight", cell: (one) => code("channel", one.channel) },
          { head: t("alerts.address"), cell: (one) => h("span.mono.wrap", {}, one.address) },
          { head: t("alerts.gets"), cell: (one) => (one.alerts.length === 0 ? t("alerts.every") : one.alerts.map((kind) => code("alert", kind)).join(", ")) },
          { head: t("table.state"), class: "tight", cell: (one) => [badge(code("recipient", one.status), one.status === "enabled" ? "good" : "bad"), h("span.sub.wrap", { lang: "en" }, one.statusReason)] },
          { head: t("alerts.pending"), number: true, cell: (one) => whole(one.pending) },
        ],
        items,
        { file: "taximeter-recipients", caption: t("alerts.recipients"), empty: t("alerts.noRecipients") },
      ),
  );
  return panel(
    t("alerts.recipients"),
    { hint: t("alerts.recipientsHint"), actions: mayWrite() ? [button(t("alerts.newRecipient"), () => newRecipient(() => list.refresh()), { kind: "primary" })] : [] },
    list,
  );
}

function newRecipient(done) {
  const order = idempotencyKey();
  dialog(t("alerts.newRecipient"), {
    submit: t("alerts.create"),
    fields: [
      { name: "name", label: t("table.name"), required: true, maxlength: 64 },
      { name: "channel", label: t("alerts.channel"), options: CHANNELS.map((value) => ({ value, text: code("channel", value) })) },
      { name: "address", label: t("alerts.address"), hint: t("alerts.addressHint"), required: true },
      { name: "account", label: t("by.account"), hint: t("alerts.accountHint"), maxlength: 64 },
      { name: "robotSecret", label: t("alerts.robotSecret"), hint: t("alerts.robotSecretHint"), type: "password", maxlength: 200 },
      { name: "prefix", label: t("alerts.prefix"), hint: t("alerts.prefixHint"), maxlength: 64 },
    ],
    send: async (values) => {
      const made = await write(
        "POST",
        "/v1/recipients",
        {
          name: values.name,
          channel: values.channel,
          address: values.address.trim(),
          account: values.account?.trim() || undefined,
          robotSecret: values.robotSecret || undefined,
          prefix: values.prefix || undefined,
        },
        { "Idempotency-Key": order },
      );
      done();
      return made.secret ? signingSecret(made) : null;
    },
  });
}

function signingSecret(made) {
  return h("div.stack", {}, h("p.secret", {}, t("secret.once")), copyable(made.secret, t("alerts.signing")), h("p.hint", {}, t("alerts.signingHint")));
}

const DELIVERIES = { pending: "warn", delivered: "good", failed: "bad", muted: "plain" };

function recipientPage(id) {
  const list = pages(
    (cursor) => get(path("recipients", id, "deliveries"), { limit: PAGE, cursor }),
    (items, answer, again) =>
      table(
        [
          { head: t("table.time"), rowHead: true, class: "tight", cell: (one) => instant(one.createdAt) },
          { head: t("alerts.what"), cell: (one) => [h("span.wrap", { lang: "en" }, one.title), h("span.sub.wrap", { lang: "en" }, one.text)] },
          { head: t("table.state"), class: "tight", cell: (one) => [badge(code("delivery", one.status), DELIVERIES[one.status]), one.nextTry ? h("span.sub", {}, t("alerts.nextTry", { time: instant(one.nextTry) })) : null] },
          {
            head: t("alerts.tries"),
            cell: (one) =>
              one.tries.length === 0
                ? null
                : h("details", {}, h("summary", {}, t("alerts.triesOf", { n: whole(one.tries.length) })), one.tries.map((each) => h("p.mono.wrap", { lang: "en" }, `${instant(each.at)} · ${each.status ?? "–"} · ${whole(each.millis)} ms · ${each.answer}`))),
          },
          { head: "", number: true, cell: (one) => (mayWrite() && one.status !== "pending" ? button(t("alerts.again"), () => order(path("recipients", id, "deliveries", one.id, "replay"), again), { kind: "small" }) : null) },
        ],
        items,
        { file: "taximeter-deliveries", caption: t("alerts.deliveries"), empty: t("alerts.noDeliveries") },
      ),
  );
  const head = part(
    () => get(path("recipients", id)),
    (one, again) =>
      h(
        "div.page-head",
        {},
        h("div", {}, h("h1", {}, one.name, " ", badge(code("recipient", one.status), one.status === "enabled" ? "good" : "bad")), h("p.hint", {}, [code("channel", one.channel), one.address, one.account ?? t("alerts.allAccounts")].join(" · ")), one.statusReason ? h("p.hint", { lang: "en" }, one.statusReason) : null),
        mayWrite() ? h("div.controls", {}, actions(one, again, () => list.refresh())) : null,
      ),
  );
  const node = h("div.page", {}, crumbs({ text: t("alerts.recipients"), href: link(["alerts", "recipients"]) }, { text: id }), head, panel(t("alerts.deliveries"), { hint: t("alerts.deliveriesHint") }, list));
  return { title: t("alerts.recipients"), node };
}

/** What is done shows in the list a moment later. */
async function order(address, again) {
  try {
    await write("POST", address);
    toast(t("alerts.sent"));
    setTimeout(again, 1500);
  } catch (problem) {
    toast(problem.message, "bad");
  }
}

function actions(one, again, list) {
  const address = path("recipients", one.id);
  const enabled = one.status === "enabled";
  return [
    button(t("alerts.test"), () => order(`${address}/test`, list), { kind: "primary", disabled: !enabled }),
    one.channel === "webhook"
      ? button(t("key.rotate"), () => {
          const key = idempotencyKey();
          dialog(t("alerts.rotateTitle"), {
            submit: t("key.rotate"),
            body: [h("p.quiet", {}, t("alerts.rotateText"))],
            fields: [{ name: "hours", label: t("alerts.overlap"), value: "24", inputmode: "numeric" }],
            send: async (values) => {
              const made = await write("POST", `${address}/rotation`, { overlapHours: Number(values.hours) }, { "Idempotency-Key": key });
              again();
              return made.secret ? signingSecret(made) : null;
            },
          });
        })
      : null,
    button(t(enabled ? "alerts.disable" : "alerts.enable"), async () => {
      try {
        await write("PATCH", address, { status: enabled ? "disabled" : "enabled" });
        again();
      } catch (problem) {
        toast(problem.message, "bad");
      }
    }),
    button(
      t("alerts.remove"),
      () =>
        dialog(t("alerts.removeTitle", { name: one.name }), {
          submit: t("alerts.remove"),
          kind: "danger",
          body: [h("p", {}, t("alerts.removeText"))],
          send: async () => {
            await write("DELETE", address);
            location.hash = link(["alerts", "recipients"]);
          },
        }),
      { kind: "danger" },
    ),
  ];
}
