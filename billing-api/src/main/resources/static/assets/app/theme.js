"use strict";

// Runs before the first paint, so that a page never flashes in the other theme or language.
(() => {
  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const root = document.documentElement;
  const theme = stored("taximeter-theme");
  if (theme === "light" || theme === "dark") {
    root.dataset.theme = theme;
  }
  const language = stored("taximeter-language");
  const chinese = language ? language === "zh" : navigator.language.toLowerCase().startsWith("zh");
  root.lang = chinese ? "zh-CN" : "en";
})();
