// @ts-check
// Why an answer was bad: reasons to tap and a comment. Loaded after the first bad vote.

import { element } from "./dom.js";
import { createTranslate } from "./i18n.js";

const COMMENT_LIMIT = 1000;
const REASONS = /** @type {const} */ (["wrong", "incomplete", "not_understood", "rude", "other"]);

export const CATALOGS = {
  ru: {
    title: "Что не так?",
    wrong: "Неверно",
    incomplete: "Неполно",
    not_understood: "Вопрос не понят",
    rude: "Грубо",
    other: "Другое",
    comment: "Комментарий (необязательно)",
    send: "Отправить",
  },
  en: {
    title: "What was wrong?",
    wrong: "Not correct",
    incomplete: "Not complete",
    not_understood: "Question not understood",
    rude: "Rude",
    other: "Something else",
    comment: "Comment (optional)",
    send: "Send",
  },
};

/**
 * @param {"ru" | "en"} language
 * @param {(reasons: string[], comment: string) => Promise<boolean>} onSend resolves to whether it was saved
 */
export function createVoteForm(language, onSend) {
  const t = createTranslate(language, CATALOGS);
  const chips = REASONS.map((reason) => {
    const chip = element("button", { class: "chip", type: "button", "aria-pressed": "false", "data-reason": reason }, t(reason));
    chip.addEventListener("click", () => chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") === "false")));
    return chip;
  });
  const comment = element("textarea", { class: "input", rows: "2", maxlength: COMMENT_LIMIT, "aria-label": t("comment"), placeholder: t("comment") });
  const send = element("button", { class: "primary", type: "submit" }, t("send"));
  const form = element("form", { class: "form", "aria-label": t("title") },
    element("p", { class: "form-title" }, t("title")),
    element("div", { class: "chips", role: "group", "aria-label": t("title") }, ...chips), comment, element("div", { class: "form-row" }, send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reasons = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => String(chip.dataset.reason));
    send.disabled = true;
    if (!await onSend(reasons, comment.value.trim())) send.disabled = false;
  });
  return form;
}
