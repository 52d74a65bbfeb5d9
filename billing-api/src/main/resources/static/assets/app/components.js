/** The few things that all pages are made of. */

import { h, fill, icon } from "./dom.js";
import { t, code } from "./i18n.js";
import { DASH, change, percent, whole } from "./format.js";
import { Problem } from "./api.js";

/** A titled part of a page. */
export function panel(title, { actions = [], hint, wide = false, id } = {}, ...children) {
  const heading = `panel-${(panel.count = (panel.count ?? 0) + 1)}`;
  return h(
    `section.panel${wide ? ".wide" : ""}`,
    { "aria-labelledby": heading, id },
    h(
      "header.panel-head",
      {},
      h("div", {}, h("h2", { id: heading }, title), hint ? h("p.hint", {}, hint) : null),
      actions.length > 0 ? h("div.actions", {}, actions) : null,
    ),
    children,
  );
}

/** One of the big numbers. */
export function figure(label, value, { detail, trend, title, explain } = {}) {
  return h(
    "div.figure",
    {},
    h("div.figure-label", {}, h("span", {}, label), explain ?? null),
    h("p.figure-value", { title }, value),
    h("p.figure-detail", {}, trend ?? null, detail ?? null),
  );
}

/** How a figure changed. More is neither good nor bad. */
export function trend(now, before, what = t("trend.before")) {
  const changed = change(now, before);
  if (changed === null) {
    return h("span.trend", {}, DASH, h("span.sr", {}, t("trend.none")));
  }
  const direction = changed > 0.0005 ? "up" : changed < -0.0005 ? "down" : "level";
  const sign = { up: "▲", down: "▼", level: "•" }[direction];
  return h(
    "span.trend",
    { title: what },
    h("span", { "aria-hidden": "true" }, `${sign} `),
    h("span.sr", {}, t(`trend.${direction}`)),
    percent(Math.abs(changed)),
  );
}

export function badge(text, kind = "plain", title) {
  return h(`span.badge.${kind}`, { title }, text);
}

const FATES = {
  billed: "good",
  unattributed: "warn",
  unbillable: "plain",
  duplicate: "plain",
  suspense: "warn",
  quarantined: "bad",
};

export function fate(name, reason) {
  return badge(code("fate", name), FATES[name] ?? "plain", reason ? code("reason", reason) : undefined);
}

/** A choice of few, as links, so that each is an address. */
export function choice(label, items) {
  return h(
    "nav.choice",
    { "aria-label": label },
    items.map((item) =>
      h("a", { href: item.href, "aria-current": item.current ? "true" : null }, item.text),
    ),
  );
}

export function button(text, onclick, { kind = "plain", symbol, title, type = "button", disabled } = {}) {
  return h(
    `button.button.${kind}`,
    { type, onclick, title, disabled },
    symbol ? icon(symbol) : null,
    text ? h("span", {}, text) : null,
  );
}

export function iconButton(symbol, label, onclick, attributes = {}) {
  return h("button.icon-button", { type: "button", "aria-label": label, title: label, onclick, ...attributes }, icon(symbol));
}

/** Asks where a number comes from. */
export function explainButton(question) {
  return h(
    "button.explain",
    {
      type: "button",
      "aria-label": t("explain.button"),
      title: t("explain.button"),
      onclick: (event) => {
        event.preventDefault();
        dispatchEvent(new CustomEvent("taximeter-explain", { detail: { question, from: event.currentTarget } }));
      },
    },
    icon("explain"),
  );
}

/**
 * A real table, which can be saved as the rows came from the API: with every field and digit.
 *
 * @param {Array<{head: string, cell: function(object): (Node|string), number?: boolean, rowHead?: boolean, money?: boolean, class?: string}>} columns
 * @param {object} options caption is for screen readers, empty what stands where there are no rows,
 *     file the name of the CSV file, null where something else saves these rows
 */
export function table(columns, rows, { caption, empty, foot, rowClass, file = "taximeter" } = {}) {
  if (rows.length === 0) {
    return emptyState(empty ?? t("state.empty"));
  }
  const body = h(
    "tbody",
    {},
    rows.map((row) => h("tr", { class: rowClass?.(row) }, columns.map((column) => cell(column, row)))),
  );
  const made = h(
    "div.scroll",
    { tabindex: "0", role: "group", "aria-label": caption },
    h(
      "table",
      {},
      h("caption.sr", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((column) =>
            h(
              `th${column.number ? ".number" : ""}`,
              { scope: "col", class: column.class },
              column.head === "" ? h("span.sr", {}, t("table.actions")) : column.head,
            ),
          ),
        ),
      ),
      body,
      foot ? h("tfoot", {}, foot) : null,
    ),
  );
  columns.forEach((column, index) => {
    if (column.number) {
      alignPoints([...body.rows].map((row) => row.cells[index]));
    }
  });
  return file === null
    ? made
    : h(
        "div.tabled",
        {},
        made,
        h("p.table-foot", {}, button("CSV", () => save(`${file}.csv`, "text/csv", csv(flat(rows))), { kind: "quiet", symbol: "download", title: t("table.csv", { what: caption ?? "" }) })),
      );
}

