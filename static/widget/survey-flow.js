// @ts-check
// Which questions a visitor is asked, given the answers so far. `src/domain/survey_flow.rs` says the same on the server, and
// `tests/fixtures/survey_flow.json` holds both to it.

/**
 * @typedef {string | { ru?: string, en?: string }} LocalText
 * @typedef {{ question: string, atLeast?: number, atMost?: number, anyOf?: string[], answered?: boolean }} Condition
 * @typedef {{ id: string, kind: "rating" | "single" | "multiple" | "text" | "contact" | "consent", title: LocalText, hint?: LocalText,
 *   required?: boolean, showIf?: Condition, scale?: number, look?: "stars" | "numbers" | "emoji", low?: LocalText, high?: LocalText,
 *   options?: { id: string, title: LocalText }[], fields?: string[], url?: string }} Question
 * @typedef {{ intro?: LocalText, thanks?: LocalText, questions: Question[] }} Definition
 * @typedef {{ id: number, version: number, definition: Definition }} Survey
 * @typedef {Record<string, any>} Answers
 */

/** The questions that are asked, in their order. @param {Question[]} questions @param {Answers} answers @returns {Question[]} */
export function shownQuestions(questions, answers) {
  /** @type {Question[]} */
  const shown = [];
  for (const question of questions) {
    const { showIf } = question;
    const isAsked = showIf && shown.some((earlier) => earlier.id === showIf.question);
    if (!showIf || holds(showIf, isAsked ? answers[showIf.question] : undefined)) shown.push(question);
  }
  return shown;
}

/** @param {Condition} condition @param {any} answer */
function holds({ answered, anyOf, atLeast = -Infinity, atMost = Infinity }, answer) {
  if (answered !== undefined) return (answer !== undefined && answer !== null && answer !== false) === answered;
  if (anyOf) return [].concat(answer ?? []).some((id) => anyOf.includes(id));
  return typeof answer === "number" && answer >= atLeast && answer <= atMost;
}

/** The question to go on with: the first that is asked and has no answer, else the last. @param {Question[]} questions @param {Answers} answers */
export function resumeAt(questions, answers) {
  const shown = shownQuestions(questions, answers);
  const at = shown.findIndex(({ id }) => !(id in answers));
  return at < 0 ? shown.length - 1 : at;
}

/** Whether an answer says anything. @param {any} answer */
export function isAnswer(answer) {
  if (Array.isArray(answer)) return answer.length > 0;
  if (answer && typeof answer === "object") return Object.keys(answer).length > 0;
  return answer !== undefined && answer !== null && answer !== "";
}

/** Whether a required question still lacks its answer; the server judges the same. @param {Question} question @param {any} answer */
export function isMissing({ kind, required, fields = [] }, answer) {
  if (!required) return false;
  const reachable = fields.filter((field) => field !== "name");
  if (kind === "contact" && reachable.length > 0) return !reachable.some((field) => answer?.[field]);
  return kind === "consent" ? answer !== true : !isAnswer(answer);
}

/** @param {LocalText | undefined} text @param {"ru" | "en"} language */
export function localText(text, language) {
  if (typeof text === "string") return text;
  return text?.[language] ?? text?.ru ?? text?.en ?? "";
}
