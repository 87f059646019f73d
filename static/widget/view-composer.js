// @ts-check
// The foot of the panel: the question's field, Send and Stop, the consent that a shop asks for, the way to a person, and the line
// that says who answers.

import { element, icon } from "./dom.js";
import { safeUrl } from "./markdown.js";

export const QUESTION_LIMIT = 2000;

/** @param {import("./view.js").Content} content @param {import("./view.js").Handlers} handlers */
export function renderComposer({ t, consent, isAgreed }, handlers) {
  const input = element("textarea", {
    rows: "1", maxlength: QUESTION_LIMIT, placeholder: t("input_placeholder"), "aria-label": t("input_label"),
    "aria-describedby": "palompy-notice", enterkeyhint: "send", autocomplete: "off",
  });
  // The field grows with a hidden copy of its text in the same grid cell, which needs no inline style.
  const grow = element("div", { class: "grow" }, input);
  const notice = element("p", { class: "notice", id: "palompy-notice" }, t("notice"));
  const button = element("button", { class: "send", type: "submit" });
  const human = element("button", { class: "human", type: "button", onclick: handlers.onHuman }, icon("person"), t("human"));
  const agreement = consent ? renderConsent(consent, isAgreed, t) : null;
  const form = element("form", { class: "composer" }, agreement?.row, element("div", { class: "field" }, grow, button),
    element("div", { class: "foot" }, notice, human));
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
    handlers.onDraft(text);
    update();
  }
  function submit() {
    if (!isBusy && input.value.trim() !== "") handlers.onSend(input.value);
  }
  input.addEventListener("input", () => (update(), handlers.onDraft(input.value)));
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
  return {
    form, input, last: human, setBusy, setDraft,
    /** Whether a question may be sent; where not, the visitor is told why. */
    hasConsent: () => !agreement || agreement.isGiven(),
    /** Asks for consent again. */
    withdraw: () => agreement?.withdraw(),
  };
}

/** @param {import("./welcome.js").Consent} consent @param {boolean} isAgreed @param {import("./i18n.js").Translate} t */
function renderConsent({ text, url }, isAgreed, t) {
  const href = safeUrl(url);
  const box = element("input", { type: "checkbox", required: true, checked: isAgreed, "aria-describedby": "palompy-consent-error" });
  const error = element("span", { class: "consent-error", id: "palompy-consent-error", role: "alert" });
  const row = element("div", { class: "consent", hidden: isAgreed }, element("label", {}, box, element("span", {}, text ?? t("consent"))),
    href && element("a", { href, target: "_blank", rel: "noopener nofollow" }, t("consent_more"), element("span", { class: "hidden-text" }, ` (${t("new_tab")})`)),
    error);
  box.addEventListener("change", () => error.replaceChildren());
  return {
    row,
    /** The first question that may be sent hides the line, which has then done its work. */
    isGiven() {
      row.hidden = box.checked;
      if (!box.checked) {
        error.replaceChildren(t("consent_missing"));
        box.focus();
      }
      return box.checked;
    },
    withdraw() {
      row.hidden = box.checked = false;
    },
  };
}
