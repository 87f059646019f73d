// @ts-check
// The widget's words. Every key stands in both languages; whole sentences with named placeholders.

const RU = {
  dialog_label: "Чат магазина «{shop}»",
  assistant: "ИИ-ассистент магазина",
  greeting_title: "Здравствуйте!",
  greeting_text: "Спросите о товарах, доставке или возврате. Я отвечаю по данным магазина и показываю, откуда взят ответ.",
  perks_label: "О магазине",
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
  source_label: "Источник {n}: {title}",
  kind_product: "Товар",
  kind_faq: "Вопрос и ответ",
  kind_policy: "Правила магазина",
  kind_other: "Материал магазина",
  new_tab: "откроется в новой вкладке",
  notice: "Отвечает ИИ и может ошибаться. Важное уточняйте в магазине.",
  too_long: "В одном вопросе может быть не больше {limit} знаков.",
  retry: "Повторить",
  stopped: "Ответ остановлен.",
  error_offline: "Нет связи с интернетом. Вопрос сохранён: повторите, когда связь появится.",
  error_network: "Не получилось связаться с магазином. Проверьте соединение и повторите.",
  error_rate: "Вопросов слишком много. Подождите немного и повторите.",
  error_rate_after: "Вопросов слишком много. Повторите {when}.",
  error_cut: "Связь прервалась, ответ пришёл не целиком.",
  error_timeout: "Магазин слишком долго не отвечает.",
  error_server: "На сервере что-то сломалось. Повторите чуть позже.",
  error_unavailable: "Сейчас чат этого магазина недоступен.",
  error_rejected: "Этот вопрос не удалось отправить. Попробуйте сказать иначе.",
};

/** @type {typeof RU} */
const EN = {
  dialog_label: "Chat with {shop}",
  assistant: "The shop’s AI assistant",
  greeting_title: "Hello!",
  greeting_text: "Ask about products, delivery or returns. I answer from the shop’s own information and show where it comes from.",
  perks_label: "About the shop",
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
  source_label: "Source {n}: {title}",
  kind_product: "Product",
  kind_faq: "Question and answer",
  kind_policy: "Shop policy",
  kind_other: "Shop page",
  new_tab: "opens in a new tab",
  notice: "AI answers can be wrong. Check what matters with the shop.",
  too_long: "One question can have at most {limit} characters.",
  retry: "Try again",
  stopped: "The answer was stopped.",
  error_offline: "You are offline. Your question is kept: try again once you are connected.",
  error_network: "The shop could not be reached. Check your connection and try again.",
  error_rate: "That was a lot of questions. Wait a moment and try again.",
  error_rate_after: "That was a lot of questions. Try again {when}.",
  error_cut: "The connection was lost before the answer was complete.",
  error_timeout: "The shop is taking too long to answer.",
  error_server: "Something broke on the server. Try again in a little while.",
  error_unavailable: "This shop’s chat is not available right now.",
  error_rejected: "This question could not be sent. Try putting it differently.",
};

export const CATALOGS = { ru: RU, en: EN };

/**
 * @typedef {keyof typeof RU} Key
 * @typedef {(key: Key, values?: Record<string, string | number>) => string} Translate
 */

/**
 * @param {"ru" | "en"} language
 * @returns {Translate}
 */
export function createTranslate(language) {
  return (key, values = {}) => CATALOGS[language][key].replace(/\{(\w+)\}/g, (mark, name) => String(values[name] ?? mark));
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
