// @ts-check
// The panel's document tree: header, welcome, messages, composer. It reports what the visitor does and draws what it is told;
// it knows nothing of the network.

import { element, icon } from "./dom.js";
import { renderComposer } from "./view-composer.js";
import { renderMessage } from "./view-message.js";

const NEAR_END_PX = 80;
const TOP_MARGIN_PX = 14;

/**
 * @typedef {import("./conversation.js").Message} Message
 * @typedef {"opening" | "page" | "follow"} PromptKind
 * @typedef {{ onSend: (text: string) => void, onPrompt: (text: string, kind: PromptKind, index: number) => void, onStop: () => void,
 *   onRetry: () => void, onClose: () => void, onHuman: () => void, onMenu: (button: HTMLElement) => Promise<void>,
 *   onDraft: (text: string) => void, onSource: (source: import("./api.js").Source) => void,
 *   onVote: (message: Message, vote: import("./conversation.js").Vote) => Promise<void> }} Handlers
 * @typedef {{ t: import("./i18n.js").Translate, language: "ru" | "en", name: string, greeting: string | null, isTest: boolean,
 *   prompts: string[], perks: [string, string][], consent: import("./welcome.js").Consent | null, isAgreed: boolean }} Content
 */

/** Where the panel covers the whole screen. */
export const isPhone = () => matchMedia("(max-width: 640px)").matches;

