import { h, fill, icon } from "./dom.js";
import { t, language, setLanguage } from "./i18n.js";
import { current, go, link } from "./router.js";
import { badge, failure, iconButton, loading, toast } from "./components.js";
import { forget } from "./charts.js";
import { connect, feed, listen, off } from "./feed.js";
import { isCustomer, me, openSession } from "./session.js";
import { instant, whole } from "./format.js";
import { get, Problem, write } from "./api.js";
import { openExplanation } from "./explain.js";
import { freshness, onFreshness } from "./freshness.js";

const PAGES = {
  overview: () => import("./pages/overview.js"),
  live: () => import("./pages/live.js"),
  accounts: () => import("./pages/accounts.js"),
  bills: () => import("./pages/bills.js"),
  catalogue: () => import("./pages/catalogue.js"),
  operations: () => import("./pages/operations.js"),
  alerts: () => import("./pages/alerts.js"),
  tour: () => import("./pages/tour.js"),
};

const main = document.getElementById("main");
let leave = null;
let shown = 0;

function navigation() {
  const names = isCustomer()
    ? ["overview", "accounts", "bills", "alerts"]
    : ["overview", "live", "accounts", "bills", "catalogue", "alerts", "operations", ...(me().demonstration ? ["tour"] : [])];
  const here = current().parts[0] ?? "overview";
  const side = document.getElementById("side");
  side.setAttribute("aria-label", t("nav.label"));
  fill(
    side,
    h(
      "ul",
      {},
      names.map((name) =>
        h(
          "li",
          {},
          h(
            "a",
            { href: link([name]), "aria-current": name === here ? "page" : null },
            icon(name),
            h("span", {}, name === "accounts" && isCustomer() ? t("nav.account") : t(`nav.${name}`)),
          ),
        ),
      ),
    ),
    h(
      "ul.side-foot",
      {},
      h("li", {}, h("a", { href: "/docs" }, icon("docs"), h("span", {}, t("nav.docs")))),
      h("li.who", {}, h("span", {}, me().name), badge(t(`role.${me().role}`))),
    ),
  );
}

function tools() {
  const dark = isDark();
  fill(
    document.getElementById("top-tools"),
    h(
      "button.language",
      {
        type: "button",
        id: "language",
        lang: language() === "zh" ? "en" : "zh-CN",
        onclick: () => {
          setLanguage(language() === "zh" ? "en" : "zh");
          drawShell();
          show();
          document.getElementById("language").focus();
        },
      },
      language() === "zh" ? "English" : "中文",
    ),
    iconButton(dark ? "sun" : "moon", t(dark ? "theme.light" : "theme.dark"), toggleTheme, { id: "theme" }),
    iconButton("out", t("session.end"), signOut, { id: "sign-out" }),
  );
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  const name = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("taximeter-theme", name);
  } catch {
    // The choice then lasts as long as the page.
  }
  tools();
  show();
  document.getElementById("theme").focus();
}

async function signOut() {
  try {
    await write("POST", "/v1/session/end");
    location.reload();
  } catch (problem) {
    toast(problem.message || t("state.unreachable"), "bad");
  }
}

/** How fresh and how complete what is shown is: always in sight. */
function stateLine() {
  const kind = { live: "good", connecting: "plain", lost: "bad", signedOut: "bad", off: "plain" }[feed.state];
  const parts = [];
  if (feed.state !== "off") {
    parts.push(h(`span.dot.${kind}`, { "aria-hidden": "true" }), h("span", { id: "feed-state" }, t(`feed.${feed.state}`)));
    if (feed.state === "live" && feed.delay !== null) {
      parts.push(h("span.quiet", { id: "feed-delay" }, t("feed.delay", { ms: whole(feed.delay) })));
    }
  }
  const completeness = freshness();
  if (completeness) {
    const wrong = [];
    if (completeness.silentSources > 0) {
      wrong.push(t("fresh.silent", { n: whole(completeness.silentSources) }));
    }
    if (completeness.openGaps > 0) {
      wrong.push(t("fresh.gaps", { n: whole(completeness.openGaps) }));
    }
    const text =
      wrong.length > 0
        ? wrong.join(" · ")
        : completeness.through
          ? t("fresh.through", { time: instant(completeness.through).slice(11) })
          : t("fresh.unknown");
    parts.push(
      h(
        "span.completeness",
        { id: "completeness", title: completeness.through ? t("fresh.title", { time: instant(completeness.through) }) : t("fresh.unknownTitle") },
        wrong.length > 0 ? badge(text, "warn") : text,
      ),
    );
  }
  return parts;
}

let lastState = "";

function drawState() {
  const line = document.getElementById("state-line");
  const parts = stateLine();
  // Said only when it changed: the milliseconds of each second are not news.
  const spoken = `${feed.state}`;
  line.setAttribute("aria-live", spoken === lastState ? "off" : "polite");
  lastState = spoken;
  fill(line, parts);
}

function drawShell() {
  document.getElementById("skip").textContent = t("nav.skip");
  navigation();
  tools();
  drawState();
}

async function show() {
  const mine = ++shown;
  const place = current();
  const name = place.parts[0] ?? (isCustomer() ? "overview" : "overview");
  navigation();
  const load = PAGES[name];
  if (!load) {
    fill(main, h("div.page", {}, h("h1", {}, t("page.missing")), h("p", {}, h("a", { href: link(["overview"]) }, t("nav.overview")))));
    return;
  }
  let module;
  try {
    module = await load();
  } catch {
    if (mine === shown) {
      leave?.();
      leave = null;
      // Files of pages need a session, too.
      fill(main, failure(await reasonOfSilence(), show));
    }
    return;
  }
  if (mine !== shown) {
    return;
  }
  // What was asked about one page must not lie over another.
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  leave?.();
  leave = null;
  forget();
  const page = module.page(place);
  leave = page.leave ?? null;
  const scroll = scrollY;
  fill(main, page.node);
  document.title = `${page.title} · Taximeter`;
  if (samePlace(place)) {
    scrollTo(0, scroll);
  } else {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  lastPlace = place.parts.join("/");
  // On a phone the rows of pages and tabs are wider than the screen.
  document.querySelectorAll(".side [aria-current], .tabs [aria-current]").forEach((one) => {
    const row = one.closest(".side, .tabs");
    row.scrollLeft = one.offsetLeft - row.clientWidth / 2 + one.offsetWidth / 2;
  });
}

/** A browser does not tell why a file did not come; a plain request does. */
async function reasonOfSilence() {
  try {
    await get("/v1/session");
    return new Problem(0, { type: "unreachable", detail: "" });
  } catch (problem) {
    return problem;
  }
}

let lastPlace = null;

function samePlace(place) {
  return lastPlace === null || lastPlace === place.parts.join("/");
}

async function start() {
  fill(main, loading("…"));
  document.title = "Taximeter";
  try {
    await openSession();
  } catch (problem) {
    fill(main, failure(problem, () => location.reload()));
    return;
  }
  drawShell();
  listen((what) => {
    if (what !== "lines") {
      drawState();
    }
  });
  onFreshness(drawState);
  addEventListener("hashchange", show);
  addEventListener("taximeter-explain", (event) => openExplanation(event.detail.question));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    tools();
    // The system's dusk must not close what somebody is writing, or a secret that is shown once.
    if (!document.querySelector("dialog[open]")) {
      show();
    }
  });
  if (isCustomer()) {
    off();
  } else {
    connect();
  }
  if (!location.hash) {
    go(link(["overview"]), { replace: true });
  } else {
    show();
  }
}

start();
