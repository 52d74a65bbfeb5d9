/** Makes elements. Text is always text: nothing here parses markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag element name, with classes after points: "p.quiet"
 * @param {object} [attributes] on… are listeners, true is an empty attribute, null and false are none
 * @param {...(Node|string|number|null|undefined|Array)} children
 */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length > 0) {
    made.className = classes.join(" ");
  }
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (key === "class") {
      made.classList.add(...value.split(" ").filter(Boolean));
    } else if (key === "value" || key === "checked" || key === "disabled" || key === "hidden") {
      made[key] = value;
    } else {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) {
      append(parent, child);
    } else if (child !== null && child !== undefined && child !== false) {
      parent.append(child instanceof Node ? child : String(child));
    }
  }
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Outlines of 20 by 20, drawn for this page. */
const ICONS = {
  overview: "M3 10.5 10 4l7 6.5M5 9v7.5h10V9",
  live: "M2 10h3.5l2-5 4 10.5 2.5-5.5H18",
  accounts: "M7 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM1.8 16.5c.5-3 2.5-4.5 5.2-4.5s4.700 1.500 5.200 4.500M13 9.300a2.600 2.600 0 1 0 0-5.100M14.500 12.200c2 .4 3.200 1.800 3.700 4.300",
  bills: "M5 2.500h10v15l-2.500-1.500-2.500 1.500-2.500-1.500L5 17.500ZM8 7h4M8 10.500h4",
  catalogue: "M3 4.500c2.500-1 5-1 7 .5 2-1.500 4.500-1.500 7-.5v11c-2.500-1-5-1-7 .5-2-1.500-4.500-1.500-7-.5ZM10 5v11",
  alerts: "M5 13.500V9a5 5 0 0 1 10 0v4.500l1.500 1.500h-13ZM8.500 17.500h3",
  operations: "M3 6h8M15 6h2M3 14h2M9 14h8M13 8.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400ZM7 16.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400Z",
  tour: "M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM13 7l-1.800 4.200L7 13l1.800-4.200Z",
  docs: "M6.500 6 2.500 10l4 4M13.500 6l4 4-4 4M11.500 4l-3 12",
  sun: "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600 16 16M16 4l-1.400 1.400M5.400 14.600 4 16",
  moon: "M16.500 12A7 7 0 0 1 8 3.500a7 7 0 1 0 8.500 8.500Z",
  close: "M5 5l10 10M15 5 5 15",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
  explain: "M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM7.800 7.800c.2-1.400 1.100-2.100 2.300-2.100 1.300 0 2.300.8 2.300 2 0 1.800-2.400 1.900-2.400 3.700M10 14.300v.1",
  table: "M3 4h14v12H3ZM3 8h14M3 12h14M8.500 8v8",
  chart: "M4 16V9M8 16V5M12 16v-5M16 16V7",
  download: "M10 3v9M6.500 9l3.500 3.500L13.500 9M4 16.500h12",
  copy: "M7 7h9v9H7ZM4 13V4h9",
  out: "M8 3.500H4v13h4M12.500 6.500 16 10l-3.500 3.500M16 10H8",
  right: "M8 5l5 5-5 5",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
