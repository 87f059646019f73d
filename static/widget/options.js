// @ts-check
// What a page may say to the widget, as attributes of its script or as options of `init`, and what of it is right. Never a prompt,
// a model or a temperature: whatever is not named here is not read.

/**
 * @typedef {{ apiBase?: string, lang?: string, prompts?: string[], perks?: Record<string, string> | string[], position?: string,
 *   offsetX?: string, offsetY?: string, zIndex?: string, color?: string, scheme?: string, title?: string, greeting?: string,
 *   open?: boolean, launcher?: string, trigger?: string, inline?: string, hideOn?: string, showOn?: string, consent?: string,
 *   noTrack?: boolean, context?: string, mirror?: string }} Options
 */

const FLAG = /^(true|false)?$/;
const PIXELS = /^\d{1,4}$/;

/** What is right, as text. @type {Record<string, RegExp>} */
const TEXTS = {
  apiBase: /^https?:\/\/\S+$/,
  lang: /^(ru|en)/i,
  position: /^(right|left)$/,
  offsetX: PIXELS,
  offsetY: PIXELS,
  zIndex: /^\d{1,10}$/,
  color: /^#([\da-f]{3}){1,2}$/i,
  scheme: /^(light|dark|auto)$/,
  title: /\S/,
  greeting: /\S/,
  open: FLAG,
  launcher: /^(show|none)$/,
  trigger: /\S/,
  inline: /\S/,
  hideOn: /\S/,
  showOn: /\S/,
  consent: /^(required|off)$/,
  noTrack: FLAG,
  context: /\S/,
  mirror: /\S/,
};
/** These are JSON, or values already: lists of texts, or texts by name. */
const VALUES = ["prompts", "perks"];

/**
 * Reads what is right and warns of what is not, by its attribute's name.
 * @param {Record<string, any>} given
 * @param {(text: string) => void} warn
 * @returns {Options}
 */
export function readOptions(given, warn) {
  /** @type {Record<string, any>} */
  const options = {};
  for (const name of [...Object.keys(TEXTS), ...VALUES]) {
    const value = given[name] ?? undefined;
    const found = value === undefined ? undefined : read(name, value);
    if (found !== undefined) options[name] = found;
    else if (value !== undefined) warn(`data-${name.replace(/[A-Z]/g, "-$&").toLowerCase()} is left out, this is not right: ${value}`);
  }
  return options;
}

/** @param {string} name @param {any} value */
function read(name, value) {
  const rule = TEXTS[name];
  if (rule) {
    const text = String(value).trim();
    if (!rule.test(text)) return;
    return rule === FLAG ? text !== "false" : text;
  }
  try {
    const found = typeof value === "string" ? JSON.parse(value) : value;
    if (Object.values(found).every((it) => typeof it === "string") && (name === "perks" || Array.isArray(found))) return found;
  } catch {
    // It is not right, as the caller then says.
  }
}

/**
 * Whether one of the patterns, with spaces between them, fits the page. `*` stands for anything; a pattern with `://` is held
 * against the whole address, one with a `?` against path and query, any other against the path.
 * @param {string} patterns
 * @param {{ origin: string, pathname: string, search: string }} page
 */
export function fitsPage(patterns, { origin, pathname, search }) {
  return patterns.split(/\s+/).some((pattern) => {
    const rule = encodeURI(pattern).replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*");
    const address = (pattern.includes("://") ? origin : "") + pathname + (pattern.includes("?") ? search : "");
    return new RegExp(`^${rule}$`, "i").test(address);
  });
}
