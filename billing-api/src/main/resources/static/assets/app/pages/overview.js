import { h } from "../dom.js";
import { t, code } from "../i18n.js";
import { get, address } from "../api.js";
import { bar, choice, csv, explainButton, figure, iconButton, panel, part, save, table, trend } from "../components.js";
import { chart } from "../charts.js";
import { approximately, dayLabel, DASH, exact, instant, money, short, whole } from "../format.js";
import { link, withQuery } from "../router.js";
import { heard } from "../freshness.js";
import { feed, listen } from "../feed.js";
import { isCustomer, me } from "../session.js";

const SPANS = ["24h", "7d", "30d", "month"];
const MEASURES = ["cost", "tokens", "requests"];
const REFRESH_MILLIS = 5000;
const TOP = 8;

/** Beyond, an estimate from seven days says nothing. */
const LONG_DAYS = 1000;

/** What is asked for, from the address. */
export function settings(query, fixed = {}) {
  return {
    span: SPANS.includes(query.span) ? query.span : "30d",
    by: query.by ?? (fixed.account ? (fixed.key ? "model" : "key") : "account"),
    measure: MEASURES.includes(query.measure) ? query.measure : "cost",
    currency: query.currency,
    ...fixed,
  };
}

export function spanChoice(chosen) {
  return choice(
    t("span.label"),
    SPANS.map((span) => ({ text: t(`span.${span}`), href: withQuery({ span }), current: chosen.span === span })),
  );
}

function costOf(sum, currency) {
  return sum.costs.find((cost) => cost.currency === currency)?.amount;
}

function measured(sum, chosen, currency) {
  return chosen.measure === "cost"
    ? approximately(costOf(sum, currency))
    : chosen.measure === "tokens"
      ? sum.inputTokens + sum.outputTokens
      : sum.requests;
}

function written(sum, chosen, currency) {
  const cost = costOf(sum, currency);
  if (sum.requests === 0) {
    return DASH;
  }
  return chosen.measure === "cost"
    ? cost === undefined ? DASH : `${exact(cost)} ${currency}`
    : whole(measured(sum, chosen, currency));
}

/** The currency that is shown: the chosen one, else that of most requests. */
function mainCurrency(report, chosen) {
  const all = report.total.costs.map((cost) => cost.currency).filter(Boolean);
  return all.includes(chosen.currency) ? chosen.currency : (report.currency ?? all[0] ?? "");
}

export function parameters(chosen, limit) {
  return {
    span: chosen.span,
    groupBy: chosen.by,
    measure: chosen.measure,
    currency: chosen.measure === "cost" ? chosen.currency : undefined,
    account: chosen.account,
    team: chosen.team,
    key: chosen.key,
    model: chosen.model,
    limit,
  };
}

/** The big numbers. */
function figures(report, chosen, currency) {
  const { total, before } = report;
  const ago = t(`span.before.${chosen.span}`);
  const others = total.costs.filter((cost) => cost.currency !== currency && cost.currency);
  const tokens = total.inputTokens + total.outputTokens;
  return h(
    "div.figures",
    {},
    figure(t("overview.spend"), total.costs.length === 0 ? DASH : money(costOf(total, currency) ?? "0", currency), {
      trend: trend(approximately(costOf(total, currency)), approximately(costOf(before, currency)), ago),
      detail: others.length > 0 ? others.map((cost) => money(cost.amount, cost.currency)) : h("span", {}, ago),
      explain: explainButton(spendQuestion(report, chosen, currency)),
    }),
    figure(t("overview.tokens"), tokens === 0 && total.requests === 0 ? DASH : short(tokens), {
      title: whole(tokens),
      trend: trend(tokens, before.inputTokens + before.outputTokens, ago),
      detail: h("span", {}, t("overview.split", { input: short(total.inputTokens), output: short(total.outputTokens) })),
      explain: explainButton(countQuestion(report, chosen, t("overview.tokens"), (sum) => sum.inputTokens + sum.outputTokens)),
    }),
    figure(t("overview.requests"), total.requests === 0 ? DASH : whole(total.requests), {
      trend: trend(total.requests, before.requests, ago),
      detail: h("span", {}, ago),
      explain: explainButton(countQuestion(report, chosen, t("overview.requests"), (sum) => sum.requests)),
    }),
  );
}

function usageQuestion(report, chosen, account, from, extra = {}) {
  // All so far, as the figure itself: an end would leave out what a clock that is ahead has stamped.
  return { figure: "usage", account, from, key: chosen.key, model: chosen.model, ...extra };
}

