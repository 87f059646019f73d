// @ts-check
// Draws one message: its text from Markdown tokens, what it rests on, its votes, and what went wrong. Called anew for each change
// of a message that is being written; a stored message goes the same way.

import { element, icon } from "./dom.js";
import { formatWait } from "./i18n.js";
import { linkAttributes } from "./links.js";
import { parseMarkdown, safeUrl } from "./markdown.js";
import { renderEvidence } from "./view-evidence.js";
import { renderVotes } from "./view-votes.js";

/**
 * @typedef {import("./conversation.js").Message} Message
 * @typedef {import("./api.js").Source} Source
 * @typedef {import("./markdown.js").Inline} Inline
 * @typedef {import("./markdown.js").Block} Block
 * @typedef {{ t: import("./i18n.js").Translate, language: "ru" | "en", onRetry: () => void, onSource: (source: Source) => void,
 *   onVote: (message: Message, vote: import("./conversation.js").Vote) => Promise<void> }} Surroundings
 */

/** @param {Message} message @param {Surroundings} surroundings @param {boolean} isPartial @returns {Node[]} */
export function renderMessage(message, surroundings, isPartial) {
  const { t } = surroundings;
  if (message.role === "visitor") {
    return [element("span", { class: "hidden-text" }, t("visitor_says")), element("div", { class: "bubble" }, message.text)];
  }
  const hasAnswer = message.text !== "";
  const isDone = message.state === "done" && !isPartial;
  const parts = [element("span", { class: "hidden-text" }, t("assistant_says"))];
  if (hasAnswer) parts.push(renderBubble(message, surroundings, isPartial, isDone));
  if (isDone) parts.push(...renderEvidence(message, surroundings));
  if (isDone && message.messageId) parts.push(renderVotes(message, surroundings));
  if (message.state === "waiting") parts.push(renderWaiting(t));
  if (message.state === "failed" && !isPartial) parts.push(renderFailure(message, surroundings));
  return parts;
}

/** The failure in words, for the message and for screen readers. @param {Message} message @param {Surroundings} surroundings */
export function failureText({ failure }, { t, language }) {
  if (!failure) return "";
  if (failure.kind === "stopped") return t("stopped");
  if (failure.kind === "rate" && failure.retryAfterSeconds) {
    return t("error_rate_after", { when: formatWait(language, failure.retryAfterSeconds) });
  }
  return t(`error_${failure.kind}`);
}

/** @param {Message} message @param {Surroundings} surroundings @param {boolean} isPartial @param {boolean} isDone */
function renderBubble(message, surroundings, isPartial, isDone) {
  const citations = { message, surroundings, isDone };
  const blocks = parseMarkdown(message.text, { isPartial: isPartial || message.state !== "done" });
  const text = element("div", { class: "text" }, ...blocks.map((block) => renderBlock(block, citations)));
  return element("div", { class: "bubble" }, text);
}

/** @typedef {{ message: Message, surroundings: Surroundings, isDone: boolean }} Citations */

/** @param {Block} block @param {Citations} citations @returns {Node} */
function renderBlock(block, citations) {
  if (block.type === "pre") return element("pre", {}, block.text);
  if (block.type === "list") {
    const items = block.items.map((item) => element("li", {}, ...renderInline(item, citations)));
    return element(block.isOrdered ? "ol" : "ul", { start: block.isOrdered && block.start !== 1 && block.start }, ...items);
  }
  const children = renderInline(block.children, citations);
  return block.type === "heading" ? element("p", {}, element("strong", {}, ...children)) : element("p", {}, ...children);
}

/** @param {Inline[]} tokens @param {Citations} citations @returns {(Node | string)[]} */
function renderInline(tokens, citations) {
  return tokens.flatMap((token, at) => {
    const isCited = token.type === "text" && tokens[at + 1]?.type === "cite";
    return renderToken(isCited ? { ...token, text: token.text.replace(/ +$/, "\u00a0") } : token, citations);
  });
}

/** @param {Inline} token @param {Citations} citations @returns {(Node | string)[]} */
function renderToken(token, citations) {
  switch (token.type) {
    case "text": return [keepNumbersWhole(token.text)];
    case "break": return [element("br")];
    case "code": return [element("code", {}, token.text)];
    case "cite": return renderCitation(token.n, citations);
    case "link": return [element("a", { href: token.href, ...linkAttributes(token.href) }, ...renderInline(token.children, citations))];
    default: return [element(token.type, {}, ...renderInline(token.children, citations))];
  }
}

/** "5 000 ₽" must not break at the end of a line. @param {string} text */
function keepNumbersWhole(text) {
  return text.replace(/(\d) (?=\d{3}(?!\d)|[₽%$€])/g, "$1\u00a0");
}

/** A mark without a source is dropped: only what was retrieved may be cited. @param {number} n @param {Citations} citations @returns {Node[]} */
function renderCitation(n, { message, surroundings, isDone }) {
  const source = message.sources.find((it) => it.n === n);
  if (!source) return isDone || message.sources.length > 0 ? [] : [element("span", { class: "cite" }, String(n))];
  const label = surroundings.t("source_label", { n, title: source.title });
  const href = safeUrl(source.url);
  const common = { class: "cite", "aria-label": label, title: source.title };
  if (href) {
    const onclick = () => surroundings.onSource(source);
    return [element("a", { ...common, href, ...linkAttributes(href), onclick }, String(n))];
  }
  const onclick = (/** @type {Event} */ event) => {
    const turn = /** @type {HTMLElement} */ (event.currentTarget).closest(".turn");
    /** @type {HTMLElement | null | undefined} */ (turn?.querySelector(`[data-n="${n}"]`))?.focus();
  };
  return [element("button", { ...common, type: "button", onclick }, String(n))];
}

/** @param {import("./i18n.js").Translate} t */
function renderWaiting(t) {
  const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
  return element("div", { class: "bubble waiting" }, dots, element("span", {}, t("waiting")));
}

/** @param {Message} message @param {Surroundings} surroundings */
function renderFailure(message, surroundings) {
  const isStopped = message.failure?.kind === "stopped";
  const button = element("button", { class: "retry", type: "button", onclick: surroundings.onRetry }, icon("retry"), surroundings.t("retry"));
  return element("div", { class: isStopped ? "failure stopped" : "failure" },
    !isStopped && icon("alert"), element("span", {}, failureText(message, surroundings)), button);
}
