import { h, fill } from "../dom.js";
import { t } from "../i18n.js";
import { get, write, path } from "../api.js";
import { button, explainButton, figure, panel, part, toast, failure } from "../components.js";
import { approximately, DASH, dayLabel, exact, instant, money, whole } from "../format.js";
import { link } from "../router.js";
import { heard } from "../freshness.js";
import { mayAdminister, me } from "../session.js";

const ACCOUNT = "acme";

/** Where the tour leads is looked up, because the demonstration's past ends today. */
async function places() {
  const quiet = (promise) => promise.catch(() => null);
  const [month, book, suspense, late, alerts] = await Promise.all([
    quiet(get("/v1/overview", { span: "30d", groupBy: "key", measure: "tokens", limit: 1 })),
    quiet(get(path("price-books", "list"))),
    quiet(get("/v1/suspense", { limit: 1 })),
    quiet(get("/v1/explain", { figure: "usage", account: ACCOUNT, limit: 1000 })),
    quiet(get("/v1/alerts", { limit: 100 })),
  ]);
  const bars = (month?.bars ?? []).filter((one) => one.sum.costs.length > 0);
  const spike = bars.reduce((top, one) => (!top || one.sum.requests > top.sum.requests ? one : top), null);
  const changes = (book?.prices ?? []).filter((entry) => book.prices.some((other) => other.model === entry.model && other.effectiveFrom < entry.effectiveFrom));
  const behind = (late?.evidence.items ?? [])
    .map((line) => ({ line, minutes: (Date.parse(line.arrival) - Date.parse(line.completion)) / 60000 }))
    .filter((one) => one.minutes > 5 && one.minutes < 120);
  return { spike, change: changes[0], tampered: suspense?.items[0], late: behind.at(-1), breach: alerts?.items.find((one) => one.threshold >= 100) };
}

export function page() {
  const steps = part(places, (found) =>
    h(
      "div.steps",
      {},
      step("spike", { day: found.spike ? dayLabel(found.spike.at) : DASH, n: whole(found.spike?.sum.requests) }, link(["overview"], { span: "30d", measure: "requests", by: "key" })),
      step("price", { model: found.change?.model ?? DASH, day: found.change ? instant(found.change.effectiveFrom).slice(0, 10) : DASH }, link(["catalogue", "price-books", "list"])),
      step("tampered", { n: found.tampered ? 1 : 0 }, link(["operations", "suspense"])),
      step("late", found.late ? { minutes: whole(Math.round(found.late.minutes)), model: found.late.line.model } : null, found.late ? link(["accounts", ACCOUNT, "keys", found.late.line.key], { span: "month", model: found.late.line.model }) : link(["accounts", ACCOUNT])),
      step("unknown", {}, link(["operations", "unattributed"])),
      step("breach", found.breach ? breach(found.breach) : null, link(["alerts", "quotas"])),
    ),
  );
  const node = h(
    "div.page",
    {},
    h("div.page-head", {}, h("div", {}, h("h1", {}, t("nav.tour")), h("p.hint", {}, t("tour.hint")))),
    steps,
  );
  let leave = null;
  if (me().demonstration && mayAdminister()) {
    const broken = breakIt();
    node.append(broken.node);
    leave = broken.leave;
  }
  return { title: t("nav.tour"), node, leave };
}

function breach(alert) {
  return { quota: alert.quota, account: alert.account, limit: alert.metric === "cost" ? `${exact(alert.limit)} ${alert.currency}` : whole(Number(alert.limit)), time: instant(alert.crossedAt), ms: whole(alert.delayMillis) };
}

function step(name, values, href) {
  return h("section.step", { "aria-labelledby": `step-${name}` }, h("h2", { id: `step-${name}` }, t(`tour.${name}`)), h("p", {}, values ? t(`tour.${name}Text`, values) : t(`tour.${name}NoneText`)), h("a.button", { href }, t("tour.open")));
}

/** Metering is killed; what was owed before is owed after. */
function breakIt() {
  const month = new Date().toISOString().slice(0, 7);
  const box = h("div");
  const log = h("ol.body", { "aria-live": "polite" });
  let before = null;
  let timer = null;
  const read = async () => heard(await get(path("accounts", ACCOUNT, "bills", month)));
  const draw = (bill) =>
    fill(
      box,
      h(
        "div.figures",
        {},
        figure(t("tour.bill", { month }), money(bill.total, bill.currency), { explain: explainButton({ figure: "bill", account: ACCOUNT, month }), detail: h("span", {}, t("explain.sequence", { n: whole(bill.asOf.sequence) })) }),
        figure(t("tour.before"), before ? money(before.total, before.currency) : DASH, { detail: before ? h("span", {}, t("explain.sequence", { n: whole(before.asOf.sequence) })) : null }),
        figure(t("tour.metering"), t(`tour.state.${state}`), {}),
      ),
    );
  let state = "up";

  const tell = (text) => log.append(h("li", {}, `${instant(new Date().toISOString()).slice(11)} ${text}`));
  const look = async () => {
    try {
      const bill = await read();
      if (state === "down" && before && bill.asOf.sequence > before.asOf.sequence) {
        state = "up";
        tell(t("tour.back"));
        tell(approximately(bill.total) >= approximately(before.total) ? t("tour.onlyGrew") : t("tour.fell"));
        kill.disabled = false;
      }

      draw(bill);
    } catch (error) {
      fill(box, failure(error, look));
    }
  };
  const kill = button(
    t("tour.kill"),
    async () => {
      kill.disabled = true;
      try {
        before = await read();
        await write("POST", "/v1/demonstration/kill-metering");
        state = "down";
        tell(t("tour.killed"));
        draw(before);
        const same = await read();
        if (same.asOf.sequence === before.asOf.sequence) {
          tell(same.total === before.total ? t("tour.same") : t("tour.fell"));
        }
      } catch (problem) {
        toast(problem.message, "bad");
        kill.disabled = false;
      }
    },
    { kind: "danger" },
  );
  look();
  timer = setInterval(look, 1000);
  return {
    node: panel(t("tour.break"), { hint: t("tour.breakHint"), actions: [kill] }, box, log),
    leave: () => clearInterval(timer),
  };
}
