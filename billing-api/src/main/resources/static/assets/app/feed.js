/** What happens now: one stream for all pages of this tab. */

import { get } from "./api.js";

const MOST_SECONDS = 120;
const MOST_LINES = 60;

/** A second is told each second: after so long without one the connection is dead, whatever it says. */
const SILENCE_MILLIS = 15_000;

export const feed = {
  /** connecting, live, lost, signedOut or off */
  state: "connecting",
  second: null,
  tokens: [],
  spend: [],
  lines: [],
  /** Milliseconds from hand-over of the latest line to here. */
  delay: null,
};

const listeners = new Set();

/** Hears of what changed: state, second or lines. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(what) {
  listeners.forEach((listener) => listener(what));
}

function takeSecond(second) {
  const cameBack = feed.state !== "live";
  feed.state = "live";
  feed.second = second;
  if (second.earlier) {
    feed.tokens = second.earlier.slice(-MOST_SECONDS);
    feed.spend = second.earlierSpend.slice(-MOST_SECONDS);
    feed.lines = second.latest;
    tell("lines");
  } else {
    feed.tokens = [...feed.tokens, second.inputTokens + second.outputTokens].slice(-MOST_SECONDS);
    feed.spend = [...feed.spend, second.spend].slice(-MOST_SECONDS);
  }
  if (second.delayMillis !== undefined) {
    feed.delay = second.delayMillis;
  }
  tell("second");
  if (cameBack) {
    tell("state");
  }
}

function takeLines(fresh) {
  feed.lines = fresh.lines.concat(feed.lines).slice(0, MOST_LINES);
  tell("lines");
}

/** A browser does not tell why a stream failed; a plain request does. */
async function explainFailure() {
  try {
    await get("/v1/session");
    feed.state = "lost";
  } catch (problem) {
    feed.state = problem.status === 401 ? "signedOut" : "lost";
  }
  tell("state");
}

export function connect() {
  const stream = new EventSource("/v1/live");
  let heard = Date.now();
  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE_MILLIS) {
      end();
      explainFailure();
      connect();
    }
  }, SILENCE_MILLIS / 3);
  const end = () => {
    clearInterval(watch);
    stream.close();
  };
  stream.addEventListener("second", (event) => {
    heard = Date.now();
    takeSecond(JSON.parse(event.data));
  });
  stream.addEventListener("lines", (event) => takeLines(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    heard = Date.now();
    explainFailure();
    if (stream.readyState === EventSource.CLOSED) {
      end();
      setTimeout(connect, 3000);
    }
  });
  addEventListener("pagehide", end, { once: true });
}

/** For those who may not see the lines of all. */
export function off() {
  feed.state = "off";
  tell("state");
}
