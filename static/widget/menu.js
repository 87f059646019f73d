// @ts-check
// The panel's menu and the question before everything is deleted. Loaded at the first press.

import { element, icon } from "./dom.js";
import { createTranslate } from "./i18n.js";

export const CATALOGS = {
  ru: {
    new_chat: "Новый чат",
    forget: "Удалить мои данные",
    forget_title: "Удалить ваши данные?",
    forget_text: "Магазин удалит переписку, оценки, ответы на опросы и контакты, оставленные здесь. Вернуть их нельзя.",
    forget_yes: "Удалить",
    forget_no: "Отмена",
    forget_done: "Готово: ваши данные удалены.",
  },
  en: {
    new_chat: "New chat",
    forget: "Delete my data",
    forget_title: "Delete your data?",
    forget_text: "The shop will delete the conversation, ratings, survey answers and contacts left here. This cannot be undone.",
    forget_yes: "Delete",
    forget_no: "Cancel",
    forget_done: "Done: your data is deleted.",
  },
};

const PLUS = "M12 5v14M5 12h14";
const BIN = "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5";

/**
 * Opens the menu behind its button, or closes it. It is a plain list of buttons: Tab leads through it, Esc closes it.
 * @param {HTMLElement} button
 * @param {"ru" | "en"} language
 * @param {{ onNew: () => void, onForget: () => void }} actions
 */
export function toggleMenu(button, language, { onNew, onForget }) {
  const t = createTranslate(language, CATALOGS);
  const isOpen = button.getAttribute("aria-expanded") === "true";
  const root = button.getRootNode();
  if (isOpen) return void root.dispatchEvent(new Event("plm-menu"));
  const close = () => {
    ending.abort();
    if (menu.matches(":focus-within")) button.focus();
    menu.remove();
    button.setAttribute("aria-expanded", "false");
  };
  const item = (/** @type {string} */ label, /** @type {`M${string}`} */ path, /** @type {() => void} */ action) =>
    element("button", { type: "button", onclick: () => (close(), action()) }, icon(path), label);
  const menu = element("div", { class: "menu" }, item(t("new_chat"), PLUS, onNew), item(t("forget"), BIN, onForget));
  const ending = new AbortController();
  const { signal } = ending;
  const leave = (/** @type {Event} */ event) => {
    const to = event.type === "focusout" ? /** @type {FocusEvent} */ (event).relatedTarget : event.target;
    if (to && to !== button && !button.contains(/** @type {Node} */ (to)) && !menu.contains(/** @type {Node} */ (to))) close();
  };
  menu.addEventListener("focusout", leave);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  });
  root.addEventListener("pointerdown", leave, { signal });
  root.addEventListener("plm-menu", close, { signal });
  button.setAttribute("aria-expanded", "true");
  button.after(menu);
  /** @type {HTMLElement} */ (menu.firstElementChild).focus();
}

/**
 * Asks whether all may be deleted, as a card of the conversation.
 * @param {import("./host.js").Host} host
 * @param {() => Promise<void>} forget rejects when the server did not
 */
export function askForget(host, forget) {
  const t = createTranslate(host.language, CATALOGS);
  const error = element("p", { class: "form-error", role: "alert" });
  const yes = element("button", { class: "primary danger", type: "button" }, t("forget_yes"));
  const no = element("button", { class: "ghost", type: "button" }, t("forget_no"));
  const card = element("div", { class: "form", role: "group", "aria-labelledby": "palompy-forget" },
    element("p", { class: "form-title", id: "palompy-forget" }, t("forget_title")), element("p", {}, t("forget_text")), error,
    element("div", { class: "form-row" }, yes, no));
  const remove = host.insertCard(card);
  no.addEventListener("click", remove);
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    error.replaceChildren();
    try {
      await forget();
      host.say(t("forget_done"));
    } catch {
      yes.disabled = false;
      error.replaceChildren(host.t("failed"));
    }
  });
  no.focus();
}
