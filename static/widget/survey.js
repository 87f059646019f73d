// @ts-check
// One survey as a card of the conversation: asks question by question, sends each answer as it is given, resumes after a reload,
// thanks at the end. Loaded when a survey is shown.

import { element } from "./dom.js";
import { createTranslate } from "./i18n.js";
import { isAnswer, isMissing, localText, resumeAt, shownQuestions } from "./survey-flow.js";
import { createProgress } from "./survey-memory.js";
import sheet from "./survey.css" with { type: "css" };
import { createSurveyView } from "./survey-view.js";
import { CATALOGS } from "./survey-words.js";

/**
 * @typedef {import("./survey-flow.js").Survey} Survey
 * @typedef {import("./host.js").Host} Host
 */

/** Fires the survey's event for the page and counts it; never with an answer. @param {Host} host @param {Survey} survey @param {string} what @param {object} more */
function tell({ emit, track }, { id, version }, what, more) {
  const detail = { surveyId: id, version, ...more };
  emit(`survey_${what}`, detail);
  track(`survey_${what}`, detail);
}

/**
 * @param {Host} host @param {Survey} survey
 * @param {{ onDone: () => void, trigger?: string }} options `onDone` takes the card away
 * @returns {HTMLElement}
 */
export function createSurvey(host, survey, { onDone, trigger = "call" }) {
  const { language, publicKey } = host;
  const { id, version } = survey;
  const { questions, intro, thanks } = survey.definition;
  const words = createTranslate(language, CATALOGS);
  const progress = createProgress(publicKey);
  const kept = progress.read();
  const isResumed = kept.survey === id && kept.version === version;
  /** @type {import("./survey-flow.js").Answers} */
  let answers = isResumed ? { ...kept.answers } : {};
  let at = resumeAt(questions, answers);
  let isStarted = isResumed;
  // A new chat has another session, and the answers so far belong to this one.
  const session = (isResumed && kept.session) || host.sessionId();
  /** @type {Promise<unknown>} */
  let sending = Promise.resolve();
  const view = createSurveyView({ words, language, t: host.t }, intro, { onNext, onBack, onDismiss });
  addStyle(host.root);
  if (!isResumed) tell(host, survey, "shown", { trigger });
  show(false);

  function show(/** @type {boolean} */ takesFocus) {
    const shown = shownQuestions(questions, answers);
    at = Math.max(0, Math.min(at, shown.length - 1));
    view.show(shown[at], { at, count: shown.length, answer: answers[shown[at].id] }, takesFocus);
  }

  const current = () => shownQuestions(questions, answers)[at];

  /** Null takes an earlier answer back on the server too. @param {any} answer */
  function keep(answer) {
    answers = { ...answers, [current().id]: isAnswer(answer) ? answer : null };
    progress.write({ survey: id, version, session, answers });
  }

  function onNext(/** @type {any} */ answer) {
    const question = current();
    if (isMissing(question, answer)) return view.fail(words("required"));
    if (!isStarted) tell(host, survey, "started", {});
    isStarted = true;
    host.keep();
    keep(answer);
    if (isAnswer(answer)) tell(host, survey, "answered", { questionId: question.id });
    if (at === shownQuestions(questions, answers).length - 1) return void finish();
    at += 1;
    show(true);
    sending = sending.then(() => send(true)).catch(() => {});
  }

  function onBack(/** @type {any} */ answer) {
    if (isAnswer(answer)) keep(answer);
    at -= 1;
    show(true);
  }

  function onDismiss() {
    tell(host, survey, "dismissed", { questionId: current().id });
    end();
  }

  function end() {
    progress.write({ survey: null, answers: {} });
    onDone();
  }

  function send(/** @type {boolean} */ partial) {
    const metadata = { url: location.origin + location.pathname, lang: language, trigger };
    return host.call("POST", `surveys/${id}/responses`, { shopPublicKey: publicKey, sessionId: session, version, answers, partial, metadata });
  }

  async function finish() {
    view.setBusy(true);
    // What was sent before must not arrive after the end.
    await sending;
    const { status, body } = await send(false).catch(() => ({ status: 500, body: null }));
    if (status === 422) return fixWrong(body?.error?.fields ?? []);
    const isOver = status === 404 || status === 409;
    if (status >= 400 && !isOver) return view.fail(words("failed"));
    if (!isOver) tell(host, survey, "completed", {});
    end();
    host.say(isOver ? words("closed") : localText(thanks, language) || words("thanks"));
  }

  /** Leads to the first question that the server did not like. @param {{ path: string, message: string }[]} fields */
  function fixWrong(fields) {
    const ids = shownQuestions(questions, answers).map((question) => question.id);
    const wrong = fields.find(({ path }) => ids.includes(path.split(/[.[]/)[1]));
    if (wrong) {
      at = ids.indexOf(wrong.path.split(/[.[]/)[1]);
      show(true);
    }
    view.fail(words(wrong ? "wrong" : "failed"));
  }

  return view.card;
}

/**
 * The question beside the launcher while the panel is closed: one line, "answer" and "not now". It takes no focus and covers
 * nothing but its corner.
 * @param {Host} host @param {Survey} survey @param {string} trigger @param {() => void} onWanted
 * @returns {() => void} takes it away without a choice
 */
export function inviteToSurvey(host, survey, trigger, onWanted) {
  const { root, language } = host;
  const words = createTranslate(language, CATALOGS);
  addStyle(root);
  const button = (/** @type {string} */ look, /** @type {string} */ text, /** @type {() => void} */ onclick) =>
    element("button", { class: look, type: "button", onclick: () => (invitation.remove(), onclick()) }, text);
  const refuse = () => tell(host, survey, "dismissed", { trigger });
  const invitation = element("section", { class: "ask form", lang: language, "aria-label": words("survey") },
    element("p", {}, localText(survey.definition.intro, language) || words("invite")),
    element("div", { class: "form-row" }, button("primary", words("answer"), onWanted), button("ghost", words("later"), refuse)));
  root.append(invitation);
  return () => invitation.remove();
}

/** @param {ShadowRoot} root */
function addStyle(root) {
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