/** Objects as rows below one head; what lies within another thing has its name in front. */
export function flat(objects) {
  const lines = objects.map((one) => Object.fromEntries(fields("", one)));
  const head = [...new Set(lines.flatMap(Object.keys))];
  return [head, ...lines.map((line) => head.map((name) => line[name]))];
}

function fields(name, value) {
  if (value === undefined || value === null) {
    return [];
  }
  if (Array.isArray(value)) {
    return [[name, value.every((one) => typeof one !== "object") ? value.join("; ") : JSON.stringify(value)]];
  }
  return typeof value === "object"
    ? Object.entries(value).flatMap(([key, inner]) => fields(name ? `${name}.${key}` : key, inner))
    : [[name, value]];
}

function cell(column, row) {
  const content = column.cell(row);
  const shown = content === undefined || content === null || content === "" ? DASH : content;
  return h(
    `${column.rowHead ? "th" : "td"}${column.number ? ".number" : ""}`,
    { scope: column.rowHead ? "row" : null, class: column.class },
    shown,
  );
}

/** Decimal points stand below each other: what a number lacks in digits is made up in space. */
function alignPoints(cells) {
  const amounts = cells.flatMap((one) => [...one.querySelectorAll(".money[data-rest]")]);
  const longest = Math.max(0, ...amounts.map((one) => Number(one.dataset.rest)));
  for (const amount of amounts) {
    const missing = longest - Number(amount.dataset.rest);
    if (missing > 0) {
      amount.querySelector(".rest").append(h("span.pad", { "aria-hidden": "true" }, "0".repeat(missing)));
    }
  }
}

/** A share of a whole, as a bar beside its number. */
export function bar(share, kind = "plain") {
  const width = Math.max(0, Math.min(1, share || 0)) * 100;
  const made = h(`span.bar.${kind}`, { "aria-hidden": "true" }, h("span"));
  made.firstChild.style.width = `${width.toFixed(1)}%`;
  return made;
}

export function emptyState(text, ...actions) {
  return h("div.state", {}, h("p", {}, text), actions);
}

export function loading(text = t("state.loading")) {
  return h("div.state.loading", { role: "status" }, h("span.spinner", { "aria-hidden": "true" }), h("p", {}, text));
}

/** What went wrong, and what to do. */
export function failure(error, retry) {
  const known = error instanceof Problem;
  if (!known) {
    console.error(error);
  }
  const sentence = !known
    ? t("state.broken")
    : error.type === "unreachable"
      ? t("state.unreachable")
      : error.status === 401
        ? t("state.signedOut")
        : error.status === 403
          ? t("state.forbidden")
          : error.sentence();
  return h(
    "div.state.failure",
    { role: "alert" },
    h("p", {}, h("strong", {}, t("state.failed")), " ", sentence),
    retry ? button(t("state.retry"), retry) : null,
  );
}

/**
 * A part that loads by itself: shows that it loads, then what came, or what went wrong. Loading it
 * again keeps what is shown until the answer is there.
 */
export function part(load, draw, { kept = true } = {}) {
  const box = h("div.part", { "aria-busy": "true" }, loading());
  let drawn = false;
  let number = 0;
  const refresh = async () => {
    const mine = ++number;
    if (!drawn || !kept) {
      fill(box, loading());
    }
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await load();
      if (mine === number) {
        drawn = true;
        const focused = focusPath(box);
        fill(box, draw(answer, refresh));
        restoreFocus(box, focused);
      }
    } catch (error) {
      if (mine === number && error.name !== "AbortError") {
        drawn = false;
        fill(box, failure(error, refresh));
      }
    } finally {
      if (mine === number) {
        box.setAttribute("aria-busy", "false");
      }
    }
  };
  box.refresh = refresh;
  refresh();
  return box;
}

/** Where the keyboard was, by place, so that a redraw does not throw people out. */
function focusPath(box) {
  const active = document.activeElement;
  if (!active || !box.contains(active)) {
    return null;
  }
  return [...box.querySelectorAll("a, button, input, select, [tabindex]")].indexOf(active);
}

function restoreFocus(box, place) {
  if (place !== null && place >= 0) {
    box.querySelectorAll("a, button, input, select, [tabindex]")[place]?.focus({ preventScroll: true });
  }
}

/** Tells briefly what came of something. */
export function toast(text, kind = "good") {
  const box = document.getElementById("toasts");
  const made = h(`p.toast.${kind}`, {}, text);
  box.append(made);
  setTimeout(() => made.remove(), 6000);
}