/** @param {Content} content @param {Handlers} handlers */
export function createView(content, handlers) {
  const { t } = content;
  const pagePrompts = element("div", { class: "page-prompts" });
  const welcome = renderWelcome(content, handlers, pagePrompts);
  const log = element("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("messages_label") });
  const follow = element("div", { class: "follow" });
  const loading = element("div", { class: "loading", hidden: true });
  const scroller = element("div", { class: "scroller", tabindex: "-1" }, loading, welcome, log, follow);
  const jump = element("button", { class: "jump", type: "button", hidden: true },
    element("span", {}, t("new_message")), element("span", { class: "hidden-text" }, t("scroll_down")), icon("down"));
  const status = element("div", { class: "hidden-text", role: "status" });
  const composer = renderComposer(content, handlers);
  const header = renderHeader(content, handlers);
  const panel = element("section", {
    class: "panel", role: "dialog", id: "palompy-panel", tabindex: "-1", lang: content.language, hidden: true,
    "aria-label": t("dialog_label", { shop: content.name }),
  }, header.header, element("div", { class: "middle" }, scroller, jump), composer.form, status);

  const end = () => scroller.scrollHeight - scroller.clientHeight;
  const isNearEnd = () => end() - scroller.scrollTop < NEAR_END_PX;
  const updateJump = () => {
    jump.toggleAttribute("hidden", isNearEnd());
    if (isNearEnd()) jump.classList.remove("unread");
  };
  const toEnd = () => scroller.scrollTo({ top: end() });
  scroller.addEventListener("scroll", updateJump, { passive: true });
  jump.addEventListener("click", () => (toEnd(), composer.input.focus()));

  const surroundings = { t, language: content.language, onRetry: handlers.onRetry, onSource: handlers.onSource, onVote: handlers.onVote };
  /** @type {Map<number, HTMLElement>} */
  const turns = new Map();
  const updateWelcome = () => { welcome.hidden = log.querySelector(":scope > :not(.quiet)") !== null; };

  /** The end, but no further than the last question: a long answer is read from its beginning. */
  function followEnd() {
    const questions = log.querySelectorAll(".visitor");
    const last = /** @type {HTMLElement | undefined} */ (questions[questions.length - 1]);
    scroller.scrollTo({ top: last ? Math.min(end(), last.offsetTop - TOP_MARGIN_PX) : end() });
  }

  /** Draws a new or changed message and follows the end unless the visitor has scrolled away. @param {Message} message @param {boolean} isPartial */
  function show(message, isPartial) {
    const follows = message.role === "visitor" || isNearEnd();
    const turn = turns.get(message.id) ?? place(message, false);
    turn.replaceChildren(...renderMessage(message, surroundings, isPartial));
    if (follows) followEnd();
    else if (turn.offsetTop > scroller.scrollTop + scroller.clientHeight) jump.classList.add("unread");
    updateJump();
  }

  /** @param {Message} message @param {boolean} isFirst @returns {HTMLElement} */
  function place(message, isFirst) {
    const turn = element("div", { class: `turn ${message.role}` });
    turns.set(message.id, turn);
    if (isFirst) log.prepend(turn);
    else log.append(turn);
    updateWelcome();
    return turn;
  }

  /** Puts earlier messages above what stands here. @param {readonly Message[]} messages */
  function prepend(messages) {
    const isAtEnd = isNearEnd();
    for (const message of [...messages].reverse()) place(message, true).replaceChildren(...renderMessage(message, surroundings, false));
    if (isAtEnd) toEnd();
    updateJump();
  }

  /** @param {number} id */
  function remove(id) {
    turns.get(id)?.remove();
    turns.delete(id);
  }

  /**
   * A card at the end of the conversation; what comes back takes it out. A quiet one leaves the welcome or the answer above it in sight.
   * @param {HTMLElement} card @param {boolean} [isQuiet]
   */
  function insertCard(card, isQuiet = false) {
    const turn = element("div", { class: isQuiet ? "turn card quiet" : "turn card" }, card);
    log.append(turn);
    updateWelcome();
    if (!isQuiet) toEnd();
    else if (log.childElementCount > 1) followEnd();
    updateJump();
    return () => (turn.remove(), updateWelcome(), updateJump());
  }

  function clear() {
    turns.clear();
    log.replaceChildren();
    follow.replaceChildren();
    setLoading(false);
    updateWelcome();
    scroller.scrollTo({ top: 0 });
    updateJump();
  }

  /** The line about earlier messages: on the way, failed (with a way to ask again), or none. @param {boolean} isLoading @param {() => void} [onRetry] */
  function setLoading(isLoading, onRetry) {
    loading.hidden = !isLoading && !onRetry;
    loading.replaceChildren(t(onRetry ? "failed" : "history_loading"));
    if (onRetry) loading.append(element("button", { class: "retry", type: "button", onclick: onRetry }, icon("retry"), t("retry")));
  }

  /** @param {string[]} prompts */
  function setFollowUps(prompts) {
    const isAtEnd = isNearEnd();
    follow.replaceChildren(...(prompts.length > 0 ? renderPrompts(t("follow_label"), prompts, "follow", handlers) : []));
    if (isAtEnd) followEnd();
  }

  return {
    panel, surroundings, show, remove, prepend, clear, insertCard, setLoading, setFollowUps,
    setBusy: composer.setBusy, setDraft: composer.setDraft, hasConsent: composer.hasConsent, withdrawConsent: composer.withdraw,
    /** @param {string[]} prompts */
    setPagePrompts: (prompts) => pagePrompts.replaceChildren(...(prompts.length > 0 ? renderPrompts(t("page_label"), prompts, "page", handlers) : [])),
    announce: (/** @type {string} */ text) => status.replaceChildren(text),
    open: () => openPanel(panel, composer.input),
    close: () => panel.toggleAttribute("hidden", true),
    focusInput: () => composer.input.focus({ preventScroll: true }),
    /** Keeps Tab inside the panel. @param {KeyboardEvent} event */
    trapFocus: (event) => trapFocus(event, panel, header.first, composer.last),
  };
}

/** A phone's keyboard would hide the greeting, so there the dialog itself takes the focus. @param {HTMLElement} panel @param {HTMLElement} input */
function openPanel(panel, input) {
  panel.toggleAttribute("hidden", false);
  panel.setAttribute("aria-modal", String(isPhone()));
  (isPhone() ? panel : input).focus({ preventScroll: true });
}

/** @param {KeyboardEvent} event @param {HTMLElement} panel @param {HTMLElement} first @param {HTMLElement} last */
function trapFocus(event, panel, first, last) {
  const { activeElement } = /** @type {ShadowRoot} */ (panel.getRootNode());
  const isAtEdge = event.shiftKey ? activeElement === first || activeElement === panel : activeElement === last;
  if (event.key !== "Tab" || !isAtEdge) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/** @param {Content} content @param {Handlers} handlers */
function renderHeader({ t, name, isTest }, handlers) {
  const first = element("button", {
    class: "plain dots-button", type: "button", "aria-label": t("menu"), "aria-expanded": "false",
    onclick: () => void handlers.onMenu(first).catch(() => {}),
  }, icon("menu"));
  const header = element("div", { class: "header" },
    element("span", { class: "mark", "aria-hidden": "true" }, icon("spark")),
    element("div", { class: "who" }, element("h2", {}, name), element("p", {}, t(isTest ? "assistant_test" : "assistant"))),
    first,
    element("button", { class: "plain close", type: "button", "aria-label": t("close"), onclick: handlers.onClose }, icon("close")));
  return { header, first };
}

/** @param {Content} content @param {Handlers} handlers @param {HTMLElement} pagePrompts what fits this page best comes first */
function renderWelcome({ t, greeting, prompts, perks }, handlers, pagePrompts) {
  const texts = greeting ? [element("p", { class: "hello" }, greeting)]
    : [element("p", { class: "hello" }, t("greeting_title")), element("p", { class: "intro" }, t("greeting_text"))];
  const perkRows = perks.map(([title, text]) => element("li", {}, element("b", {}, title), text && element("span", {}, text)));
  return element("div", { class: "welcome" }, ...texts,
    perks.length > 0 && element("ul", { class: "perks" }, ...perkRows),
    pagePrompts,
    ...(prompts.length > 0 ? renderPrompts(t("prompts_label"), prompts, "opening", handlers) : []));
}

/** @param {string} label @param {string[]} prompts @param {PromptKind} kind @param {Handlers} handlers */
function renderPrompts(label, prompts, kind, handlers) {
  const rows = prompts.map((prompt, index) => element("li", {},
    element("button", { class: "prompt", type: "button", onclick: () => handlers.onPrompt(prompt, kind, index) },
      element("span", {}, prompt), icon("arrow"))));
  return [element("p", { class: "label", "aria-hidden": "true" }, label), element("ul", { class: "prompts", "aria-label": label }, ...rows)];
}
