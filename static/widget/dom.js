// @ts-check
// Elements and icons. Text only ever becomes text nodes; there is no way here to write markup, style or script.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  stop: "M7.5 7.5h9v9h-9z",
  down: "M12 5v14M5.5 12.5L12 19l6.5-6.5",
  arrow: "M9.5 6l6 6-6 6",
  out: "M8 16L16.5 7.5M9.5 7.5h7v7",
  retry: "M4.5 12a7.5 7.5 0 1 0 2.3-5.4L4.5 8.8M4.5 4.5v4.3h4.3",
  spark: "M12 3.5l1.9 5.1a2.6 2.6 0 0 0 1.5 1.5l5.1 1.9-5.1 1.9a2.6 2.6 0 0 0-1.5 1.5L12 20.5l-1.9-5.1a2.6 2.6 0 0 0-1.5-1.5L3.5 12l5.1-1.9"
    + "a2.6 2.6 0 0 0 1.5-1.5z",
  product: "M12.6 3.5H20V11l-8.9 8.9a1.6 1.6 0 0 1-2.3 0l-5.2-5.2a1.6 1.6 0 0 1 0-2.3zM16.2 7.3v.02",
  policy: "M6.5 3.5h7.5l4 4v13h-11.5zM13.5 3.5V8H18M9.5 12h5.5M9.5 15.5h5.5",
  alert: "M12 4l9 15.5H3zM12 10v4M12 16.8v.02",
  menu: "M5.5 12v.02M12 12v.02M18.5 12v.02",
  person: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-3.7 3.6-6 7.5-6s6.9 2.3 7.5 6",
  up: "M7.5 11l3.6-7.2a2 2 0 0 1 2.9 1.8V9.5h4.2a2 2 0 0 1 2 2.4l-1.2 6a2 2 0 0 1-2 1.6H7.5zM7.5 11H3.8v8.5h3.7",
};

/** @typedef {keyof typeof ICONS} IconName */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties] `on…` are listeners, the rest attributes; false and null leave one out
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {IconName | `M${string}`} name one of ours, or the path of a rarer one */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", name in ICONS ? ICONS[/** @type {IconName} */ (name)] : name);
  svg.append(path);
  return svg;
}