/**
 * A dialog with a form.
 *
 * @param {object} options send gets the form's values and returns what comes then: nothing closes
 *     the dialog, a node stays in it
 */
export function dialog(title, { fields = [], body = [], send, submit, kind = "primary", wide = false } = {}) {
  const error = h("div", { role: "alert" });
  const close = () => made.close();
  const submitButton = send ? button(submit ?? t("dialog.ok"), null, { kind, type: "submit" }) : null;
  const content = h("div.dialog-body", {}, body, fields.map(fieldRow), error);
  const foot = h("footer", {}, button(send ? t("dialog.cancel") : t("dialog.close"), close), submitButton);
  const form = h(
    "form",
    {
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (!send) {
          return;
        }
        const values = Object.fromEntries(new FormData(form));
        submitButton.disabled = true;
        fill(error);
        try {
          const result = await send(values);
          if (result instanceof Node) {
            fill(content, result);
            fill(foot, button(t("dialog.close"), close, { kind: "primary" }));
            foot.querySelector("button").focus();
          } else {
            close();
          }
        } catch (problem) {
          fill(error, failure(problem));
        } finally {
          submitButton.disabled = false;
        }
      },
    },
    h("header", {}, h("h2", { id: "dialog-title" }, title), iconButton("close", t("dialog.close"), close)),
    content,
    foot,
  );
  const opener = document.activeElement;
  const made = h(`dialog.dialog${wide ? ".wide" : ""}`, { "aria-labelledby": "dialog-title" }, form);
  made.addEventListener("close", () => {
    made.remove();
    opener?.focus?.();
  });
  document.body.append(made);
  made.showModal();
  const first = made.querySelector("input, select, textarea");
  first?.focus();
  if (first instanceof HTMLTextAreaElement) {
    first.setSelectionRange(0, 0);
    first.scrollTop = 0;
  }
  return made;
}

let fieldCount = 0;

function fieldRow(field) {
  const id = `field-${++fieldCount}`;
  const hint = field.hint ? h("p.hint", { id: `${id}-hint` }, field.hint) : null;
  const shared = { id, name: field.name, "aria-describedby": hint ? `${id}-hint` : null, required: field.required };
  let input;
  if (field.options) {
    input = h(
      "select",
      shared,
      field.options.map((option) =>
        h("option", { value: option.value, selected: option.value === field.value }, option.text),
      ),
    );
  } else if (field.rows) {
    input = h("textarea", { ...shared, rows: String(field.rows), spellcheck: "false", value: field.value ?? "" });
  } else {
    input = h("input", {
      ...shared,
      type: field.type ?? "text",
      value: field.value ?? "",
      inputmode: field.inputmode,
      autocomplete: "off",
      maxlength: field.maxlength,
    });
  }
  return h("div.field", {}, h("label", { for: id }, field.label), input, hint);
}

/** Text to take away, such as a secret or a command. */
export function copyable(text, label) {
  const control = iconButton("copy", t("copy.button", { what: label }), async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(t("copy.done"));
    } catch {
      const range = document.createRange();
      range.selectNodeContents(shown);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      toast(t("copy.selected"), "plain");
    }
  });
  const shown = h("code", {}, text);
  return h("div.copyable", {}, h("pre", { tabindex: "0", "aria-label": label }, shown), control);
}

/** Pages of a list: more is asked for only when somebody wants it. */
export function pages(load, draw) {
  const box = h("div");
  let items = [];
  let asked = 0;
  const more = async (cursor) => {
    // Of two clicks, and of a list that was begun anew meanwhile, only the last answer counts.
    const mine = ++asked;
    if (items.length === 0) {
      fill(box, loading());
    }
    try {
      const page = await load(cursor);
      if (mine !== asked) {
        return;
      }
      items = items.concat(page.items);
      fill(
        box,
        draw(items, page, restart),
        page.next
          ? h("p.more", {}, button(t("table.more"), () => more(page.next)), h("span.hint", {}, t("table.shown", { n: whole(items.length) })))
          : null,
      );
    } catch (error) {
      if (mine !== asked) {
        return;
      }
      if (cursor) {
        box.append(failure(error, () => more(cursor)));
      } else {
        fill(box, failure(error, restart));
      }
    }
  };
  const restart = () => {
    items = [];
    return more();
  };
  restart();
  box.dataset.pages = "";
  box.pages = { refresh: restart };
  box.refresh = restart;
  return box;
}

/** Saves text as a file. */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const anchor = h("a", { href: url, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** RFC 4180; text that a spreadsheet would run gets an apostrophe in front. */
export function csv(rows) {
  return rows
    .map((row) =>
      row
        .map((value) => {
          const text = value === undefined || value === null ? "" : String(value);
          const formula = /^\s*[=+@\-＝＋－＠]/.test(text) || /^[\t\r\n]/.test(text);
          const safe = formula && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
          return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
        })
        .join(","),
    )
    .join("\r\n")
    .concat("\r\n");
}
