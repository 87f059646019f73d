// @ts-check
// Minimal Markdown as a tree of plain tokens: bold, italic, code, lists, links, citation marks. The text may come from a hostile
// model or shopper; whatever is not recognized stays text, images and HTML do not exist, and links pass one filter.

/**
 * @typedef {{ type: "text" | "code", text: string }
 *   | { type: "strong" | "em", children: Inline[] }
 *   | { type: "link", href: string, children: Inline[] }
 *   | { type: "cite", n: number }
 *   | { type: "break" }} Inline
 * @typedef {{ type: "paragraph" | "heading", children: Inline[] }
 *   | { type: "list", isOrdered: boolean, start: number, items: Inline[][] }
 *   | { type: "pre", text: string }} Block
 */

const LENGTH_LIMIT = 20_000;
const DEPTH_LIMIT = 3;
// Bold text is short; without a limit, thousands of marks that never close would be compared with each other.
const EMPHASIS_LIMIT = 600;
const BULLET = /^\s{0,6}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,6}(\d{1,3})[.)]\s+(.*)$/;
const WORD = /[\p{L}\p{N}]/u;

/**
 * The address when it may become a link, otherwise null: http, https, a plain mail address, a phone number.
 * @param {unknown} raw
 * @returns {string | null}
 */
export function safeUrl(raw) {
  if (typeof raw !== "string" || raw.length > 2000) return null;
  const text = raw.trim();
  if (/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff\\<>"'`]/.test(text)) return null;
  if (/^mailto:[\p{L}\p{N}._+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/iu.test(text)) return text;
  if (/^tel:\+?[\d().-]{3,20}$/i.test(text)) return text;
  if (!/^https?:\/\/[^/]/i.test(text)) return null;
  try {
    const url = new URL(text);
    const isPlain = (url.protocol === "https:" || url.protocol === "http:") && !url.username && !url.password;
    return isPlain ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} text
 * @param {{ isPartial?: boolean }} [options] `isPartial` hides marks that the stream has not finished yet.
 * @returns {Block[]}
 */
export function parseMarkdown(text, { isPartial = false } = {}) {
  const whole = String(text).slice(0, LENGTH_LIMIT).replace(/\r\n?/g, "\n");
  const lines = (isPartial ? settleTail(whole) : whole).split("\n");
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string[]} */
  let paragraph = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ type: "paragraph", children: parseLines(paragraph) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const heading = /^\s{0,3}#{1,6}\s+(\S.*)$/.exec(line);
    const isFence = /^\s{0,3}```/.test(line);
    if (line.trim() === "") flush();
    else if (isFence) {
      flush();
      const end = closingFence(lines, at + 1);
      blocks.push({ type: "pre", text: lines.slice(at + 1, end).join("\n") });
      at = end;
    } else if (heading) {
      flush();
      blocks.push({ type: "heading", children: parseInline(heading[1], 0) });
    } else if (!addListItem(blocks, line, paragraph.length > 0)) paragraph.push(line);
    else if (paragraph.length > 0) {
      const item = blocks.pop();
      flush();
      if (item) blocks.push(item);
    }
  }
  flush();
  return blocks;
}

/**
 * The plain text of an answer, for a screen reader: no marks, no citations.
 * @param {string} text
 */
export function plainText(text) {
  /** @param {Inline[]} tokens @returns {string} */
  const inline = (tokens) => tokens.map((token) => {
    if ("children" in token) return inline(token.children);
    return "text" in token ? token.text : token.type === "break" ? " " : "";
  }).join("");
  return parseMarkdown(text).map((block) => {
    if (block.type === "list") return block.items.map(inline).join("; ");
    return block.type === "pre" ? block.text : inline(block.children);
  }).join(" ").replace(/\s+/g, " ").trim();
}

/** @param {string[]} lines @param {number} from */
function closingFence(lines, from) {
  for (let at = from; at < lines.length; at += 1) if (/^\s{0,3}```\s*$/.test(lines[at])) return at;
  return lines.length;
}

/** Adds the line to the list before it, or opens a list; false when the line is no item. @param {Block[]} blocks @param {string} line @param {boolean} opensAnew */
function addListItem(blocks, line, opensAnew) {
  const bullet = BULLET.exec(line);
  const number = bullet ? null : NUMBER.exec(line);
  if (!bullet && !number) return false;
  const item = parseInline(bullet ? bullet[1] : number ? number[2] : "", 0);
  const last = opensAnew ? undefined : blocks[blocks.length - 1];
  if (last?.type === "list" && last.isOrdered === Boolean(number)) last.items.push(item);
  else blocks.push({ type: "list", isOrdered: Boolean(number), start: number ? Number(number[1]) : 1, items: [item] });
  return true;
}

/** @param {string[]} lines @returns {Inline[]} */
function parseLines(lines) {
  /** @type {Inline[]} */
  const tokens = [];
  lines.forEach((line, at) => {
    if (at > 0) tokens.push({ type: "break" });
    tokens.push(...parseInline(line.trim(), 0));
  });
  return tokens;
}

/** @param {string} text @param {number} depth @returns {Inline[]} */
function parseInline(text, depth) {
  /** @type {Inline[]} */
  const tokens = [];
  let plain = "";
  let at = 0;
  const push = (/** @type {Inline[]} */ found, /** @type {number} */ end) => {
    if (plain) tokens.push({ type: "text", text: plain });
    plain = "";
    tokens.push(...found);
    at = end;
  };
  while (at < text.length) {
    const found = depth > DEPTH_LIMIT ? null : matchAt(text, at, depth);
    if (found) push(found.tokens, found.end);
    else {
      plain += text[at];
      at += 1;
    }
  }
  push([], at);
  return tokens;
}

/** @param {string} text @param {number} at @param {number} depth @returns {{ tokens: Inline[], end: number } | null} */
function matchAt(text, at, depth) {
  const mark = text[at];
  if (mark === "\\" && /[\\*_`[\]()#!-]/.test(text[at + 1] ?? "")) return { tokens: [{ type: "text", text: text[at + 1] }], end: at + 2 };
  if (mark === "`") return matchCode(text, at);
  if (mark === "*" || mark === "_") return matchEmphasis(text, at, depth);
  if (mark === "[" || (mark === "!" && text[at + 1] === "[")) return matchCitation(text, at) ?? matchLink(text, at, depth);
  if ((mark === "h" || mark === "H") && !WORD.test(text[at - 1] ?? "")) return matchAddress(text, at);
  return null;
}

/** @param {string} text @param {number} at */
function matchCode(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { tokens: [/** @type {Inline} */ ({ type: "code", text: text.slice(at + 1, end) })], end: end + 1 };
}

/** Marks inside a word stay text, so that sizes ("30*20*10") and codes ("ab_cd_ef") survive. @param {string} text @param {number} at @param {number} depth */
function matchEmphasis(text, at, depth) {
  const mark = text[at];
  const isStrong = text[at + 1] === mark;
  const fence = isStrong ? mark + mark : mark;
  const start = at + fence.length;
  if (/^[\s*_]?$/.test(text[start] ?? "") || (!(isStrong && mark === "*") && WORD.test(text[at - 1] ?? ""))) return null;
  for (let end = text.indexOf(fence, start + 1); end > 0 && end - at < EMPHASIS_LIMIT; end = text.indexOf(fence, end + 1)) {
    const after = text[end + fence.length] ?? "";
    const closes = text[end - 1] > " " && (isStrong ? mark === "*" || !WORD.test(after) : !WORD.test(after) && after !== mark);
    if (!closes) continue;
    const children = parseInline(text.slice(start, end), depth + 1);
    return { tokens: [/** @type {Inline} */ ({ type: isStrong ? "strong" : "em", children })], end: end + fence.length };
  }
  return null;
}

/** @param {string} text @param {number} at */
function matchCitation(text, at) {
  const pattern = /\[(\d{1,2}(?:\s*[,;]\s*\d{1,2}){0,9})\](?!\()/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (!found) return null;
  const tokens = found[1].split(/[,;]/).map((n) => /** @type {Inline} */ ({ type: "cite", n: Number(n) }));
  return { tokens, end: pattern.lastIndex };
}

/** A link, or the bare label when the address is not allowed; an image is only its description. @param {string} text @param {number} at @param {number} depth */
function matchLink(text, at, depth) {
  const pattern = /(!?)\[([^\[\]\n]{0,300})\]\(\s{0,3}<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s{1,3}["'][^\n)]{0,200})?\s{0,3}\)/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (!found) return null;
  const href = found[1] ? null : safeUrl(found[3]);
  const label = parseInline(found[2] || found[3], DEPTH_LIMIT + 1);
  if (!href) return { tokens: label, end: pattern.lastIndex };
  const children = isMisleading(found[2], href) ? [/** @type {Inline} */ ({ type: "text", text: href })] : found[2] ? parseLabel(found[2], depth) : label;
  return { tokens: [/** @type {Inline} */ ({ type: "link", href, children })], end: pattern.lastIndex };
}

/** A label may be bold or italic, but holds no link and no citation. @param {string} label @param {number} depth @returns {Inline[]} */
function parseLabel(label, depth) {
  /** @param {Inline[]} tokens @returns {Inline[]} */
  const flatten = (tokens) => tokens.flatMap((token) => {
    if (token.type === "link") return flatten(token.children);
    if (token.type === "cite") return [/** @type {Inline} */ ({ type: "text", text: `[${token.n}]` })];
    return "children" in token ? [/** @type {Inline} */ ({ ...token, children: flatten(token.children) })] : [token];
  });
  return flatten(parseInline(label, depth + 1));
}

/** A label that reads as one site while the link goes to another. @param {string} label @param {string} href */
function isMisleading(label, href) {
  const named = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?:[/:?#]|\s*$)/iu.exec(label);
  if (!named || !/^https?:/i.test(href)) return false;
  const bare = (/** @type {string} */ host) => host.toLowerCase().replace(/^www\./, "");
  try {
    return bare(new URL(`https://${named[1]}`).hostname) !== bare(new URL(href).hostname);
  } catch {
    return true;
  }
}

/** @param {string} text @param {number} at */
function matchAddress(text, at) {
  const pattern = /https?:\/\/[^\s<>"'`\[\]{}|\\^*]+/iy;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (!found) return null;
  let address = found[0].replace(/[.,;:!?…»”]+$/, "");
  if (address.endsWith(")") && !address.includes("(")) address = address.replace(/\)+[.,;:!?]*$/, "");
  const href = safeUrl(address);
  if (!href) return null;
  const children = [/** @type {Inline} */ ({ type: "text", text: address })];
  return { tokens: [/** @type {Inline} */ ({ type: "link", href, children })], end: at + address.length };
}

/** Hides a link or citation that is still being written and closes open bold text. @param {string} text */
function settleTail(text) {
  const settled = text.replace(/!?\[[^\[\]\n]{0,300}(?:\](?:\([^()\n]{0,2000})?)?$/, (tail) => (/^\[[\d,; ]+\]$/.test(tail) ? tail : ""))
    .replace(/(?<![*_])[*_]{1,2}$/, "");
  const lastLine = settled.slice(settled.lastIndexOf("\n") + 1);
  const marks = lastLine.match(/\*\*/g)?.length ?? 0;
  return marks % 2 === 1 ? `${settled.trimEnd()}**` : settled;
}