function spendQuestion(report, chosen, currency) {
  if (chosen.account && !chosen.team) {
    return usageQuestion(report, chosen, chosen.account, report.from);
  }
  return {
    figure: "sum",
    path: address("/v1/overview", parameters(chosen, TOP)),
    label: t("overview.spend"),
    value: money(costOf(report.total, currency), currency),
    rows: report.groups
      .filter((group) => costOf(group.sum, currency) !== undefined)
      .map((group) => ({
        name: groupName(group, chosen),
        value: money(costOf(group.sum, currency), currency),
        question: groupQuestion(report, chosen, group),
      }))
      .concat(othersRow(report, (sum) => money(costOf(sum, currency) ?? "0", currency))),
  };
}

function countQuestion(report, chosen, label, count) {
  return {
    figure: "sum",
    path: address("/v1/overview", parameters(chosen, TOP)),
    label,
    value: whole(count(report.total)),
    rows: report.groups
      .map((group) => ({
        name: groupName(group, chosen),
        value: whole(count(group.sum)),
        question: groupQuestion(report, chosen, group),
      }))
      .concat(othersRow(report, (sum) => whole(count(sum)))),
  };
}

function othersRow(report, value) {
  return report.others ? [{ name: t("overview.others", { n: whole(report.others.groups) }), value: value(report.others.sum) }] : [];
}

function groupQuestion(report, chosen, group) {
  const account = group.account ?? chosen.account;
  const from = group.from ?? report.from;
  if (!account || !from || chosen.by === "team" || chosen.team) {
    return null;
  }
  return usageQuestion(report, chosen, account, from, {
    ...(chosen.by === "key" ? { key: group.id } : {}),
    ...(chosen.by === "model" ? { model: group.id } : {}),
  });
}

function groupName(group, chosen) {
  return group.name ?? group.id ?? (chosen.by === "team" ? t("overview.noTeam") : DASH);
}

/** Where a row leads: one step further down. */
function groupLink(group, chosen) {
  const kept = { span: chosen.span, measure: chosen.measure };
  if (chosen.by === "account") {
    return link(["accounts", group.account], kept);
  }
  if (chosen.by === "key") {
    return link(["accounts", group.account, "keys", group.id], kept);
  }
  if (chosen.by === "team") {
    return group.id ? link(["accounts", group.account], { ...kept, team: group.id }) : null;
  }
  return chosen.account
    ? link(chosen.key ? ["accounts", chosen.account, "keys", chosen.key] : ["accounts", chosen.account], { ...kept, model: group.id })
    : withQuery({ model: group.id, by: "account" });
}

const HOUR_MILLIS = 3_600_000;
const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costs: [] };

/** Every day or hour of the span, also those in which nothing was used. */
function everyBar(report, chosen) {
  if (report.bars.length === 0) {
    return [];
  }
  const hours = chosen.span === "24h";
  const step = hours ? HOUR_MILLIS : 24 * HOUR_MILLIS;
  const used = new Map(report.bars.map((one) => [one.at, one.sum]));
  const end = Date.parse([report.lastBar, report.bars.at(-1).at].sort().at(-1));
  const first = Date.parse(report.bars[0].at);
  const wanted = chosen.span === "month" ? Date.parse(`${new Date(end).toISOString().slice(0, 7)}-01`) : end - ({ "24h": 23, "7d": 6, "30d": 29 }[chosen.span] * step);
  const bars = [];
  for (let at = Math.min(first, wanted); at <= end; at += step) {
    const label = hours ? new Date(at).toISOString().replace(".000", "") : new Date(at).toISOString().slice(0, 10);
    bars.push({ at: label, sum: used.get(label) ?? NOTHING });
  }
  return bars;
}

function barChart(report, chosen, currency) {
  const bars = everyBar(report, chosen);
  const hours = chosen.span === "24h";
  const name = chosen.measure === "cost" ? `${t("measure.cost")} (${currency})` : t(`measure.${chosen.measure}`);
  const most = bars.reduce((top, one) => (top === null || measured(one.sum, chosen, currency) > measured(top.sum, chosen, currency) ? one : top), null);
  const label = (one) => (hours ? instant(one.at, undefined, { seconds: false }).slice(11) : dayLabel(one.at));
  return chart({
    name: `taximeter-${chosen.span}-${chosen.measure}`,
    labels: bars.map(label),
    fullLabels: bars.map((one) => one.at),
    values: bars.map((one) => measured(one.sum, chosen, currency)),
    texts: bars.map((one) => written(one.sum, chosen, currency)),
    head: [hours ? t("table.hour") : t("table.day"), name],
    summary: most ? t("chart.summary", { what: name, n: bars.length, day: most.at, value: written(most.sum, chosen, currency) }) : name,
  });
}

