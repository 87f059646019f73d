// @ts-check
// The panel's document tree: header, welcome, messages, composer. It reports what the visitor does and draws what it is told;
// it knows nothing of the network.

import { element, icon } from "./dom.js";
import { renderMessage } from "./view-message.js";

export const QUESTION_LIMIT = 2000;
const PHONE = "(max-width: 640px)";
const NEAR_END_PX = 80;

/**
 * @typedef {import("./conversation.js").Message} Message
 * @typedef {{ onSend: (text: string) => void, onPrompt: (text: string, index: number) => void, onStop: () => void, onRetry: () => void,
 *   onClose: () => void, onSource: (source: import("./api.js").Source) => void }} Handlers
 * @typedef {{ t: import("./i18n.js").Translate, language: "ru" | "en", name: string, greeting: string | null,
 *   prompts: string[], perks: [string, string][] }} Content
 */

/** @param {Content} content @param {Handlers} handlers */
export function createView(content, handlers) {
  const { t } = content;
  const welcome = renderWelcome(content, handlers);
  const log = element("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t("messages_label") });
  const scroller = element("div", { class: "scroller", tabindex: "-1" }, welcome, log);
  const downButton = element("button", { class: "jump", type: "button", hidden: true, "aria-label": t("scroll_down") }, icon("down"));
  const status = element("div", { class: "hidden-text", role: "status" });
  const composer = renderComposer(content, handlers);
  const panel = element("section", {
    class: "panel", role: "dialog", id: "palompy-panel", tabindex: "-1", lang: content.language, hidden: true,
    "aria-label": t("dialog_label", { shop: content.name }),
  }, renderHeader(content, handlers), element("div", { class: "middle" }, scroller, downButton), composer.form, status);

  const isNearEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
  const updateJump = () => downButton.toggleAttribute("hidden", isNearEnd());
  const toEnd = () => scroller.scrollTo({ top: scroller.scrollHeight });
  scroller.addEventListener("scroll", updateJump, { passive: true });
  downButton.addEventListener("click", () => (toEnd(), composer.input.focus()));

  const surroundings = { t, language: content.language, onRetry: handlers.onRetry, onSource: handlers.onSource };
  /** @type {Map<number, HTMLElement>} */
  const turns = new Map();

  /** Draws a new or changed message and follows the end unless the visitor has scrolled away. @param {Message} message @param {boolean} isPartial */
  function show(message, isPartial) {
    const follows = message.role === "visitor" || isNearEnd();
    let turn = turns.get(message.id);
    if (!turn) {
      turn = element("div", { class: `turn ${message.role}` });
      turns.set(message.id, turn);
      log.append(turn);
      welcome.hidden = true;
    }
    turn.replaceChildren(...renderMessage(message, surroundings, isPartial));
    if (follows) toEnd();
    updateJump();
  }

  /** @param {number} id */
  function remove(id) {
    turns.get(id)?.remove();
    turns.delete(id);
  }

  return {
    panel, surroundings, show, remove, setBusy: composer.setBusy, setDraft: composer.setDraft,
    announce: (/** @type {string} */ text) => status.replaceChildren(text),
    open: () => openPanel(panel, composer.input),
    close: () => panel.toggleAttribute("hidden", true),
    focusInput: () => composer.input.focus(),
  };
}

/** A phone's keyboard would hide the greeting, so there the dialog itself takes the focus. @param {HTMLElement} panel @param {HTMLElement} input */
function openPanel(panel, input) {
  const isPhone = matchMedia(PHONE).matches;
  panel.toggleAttribute("hidden", false);
  panel.setAttribute("aria-modal", String(isPhone));
  (isPhone ? panel : input).focus({ preventScroll: true });
}

/** Keeps Tab inside while the panel covers the whole screen. @param {KeyboardEvent} event @param {HTMLElement} panel */
export function trapFocus(event, panel) {
  if (event.key !== "Tab" || !matchMedia(PHONE).matches) return;
  const all = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("a[href], button:not([disabled]), textarea")])
    .filter((it) => it.getClientRects().length > 0);
  const root = /** @type {ShadowRoot} */ (panel.getRootNode());
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (root.activeElement !== edge && root.activeElement !== panel) return;
  event.preventDefault();
  (event.shiftKey ? all[all.length - 1] : all[0])?.focus();
}

/** @param {Content} content @param {Handlers} handlers */
function renderHeader({ t, name }, handlers) {
  return element("div", { class: "header" },
    element("span", { class: "mark", "aria-hidden": "true" }, icon("spark")),
    element("div", { class: "who" }, element("h2", {}, name), element("p", {}, t("assistant"))),
    element("button", { class: "plain", type: "button", "aria-label": t("close"), onclick: handlers.onClose }, icon("close")));
}

/** @param {Content} content @param {Handlers} handlers */
function renderWelcome({ t, greeting, prompts, perks }, handlers) {
  const texts = greeting ? [element("p", { class: "hello" }, greeting)]
    : [element("p", { class: "hello" }, t("greeting_title")), element("p", { class: "intro" }, t("greeting_text"))];
  const perkRows = perks.map(([title, text]) => element("li", {}, element("b", {}, title), text && element("span", {}, text)));
  const promptRows = prompts.map((prompt, index) => element("li", {},
    element("button", { class: "prompt", type: "button", onclick: () => handlers.onPrompt(prompt, index) }, element("span", {}, prompt), icon("arrow"))));
  return element("div", { class: "welcome" }, ...texts,
    perks.length > 0 && element("ul", { class: "perks", "aria-label": t("perks_label") }, ...perkRows),
    prompts.length > 0 && element("p", { class: "label", id: "palompy-prompts" }, t("prompts_label")),
    prompts.length > 0 && element("ul", { class: "prompts", "aria-labelledby": "palompy-prompts" }, ...promptRows));
}

/** @param {Content} content @param {Handlers} handlers */
function renderComposer({ t }, handlers) {
  const input = element("textarea", {
    rows: "1", maxlength: QUESTION_LIMIT, placeholder: t("input_placeholder"), "aria-label": t("input_label"),
    "aria-describedby": "palompy-notice", enterkeyhint: "send", autocomplete: "off",
  });
  // The field grows with a hidden copy of its text in the same grid cell, which needs no inline style.
  const grow = element("div", { class: "grow" }, input);
  const notice = element("p", { class: "notice", id: "palompy-notice" }, t("notice"));
  const button = element("button", { class: "send", type: "submit" });
  const form = element("form", { class: "composer" }, element("div", { class: "field" }, grow, button), notice);
  let isBusy = false;

  function update() {
    grow.dataset.text = `${input.value}\n`;
    button.disabled = !isBusy && input.value.trim() === "";
    notice.textContent = input.value.length >= QUESTION_LIMIT ? t("too_long", { limit: QUESTION_LIMIT }) : t("notice");
  }
  function setBusy(/** @type {boolean} */ busy) {
    isBusy = busy;
    button.replaceChildren(icon(busy ? "stop" : "send"));
    button.classList.toggle("stop", busy);
    button.setAttribute("aria-label", t(busy ? "stop" : "send"));
    update();
  }
  function setDraft(/** @type {string} */ text) {
    input.value = text;
    update();
  }
  function submit() {
    const text = input.value.trim();
    if (isBusy || text === "") return;
    setDraft("");
    handlers.onSend(text);
  }
  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isBusy) return submit();
    handlers.onStop();
    input.focus();
  });
  setBusy(false);
  return { form, input, setBusy, setDraft };
}
