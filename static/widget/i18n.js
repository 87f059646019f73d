// @ts-check
// The widget's words. Every key stands in both languages; whole sentences with named placeholders.

const RU = {
  dialog_label: "Чат магазина «{shop}»",
  assistant: "ИИ-ассистент магазина",
  greeting_title: "Здравствуйте!",
  greeting_text: "Спросите о товарах, доставке или возврате. Отвечаю по данным магазина и показываю источник.",
  prompts_label: "Часто спрашивают",
  messages_label: "Переписка",
  visitor_says: "Вы:",
  assistant_says: "Ассистент:",
  input_label: "Ваш вопрос",
  input_placeholder: "Напишите вопрос…",
  send: "Отправить",
  stop: "Остановить ответ",
  close: "Закрыть чат",
  scroll_down: "К последнему сообщению",
  waiting: "Ищу ответ…",
  sources: "Источники",
  page_short: "стр.",
  source_label: "Источник {n}: {title}",
  new_tab: "откроется в новой вкладке",
  notice: "ИИ может ошибаться, важное уточняйте.",
  too_long: "В одном вопросе может быть не больше {limit} знаков.",
  new_message: "Новое сообщение",
  menu: "Меню чата",
  failed: "Не получилось. Проверьте соединение и повторите.",
  assistant_test: "ИИ-ассистент · тестовый режим",
  human: "Позвать человека",
  consent: "Я согласен на обработку моих данных, чтобы магазин мог ответить.",
  consent_more: "Подробнее",
  consent_missing: "Отметьте согласие, и вопрос можно будет отправить.",
  history_loading: "Открываю прошлую переписку…",
  follow_label: "Можно спросить ещё",
  page_label: "Об этом товаре",
  products: "Товары",
  old_price: "Прежняя цена",
  in_stock: "В наличии",
  out_of_stock: "Нет в наличии",
  vote_up: "Полезный ответ",
  vote_down: "Плохой ответ",
  vote_thanks: "Спасибо за оценку",
  retry: "Повторить",
  stopped: "Ответ остановлен.",
  error_offline: "Нет связи с интернетом. Повторите, когда она появится: вопрос сохранён.",
  error_network: "Не получилось связаться с магазином. Проверьте соединение и повторите.",
  error_rate: "Вопросов слишком много. Повторите позже.",
  error_rate_after: "Вопросов слишком много. Повторите {when}.",
  error_cut: "Связь прервалась, ответ пришёл не целиком.",
  error_partial: "Ответ пришёл не целиком.",
  error_timeout: "Магазин слишком долго не отвечает.",
  error_server: "На сервере что-то сломалось. Повторите позже.",
  error_unavailable: "Сейчас чат недоступен.",
  error_rejected: "Вопрос не удалось отправить. Скажите иначе.",
};

/** @type {typeof RU} */
const EN = {
  dialog_label: "Chat with {shop}",
  assistant: "The shop’s AI assistant",
  greeting_title: "Hello!",
  greeting_text: "Ask about products, delivery or returns. I answer from the shop’s own information and show the source.",
  prompts_label: "People often ask",
  messages_label: "Conversation",
  visitor_says: "You:",
  assistant_says: "Assistant:",
  input_label: "Your question",
  input_placeholder: "Ask a question…",
  send: "Send",
  stop: "Stop the answer",
  close: "Close the chat",
  scroll_down: "To the latest message",
  waiting: "Looking it up…",
  sources: "Sources",
  page_short: "p.",
  source_label: "Source {n}: {title}",
  new_tab: "opens in a new tab",
  notice: "AI can be wrong. Check what matters.",
  too_long: "One question can have at most {limit} characters.",
  new_message: "New message",
  menu: "Chat menu",
  failed: "That did not work. Check your connection and try again.",
  assistant_test: "AI assistant · test mode",
  human: "Talk to a person",
  consent: "I agree that my data is processed so that the shop can answer.",
  consent_more: "Details",
  consent_missing: "Tick the box, then your question can be sent.",
  history_loading: "Opening the earlier conversation…",
  follow_label: "You could also ask",
  page_label: "About this product",
  products: "Products",
  old_price: "Old price",
  in_stock: "In stock",
  out_of_stock: "Out of stock",
  vote_up: "Good answer",
  vote_down: "Bad answer",
  vote_thanks: "Thanks for rating",
  retry: "Try again",
  stopped: "The answer was stopped.",
  error_offline: "You are offline. Try again once you are connected: your question is kept.",
  error_network: "The shop could not be reached. Check your connection and try again.",
  error_rate: "That was a lot of questions. Try again later.",
  error_rate_after: "That was a lot of questions. Try again {when}.",
  error_cut: "The connection was lost before the answer was complete.",
  error_partial: "The answer is not complete.",
  error_timeout: "The shop is taking too long to answer.",
  error_server: "Something broke on the server. Try again later.",
  error_unavailable: "The chat is not available right now.",
  error_rejected: "The question could not be sent. Put it differently.",
};

export const CATALOGS = { ru: RU, en: EN };

/**
 * @typedef {keyof typeof RU} Key
 * @typedef {(key: Key, values?: Record<string, string | number>) => string} Translate
 */

/**
 * @template {Record<string, string>} [Words=typeof RU]
 * @param {"ru" | "en"} language
 * @param {{ ru: Words, en: Words }} [catalogs] a lazily loaded part brings its own
 * @returns {(key: keyof Words & string, values?: Record<string, string | number>) => string}
 */
export function createTranslate(language, catalogs = /** @type {any} */ (CATALOGS)) {
  return (key, values = {}) => catalogs[language][key].replace(/\{(\w+)\}/g, (mark, name) => String(values[name] ?? mark));
}

/**
 * "через 20 секунд", "in 20 seconds".
 * @param {"ru" | "en"} language
 * @param {number} seconds
 */
export function formatWait(language, seconds) {
  const format = new Intl.RelativeTimeFormat(language);
  return seconds < 90 ? format.format(Math.max(1, Math.ceil(seconds)), "second") : format.format(Math.ceil(seconds / 60), "minute");
}