const GROUPS_OF_ALL = ["account", "team", "key", "model"];

function groups(report, chosen, currency) {
  const whole100 = measured(report.total, chosen, currency);
  const rows = report.groups.filter((group) => chosen.measure !== "cost" || costOf(group.sum, currency) !== undefined);
  return table(
    [
      {
        head: t(`by.${chosen.by}`),
        rowHead: true,
        cell: (group) => {
          const target = groupLink(group, chosen);
          const name = groupName(group, chosen);
          return [
            target ? h("a", { href: target }, name) : name,
            h("span.sub", {}, chosen.by === "account" ? group.id : chosen.by !== "model" && !chosen.account ? group.account : null),
          ];
        },
      },
      { head: t("table.share"), class: "roomy", cell: (group) => bar(measured(group.sum, chosen, currency) / whole100) },
      { head: t("table.requests"), number: true, cell: (group) => whole(group.sum.requests) },
      { head: t("table.tokens"), number: true, cell: (group) => whole(group.sum.inputTokens + group.sum.outputTokens) },
      {
        head: t("table.cost"),
        number: true,
        cell: (group) => {
          const question = groupQuestion(report, chosen, group);
          return [
            chosen.measure === "cost"
              ? money(costOf(group.sum, currency), currency)
              : group.sum.costs.length === 1
                ? money(group.sum.costs[0].amount, group.sum.costs[0].currency)
                : group.sum.costs.length === 0
                  ? DASH
                  : group.sum.costs.map((cost) => h("span.sub", {}, money(cost.amount, cost.currency))),
            question ? explainButton(question) : null,
          ];
        },
      },
      { head: t("table.trend"), number: true, cell: (group) => trend(measured(group.sum, chosen, currency), measured(group.before, chosen, currency), t(`span.before.${chosen.span}`)) },
    ],
    rows,
    {
      caption: t("overview.groups", { by: t(`by.${chosen.by}`) }),
      file: null,
      empty: t("overview.nothing"),
      foot: report.others && (chosen.measure !== "cost" || costOf(report.others.sum, currency) !== undefined)
        ? h(
            "tr",
            {},
            h("th", { scope: "row" }, t("overview.others", { n: whole(report.others.groups) })),
            h("td.roomy", {}, bar(measured(report.others.sum, chosen, currency) / whole100)),
            h("td.number", {}, whole(report.others.sum.requests)),
            h("td.number", {}, whole(report.others.sum.inputTokens + report.others.sum.outputTokens)),
            h("td.number", {}, chosen.measure === "cost" ? money(costOf(report.others.sum, currency) ?? "0", currency) : DASH),
            h("td.number", {}),
          )
        : null,
    },
  );
}

function groupsCsv(report, chosen) {
  const rows = [["account", chosen.by, "name", "requests", "inputTokens", "outputTokens", "cost", "currency"]];
  const others = report.others ? [{ name: t("overview.others", { n: whole(report.others.groups) }), sum: report.others.sum }] : [];
  for (const group of [...report.groups, ...others]) {
    for (const cost of group.sum.costs.length > 0 ? group.sum.costs : [{}]) {
      rows.push([group.account, group.id, group.name, group.sum.requests, group.sum.inputTokens, group.sum.outputTokens, cost.amount, cost.currency]);
    }
  }
  return csv(rows);
}

/** Usage of a span, of all or of one account, team, key or model. */
export function usage(chosen, { groupsOf = GROUPS_OF_ALL } = {}) {
  return part(
    async () => heard(await get("/v1/overview", parameters(chosen, TOP))),
    (report) => {
      const currency = mainCurrency(report, chosen);
      const currencies = report.total.costs.map((cost) => cost.currency).filter(Boolean);
      return h(
        "div.stack",
        {},
        figures(report, chosen, currency),
        panel(
          t("overview.over"),
          {
            hint: chosen.span === "24h" ? t("overview.hours") : chosen.account ? t("overview.daysOfAccount") : t("overview.daysOfAccounts"),
            actions: [
              currencies.length > 1 && chosen.measure === "cost"
                ? choice(t("overview.currency"), currencies.map((one) => ({ text: one, href: withQuery({ currency: one }), current: one === currency })))
                : null,
              choice(
                t("measure.label"),
                MEASURES.map((measure) => ({ text: t(`measure.${measure}`), href: withQuery({ measure }), current: chosen.measure === measure })),
              ),
            ],
          },
          barChart(report, chosen, currency),
        ),
        groupsOf.length === 0
          ? null
          : panel(
              t("overview.who"),
              {
                actions: [
                  choice(
                    t("by.label"),
                    groupsOf.map((by) => ({ text: t(`by.${by}`), href: withQuery({ by }), current: chosen.by === by })),
                  ),
                  iconButton("download", t("chart.csv"), () => save(`taximeter-${chosen.by}.csv`, "text/csv", groupsCsv(report, chosen))),
                ],
              },
              groups(report, chosen, currency),
            ),
      );
    },
  );
}

