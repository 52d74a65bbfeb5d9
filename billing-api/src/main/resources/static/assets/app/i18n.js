import { EN } from "./en.js";
import { ZH } from "./zh.js";

const DICTIONARIES = { en: EN, zh: ZH };
const STORED = "taximeter-language";

export function language() {
  return document.documentElement.lang === "zh-CN" ? "zh" : "en";
}

export function locale() {
  return document.documentElement.lang;
}

export function setLanguage(name) {
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(STORED, name);
  } catch {
    // The choice then lasts as long as the page.
  }
}

/** The text of a key, with {names} filled in. */
export function t(key, values = {}) {
  const text = DICTIONARIES[language()][key];
  if (text === undefined) {
    throw new Error(`no text for ${key}`);
  }
  return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The text for a code of the server, or the code itself where there is none. */
export function code(prefix, value) {
  if (value === undefined || value === null || value === "") {
    return "–";
  }
  return DICTIONARIES[language()][`${prefix}.${value}`] ?? String(value);
}
