// @ts-check
// The survey's words, in the shape of `i18n.js`; they travel with the survey and not with the chat.

const RU = {
  survey: "Опрос магазина",
  progress: "Вопрос {at} из {count}",
  optional: "необязательно",
  next: "Дальше",
  back: "Назад",
  send: "Отправить",
  dismiss: "Закрыть опрос",
  thanks: "Спасибо, ответы записаны!",
  closed: "Этот опрос уже закончился. Спасибо!",
  failed: "Не получилось отправить. Попробуйте ещё раз чуть позже.",
  required: "Здесь нужен ответ, чтобы продолжить.",
  wrong: "Проверьте это поле.",
  of: "{value} из {most}",
  name: "Имя",
  email: "Электронная почта",
  phone: "Телефон",
  details: "Подробнее",
  invite: "Ответите на пару вопросов о магазине?",
  answer: "Ответить",
  later: "Не сейчас",
};

/** @type {typeof RU} */
const EN = {
  survey: "The shop’s survey",
  progress: "Question {at} of {count}",
  optional: "optional",
  next: "Next",
  back: "Back",
  send: "Send",
  dismiss: "Close the survey",
  thanks: "Thank you, your answers are saved!",
  closed: "This survey is over already. Thank you!",
  failed: "This could not be sent. Try again in a little while.",
  required: "An answer is needed here to go on.",
  wrong: "Please check this field.",
  of: "{value} of {most}",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
  details: "Details",
  invite: "Would you answer a question or two about the shop?",
  answer: "Answer",
  later: "Not now",
};

export const CATALOGS = { ru: RU, en: EN };

/** @typedef {(word: keyof typeof RU, values?: Record<string, string | number>) => string} Words */