/** Who runs out of money first. */
export function balances(account) {
  return part(
    async () => heard(await get("/v1/standing/balances", { account, limit: TOP })),
    (answer) =>
      table(
        [
          {
            head: t("by.account"),
            rowHead: true,
            cell: (one) => [h("a", { href: link(["accounts", one.account]) }, one.name), h("span.sub", {}, t("balance.runway"), ": ", runway(one))],
          },
          { head: t("balance.left"), number: true, cell: (one) => [money(one.balance, one.currency), explainButton({ figure: "balance", account: one.account })] },
        ],
        answer.items.filter((one) => one.funded || one.billing === "prepaid"),
        { file: "taximeter-balances", caption: t("balance.title"), empty: t("balance.none") },
      ),
  );
}

export function runway(one) {
  if (one.runwayDays === undefined) {
    return DASH;
  }
  const kind = one.runwayDays < 3 ? "bad" : one.runwayDays < 14 ? "warn" : "good";
  return h(`span.badge.${kind}`, {}, one.balance.startsWith("-") || Number(one.balance) === 0 ? t("balance.out") : one.runwayDays === 0 ? t("balance.today") : one.runwayDays > LONG_DAYS ? t("balance.long") : one.runwayDays === 1 ? t("balance.day") : t("balance.days", { n: whole(one.runwayDays) }));
}

export function quotas(account) {
  return part(
    async () => heard(await get("/v1/standing/quotas", { account, limit: TOP })),
    (answer) =>
      table(
        [
          {
            head: t("quota.quota"),
            rowHead: true,
            cell: (one) => [
              account ? one.id : h("a", { href: link(["accounts", one.account]) }, one.name),
              h("span.sub", {}, [one.key, one.model].filter(Boolean).concat(t("quota.what", { metric: code("metric", one.metric), window: code("window", one.window) })).join(" · ")),
            ],
          },
          {
            head: t("quota.used"),
            number: true,
            cell: (one) => [
              h(`span.badge.${one.percent >= 100 ? "bad" : one.percent >= 80 ? "warn" : "plain"}`, {}, `${whole(one.percent)} %`),
              h("span.sub", {}, quotaAmount(one, one.used), " / ", quotaAmount(one, one.limit)),
              bar(one.percent / 100, one.percent >= 100 ? "bad" : one.percent >= 80 ? "warn" : "plain"),
            ],
          },
        ],
        answer.items,
        { file: "taximeter-quotas", caption: t("quota.title"), empty: t("quota.none") },
      ),
  );
}

function quotaAmount(one, text) {
  return one.metric === "cost" ? `${exact(text)} ${one.currency}` : whole(Number(text));
}

export function page(place) {
  const own = me().account;
  const chosen = settings(place.query, own ? { account: own, model: place.query.model } : { model: place.query.model });
  if (own && chosen.by === "account") {
    chosen.by = "key";
  }
  const parts = [
    usage(chosen, { groupsOf: own ? ["team", "key", "model"] : chosen.model ? ["account", "team", "key"] : GROUPS_OF_ALL }),
    balances(own),
    quotas(own),
  ];
  const node = h(
    "div.page",
    {},
    h(
      "div.page-head",
      {},
      h("div", {}, h("h1", {}, t("nav.overview")), chosen.model ? h("p.hint", {}, t("overview.onlyModel", { model: chosen.model }), " ", h("a", { href: withQuery({ model: null }) }, t("overview.allModels"))) : null),
      spanChoice(chosen),
    ),
    h(
      "div.columns",
      {},
      parts[0],
      h("div.stack", {}, panel(t("balance.title"), { hint: t("balance.hint") }, parts[1]), panel(t("quota.title"), { hint: t("quota.hint") }, parts[2])),
    ),
  );
  return { title: t("nav.overview"), node, leave: refreshing(parts) };
}

/** Asks again every few seconds while somebody looks and something happened. */
export function refreshing(parts) {
  let happened = isCustomer();
  const forget = listen(() => {
    happened = true;
  });
  const timer = setInterval(() => {
    const asks = document.querySelector("dialog[open]") !== null;
    if (!document.hidden && !asks && (happened || feed.state !== "live")) {
      happened = isCustomer();
      parts.forEach((one) => one.refresh());
    }
  }, REFRESH_MILLIS);
  return () => {
    clearInterval(timer);
    forget();
  };
}
