// @ts-check
// The survey's card: one question at a time, its buttons, what is wrong. It reports what the visitor does and knows nothing of the
// network.

import { element, icon } from "./dom.js";
import { createInput, LEGEND } from "./survey-inputs.js";
import { localText } from "./survey-flow.js";

const ERROR = "palompy-survey-error";

/**
 * @typedef {{ onNext: (answer: any) => void, onBack: (answer: any) => void, onDismiss: () => void }} Handlers
 * @param {import("./survey-inputs.js").Surroundings} surroundings @param {import("./survey-flow.js").LocalText | undefined} intro
 * @param {Handlers} handlers
 */
export function createSurveyView(surroundings, intro, handlers) {
  const { words, language } = surroundings;
  const progress = element("p", { class: "label" });
  const lead = element("p", {}, localText(intro, language));
  const body = element("div");
  const error = element("p", { class: "form-error", id: ERROR, role: "alert" });
  const next = element("button", { class: "primary", type: "submit" });
  const back = element("button", { class: "ghost", type: "button", onclick: () => handlers.onBack(input.read()) }, words("back"));
  const card = element("form", { class: "form survey", novalidate: true, lang: language, "aria-label": words("survey") },
    element("div", { class: "survey-head" }, progress,
      element("button", { class: "plain", type: "button", "aria-label": words("dismiss"), onclick: handlers.onDismiss }, icon("close"))),
    intro && lead, body, error, element("div", { class: "form-row" }, next, back));
  /** @type {import("./survey-inputs.js").Input} */
  let input;

  card.addEventListener("submit", (event) => {
    event.preventDefault();
    if (next.getAttribute("aria-disabled") === "true") return;
    const wrong = input.wrong?.();
    if (wrong) fail(words("wrong"), wrong);
    else handlers.onNext(input.read());
  });
  card.addEventListener("input", () => fail(""));

  /** @param {import("./survey-flow.js").Question} question @param {{ at: number, count: number, answer: any }} state @param {boolean} takesFocus */
  function show(question, { at, count, answer }, takesFocus) {
    input = createInput(question, answer, surroundings);
    const hint = localText(question.hint, language);
    body.replaceChildren(element("fieldset", { "aria-describedby": ERROR },
      question.kind !== "consent" && element("legend", { id: LEGEND }, localText(question.title, language),
        hint && element("small", {}, hint), !question.required && element("small", {}, words("optional"))), ...input.nodes));
    progress.textContent = count > 1 ? words("progress", { at: at + 1, count }) : words("survey");
    next.textContent = words(at < count - 1 ? "next" : "send");
    lead.hidden = at > 0;
    back.hidden = at === 0;
    fail("");
    if (takesFocus) focus();
  }

  function focus() {
    /** @type {HTMLElement | null} */ (body.querySelector("input:checked") ?? body.querySelector("input, textarea"))?.focus();
  }

  /** @param {string} text empty when nothing is wrong any more @param {HTMLElement} [field] that is wrong */
  function fail(text, field) {
    setBusy(false);
    error.textContent = text;
    for (const it of body.querySelectorAll("input, textarea")) it.toggleAttribute("aria-invalid", false);
    field?.setAttribute("aria-invalid", "true");
    if (text) field ? field.focus() : focus();
  }

  /** A disabled button would lose the focus, so that it only says that it is. @param {boolean} isBusy */
  function setBusy(isBusy) {
    next.setAttribute("aria-disabled", String(isBusy));
  }

  return { card, show, fail, setBusy };
}
