// @ts-check
// The panel's menu and the question before everything is deleted. Loaded at the first press.

import { element, icon } from "./dom.js";
import { createTranslate } from "./i18n.js";

const WORDS = {
  ru: {
    new_chat: "Новый чат",
    forget: "Удалить мои данные",
    forget_title: "Удалить ваши данные?",
    forget_text: "Магазин удалит переписку, оценки, ответы на опросы и контакты, которые вы оставили здесь. Вернуть их будет нельзя.",
    forget_yes: "Удалить",
    forget_no: "Отмена",
    forget_done: "Готово: ваши данные удалены.",
    forget_failed: "Не получилось удалить. Проверьте соединение и попробуйте ещё раз.",
  },
  en: {
    new_chat: "New chat",
    forget: "Delete my data",
    forget_title: "Delete your data?",
    forget_text: "The shop will delete the conversation, the ratings, the survey answers and the contacts that you left here. This cannot be undone.",
    forget_yes: "Delete",
    forget_no: "Cancel",
    forget_done: "Done: your data is deleted.",
    forget_failed: "It could not be deleted. Check your connection and try again.",
  },
};
export const CATALOGS = WORDS;

const PLUS = "M12 5v14M5 12h14";
const BIN = "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5";

/**
 * Opens the menu below its button, or closes it.
 * @param {HTMLElement} button
 * @param {"ru" | "en"} language
 * @param {{ onNew: () => void, onForget: () => void }} actions
 */
export function toggleMenu(button, language, { onNew, onForget }) {
  const t = createTranslate(language, WORDS);
  const panel = /** @type {HTMLElement} */ (button.closest(".panel"));
  const open = /** @type {HTMLElement | null} */ (panel.querySelector(".menu"));
  if (open) return void open.dispatchEvent(new Event("plm-close"));
  const item = (/** @type {"new_chat" | "forget"} */ key, /** @type {`M${string}`} */ path, /** @type {() => void} */ action) => element("button", {
    role: "menuitem", type: "button", tabindex: "-1", onclick: () => (close(), action()),
  }, icon(path), t(key));
  const menu = element("div", { class: "menu", role: "menu", "aria-label": button.getAttribute("aria-label") },
    item("new_chat", PLUS, onNew), item("forget", BIN, onForget));
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);
  const outside = (/** @type {Event} */ event) => {
    const path = event.composedPath();
    if (!path.includes(menu) && !path.includes(button)) close();
  };
  function close() {
    document.removeEventListener("pointerdown", outside);
    const hadFocus = menu.matches(":focus-within");
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (hadFocus) button.focus();
  }
  menu.addEventListener("plm-close", close);
  menu.addEventListener("focusout", (event) => {
    const next = /** @type {FocusEvent} */ (event).relatedTarget;
    if (next && next !== button && !menu.contains(/** @type {Node} */ (next))) close();
  });
  menu.addEventListener("keydown", (event) => {
    const { key } = event;
    const at = items.findIndex((it) => it.matches(":focus"));
    if (key === "Escape") close();
    else if (key === "Tab") return close();
    else if (key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (key === "ArrowUp") items[(at + items.length - 1) % items.length].focus();
    else if (key === "Home") items[0].focus();
    else if (key === "End") items[items.length - 1].focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("pointerdown", outside);
  button.setAttribute("aria-expanded", "true");
  button.after(menu);
  items[0].focus();
}

/**
 * Asks whether all may be deleted, as a card of the conversation.
 * @param {import("./host.js").Host} host
 * @param {() => Promise<void>} forget rejects when the server did not
 */
export function askForget(host, forget) {
  const t = createTranslate(host.language, WORDS);
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
      error.replaceChildren(t("forget_failed"));
    }
  });
  no.focus();
}
