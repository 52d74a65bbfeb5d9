/** Charts. Each is also a table and a CSV file, and says in words what it shows. */

import { h, fill } from "./dom.js";
import { t } from "./i18n.js";
import { csv, iconButton, save, table } from "./components.js";

let library;

/** The library is fetched when the first chart is drawn: the page does not wait for it. */
function load() {
  library ??= new Promise((resolve, reject) => {
    const script = h("script", {
      src: "/assets/chart/chart.umd.min.js",
      onload: () => resolve(globalThis.Chart),
      onerror: () => {
        library = undefined; // The next chart asks again.
        script.remove();
        reject(new Error("the chart library did not load"));
      },
    });
    document.head.append(script);
  });
  return library;
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

const shown = new Set();

/** Names of charts that somebody looks at as tables: parts are drawn anew every few seconds. */
const asTables = new Set();

/** Those that were drawn anew since. */
function forgetReplaced() {
  shown.forEach((drawn) => {
    if (!drawn.canvas?.isConnected) {
      drawn.destroy();
      shown.delete(drawn);
    }
  });
}

function draw(Chart, canvas, { kind, labels, values, format }) {
  const ink = colour("muted");
  const main = colour("chart");
  const chart = new Chart(canvas, {
    type: kind === "line" ? "line" : "bar",
    data: {
      labels,
      datasets: [
        {
          data: values,
          backgroundColor: kind === "line" ? colour("chart-soft") : main,
          hoverBackgroundColor: colour("chart-strong"),
          borderColor: main,
          borderWidth: kind === "line" ? 2 : 0,
          borderRadius: 3,
          maxBarThickness: 44,
          categoryPercentage: 0.86,
          barPercentage: 0.9,
          fill: kind === "line",
          pointRadius: 0,
          tension: 0.25,
        },
      ],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: colour("tooltip"),
          titleColor: colour("tooltip-text"),
          bodyColor: colour("tooltip-text"),
          padding: 10,
          cornerRadius: 6,
          displayColors: false,
          callbacks: { label: (item) => format(item.dataIndex) },
        },
      },
      scales: {
        x: {
          grid: { display: false },
          border: { color: colour("line") },
          ticks: { color: ink, maxRotation: 0, autoSkip: true, autoSkipPadding: 18, font: { size: 11.5 } },
        },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: colour("grid") },
          ticks: { color: ink, maxTicksLimit: 5, font: { size: 11.5 } },
        },
      },
    },
  });
  return chart;
}

/**
 * A chart with its table.
 *
 * @param {object} data labels, values (numbers for drawing only), texts (what people read, exact),
 *     head (of the two columns), name (of the file), summary (a sentence)
 */
export function chart(data) {
  const canvas = h("canvas", { role: "img", "aria-label": data.summary });
  const nothing = data.values.length === 0;
  const graphic = h(`div.chart${nothing ? ".nothing" : ""}`, {}, nothing ? h("p.quiet", {}, t("state.empty")) : canvas);
  const rows = data.labels.map((label, index) => ({ label: data.fullLabels?.[index] ?? label, text: data.texts[index] }));
  let asTable = asTables.has(data.name);
  let drawn = false;
  const box = h("div.chart-box");
  const swap = iconButton("table", t("chart.asTable"), () => {
    asTable = !asTable;
    if (asTable) {
      asTables.add(data.name);
    } else {
      asTables.delete(data.name);
    }
    show();
  });
  const download = iconButton("download", t("chart.csv"), () =>
    save(`${data.name}.csv`, "text/csv", csv([data.head, ...rows.map((row) => [row.label, row.text])])),
  );
  const content = h("div");
  const show = () => {
    swap.setAttribute("aria-pressed", String(asTable));
    fill(
      content,
      asTable
        ? h(
            "div.chart-table",
            {},
            table(
              [
                { head: data.head[0], cell: (row) => row.label, rowHead: true },
                { head: data.head[1], cell: (row) => row.text, number: true },
              ],
              rows,
              { caption: data.summary, file: null },
            ),
          )
        : graphic,
    );
    if (!asTable && !nothing) {
      paint();
    }
  };
  /** Once it has a size. */
  const paint = () => {
    if (drawn) {
      return;
    }
    load().then(
      (Chart) =>
        requestAnimationFrame(() => {
          if (drawn || !canvas.isConnected) {
            return;
          }
          drawn = true;
          forgetReplaced();
          box.chart = draw(Chart, canvas, {
            kind: data.kind ?? "bar",
            labels: data.labels,
            values: data.values,
            format: (index) => data.texts[index],
          });
          shown.add(box.chart);
        }),
      () => {
        asTable = true;
        show();
      },
    );
  };
  show();
  fill(box, nothing ? null : h("div.chart-tools", {}, swap, download), content);
  return box;
}

/** Called when a page goes away or the theme changes. */
export function forget() {
  shown.forEach((drawn) => drawn.destroy());
  shown.clear();
}

/** A small line without axes, which grows by the second. */
export function spark(values, { width = 600, height = 72, label }) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const most = Math.max(1e-12, ...values);
  const slots = 119;
  const step = width / slots;
  const first = width - (values.length - 1) * step;
  const points = values.map(
    (value, i) => `${(first + i * step).toFixed(1)},${(height - 2 - (value / most) * (height - 6)).toFixed(1)}`,
  );
  if (points.length > 1) {
    const area = document.createElementNS(ns, "path");
    area.setAttribute("class", "spark-area");
    area.setAttribute("d", `M${points.join("L")}L${width},${height}L${first.toFixed(1)},${height}Z`);
    const line = document.createElementNS(ns, "path");
    line.setAttribute("class", "spark-line");
    line.setAttribute("d", `M${points.join("L")}`);
    svg.append(area, line);
  }
  return svg;
}
