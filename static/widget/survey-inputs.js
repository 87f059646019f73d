// @ts-check
// One question as something to answer: radio groups, checkboxes, texts. Each is its elements and a way to read the answer.

import { element } from "./dom.js";
import { localText } from "./survey-flow.js";

export const LEGEND = "palompy-survey-legend";
const FACES = ["😞", "🙁", "😐", "🙂", "😍"];
const TYPES = { name: "text", email: "email", phone: "tel" };

/**
 * @typedef {import("./survey-flow.js").Question} Question
 * @typedef {import("./survey-words.js").Words} Words
 * @typedef {{ words: Words, language: "ru" | "en", t: import("./i18n.js").Translate }} Surroundings
 * @typedef {{ nodes: (Node | false | undefined)[], read: () => any, wrong?: () => HTMLInputElement | undefined }} Input
 */

/** @param {Question} question @param {any} answer the earlier one @param {Surroundings} surroundings @returns {Input} */
export function createInput(question, answer, { words, language, t }) {
  const { id, kind, scale = 5, look = "stars", options = [], fields = ["email"] } = question;
  const text = (/** @type {import("./survey-flow.js").LocalText | undefined} */ it) => localText(it, language);
  const choice = (/** @type {string} */ type, /** @type {any} */ value, /** @type {boolean} */ checked, more = {}) =>
    element("input", { type, name: `palompy-${id}`, value, checked, ...more });
  if (kind === "rating") {
    const least = scale === 5 ? 1 : 0;
    const inputs = Array.from({ length: scale + 1 - least }, (_, at) => choice("radio", at + least, answer === at + least, { class: "hidden-text" }));
    const steps = inputs.map((input, at) => element("label", {}, input,
      element("span", { "aria-hidden": "true" }, look === "stars" ? "★" : look === "emoji" ? FACES[at] : input.value),
      element("span", { class: "hidden-text" }, words("of", { value: input.value, most: scale }))));
    const ends = [question.low, question.high].map((end) => element("span", {}, text(end)));
    return {
      nodes: [element("div", { class: `steps ${scale === 5 ? look : "nps"}` }, ...steps), (question.low || question.high) && element("p", { class: "ends" }, ...ends)],
      read: () => {
        const checked = inputs.find((input) => input.checked);
        return checked && Number(checked.value);
      },
    };
  }
  if (kind === "single" || kind === "multiple") {
    const taken = /** @type {string[]} */ ([]).concat(answer ?? []);
    const inputs = options.map((option) => choice(kind === "single" ? "radio" : "checkbox", option.id, taken.includes(option.id)));
    const read = () => inputs.filter((input) => input.checked).map((input) => input.value);
    return {
      nodes: inputs.map((input, at) => element("label", { class: "choice" }, input, element("span", {}, text(options[at].title)))),
      read: () => kind === "single" ? read()[0] : read(),
    };
  }
  if (kind === "consent") {
    const input = choice("checkbox", 1, answer === true, { "aria-required": question.required && "true" });
    return {
      nodes: [element("label", { class: "choice" }, input, element("span", {}, text(question.title))), question.url && element("a",
        { href: question.url, target: "_blank", rel: "noopener noreferrer" }, words("details"), element("span", { class: "hidden-text" }, ` (${t("new_tab")})`))],
      read: () => input.checked,
    };
  }
  if (kind === "contact") {
    const inputs = /** @type {(keyof typeof TYPES)[]} */ (fields).map((name) => {
      const input = element("input", { class: "input", type: TYPES[name], name, autocomplete: name === "phone" ? "tel" : name, maxlength: 200 });
      input.value = answer?.[name] ?? "";
      return input;
    });
    return {
      nodes: inputs.map((input) => element("label", { class: "form-label" }, words(/** @type {any} */ (input.name)), input)),
      read: () => Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()]).filter(([, value]) => value)),
      wrong: () => inputs.find((input) => !input.validity.valid || (input.type === "tel" && /\d/.test(input.value) !== (input.value.trim() !== ""))),
    };
  }
  const input = element("textarea", { class: "input", rows: 3, maxlength: 5000, "aria-labelledby": LEGEND });
  input.value = answer ?? "";
  return { nodes: [input], read: () => input.value.trim() };
}
