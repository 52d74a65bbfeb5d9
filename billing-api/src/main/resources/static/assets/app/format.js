import { h } from "./dom.js";
import { locale } from "./i18n.js";

/** What stands where there is nothing to say; never a zero. */
export const DASH = "–";

const GROUP = /\B(?=(\d{3})+$)/g;

/** Splits a decimal that came as text. Nothing here turns it into a number. */
export function decimal(text) {
  const negative = text.startsWith("-");
  const [units, fraction = ""] = text.replace("-", "").split(".");
  return { negative, units: units.replace(GROUP, ","), fraction: fraction.padEnd(2, "0") };
}

/** A decimal with every digit it came with. */
export function exact(text) {
  if (text === undefined || text === null) {
    return DASH;
  }
  const { negative, units, fraction } = decimal(text);
  return `${negative ? "−" : ""}${units}.${fraction}`;
}

/** Money with every digit; those behind the cents are quieter. */
export function money(text, currency, { bare = false } = {}) {
  if (text === undefined || text === null) {
    return h("span.money", {}, DASH);
  }
  const { negative, units, fraction } = decimal(text);
  return h(
    "span.money",
    { "data-rest": String(fraction.length - 2) },
    `${negative ? "−" : ""}${units}.${fraction.slice(0, 2)}`,
    h("span.rest", {}, fraction.slice(2)),
    bare || !currency ? null : h("span.currency", {}, ` ${currency}`),
  );
}

/** For charts and percentages only: never shown as money. */
export function approximately(text) {
  return text === undefined || text === null ? 0 : Number(text);
}

export function whole(number) {
  return number === undefined || number === null
    ? DASH
    : new Intl.NumberFormat(locale()).format(number);
}

/** A count that may be large, short; the exact one belongs into the title. */
export function short(number) {
  if (number === undefined || number === null) {
    return DASH;
  }
  return new Intl.NumberFormat(locale(), { notation: "compact", maximumFractionDigits: 2 }).format(
    number,
  );
}

/** How a figure changed; null where there is nothing to compare with. */
export function change(now, before) {
  return before > 0 ? (now - before) / before : null;
}

export function percent(share) {
  if (share === null || share === undefined || !Number.isFinite(share)) {
    return DASH;
  }
  const digits = Math.abs(share) < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale(), {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
}

/** An instant in a zone, to the second; the zone is the reader's if none is given. */
export function instant(text, zone, { seconds = true } = {}) {
  if (!text) {
    return DASH;
  }
  const options = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone: zone,
  };
  if (seconds) {
    options.second = "2-digit";
  }
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", options).formatToParts(new Date(text)).map((p) => [p.type, p.value]),
  );
  const time = `${parts.hour}:${parts.minute}${seconds ? `:${parts.second}` : ""}`;
  return `${parts.year}-${parts.month}-${parts.day} ${time}`;
}

export function day(text, zone) {
  return text ? instant(text, zone).slice(0, 10) : DASH;
}

export function clock(text, zone) {
  return text ? instant(text, zone).slice(11) : DASH;
}

/** A day of a chart, short. */
export function dayLabel(date) {
  return new Intl.DateTimeFormat(locale(), { month: "short", day: "numeric", timeZone: "UTC" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

export function monthLabel(month) {
  return new Intl.DateTimeFormat(locale(), { year: "numeric", month: "long", timeZone: "UTC" }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
}
