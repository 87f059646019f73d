// @ts-check
// Waits for the moment of the shop's survey and then shows it: in the open panel as a card, on a wide screen as an invitation beside
// the launcher, and otherwise when the visitor opens the panel. It never opens the panel and never takes the focus. Loaded when the
// shop has an active survey; the survey itself is loaded when its moment has come.

import { createMemory, createProgress } from "./survey-memory.js";
import { isCheckout, isChosen, mayAsk, momentFits, pageFits } from "./survey-triggers.js";

/** Where a pointer can hover there is room beside the launcher. */
const WIDE = "(min-width: 641px) and (hover: hover)";

/**
 * @typedef {import("./survey-triggers.js").Summary} Summary
 * @typedef {import("./survey-triggers.js").Moment} Moment
 * @typedef {import("./survey-triggers.js").Asked} Asked
 * @typedef {(action: (panel: any) => void) => void} WithPanel runs an action on the panel, making it first if need be
 */

/**
 * @param {{ publicKey: string }} context @param {Summary} summary as the widget's configuration has it @param {WithPanel} withPanel
 * @returns {() => void} stops watching
 */
export function watchSurvey({ publicKey }, summary, withPanel) {
  const { id, version, triggers } = summary;
  /** @type {{ read: () => Asked, write: (changes: Asked) => void }} */
  const asked = createMemory(`palompy:${publicKey}:asked`, () => localStorage);
  const progress = createProgress(publicKey);
  const ending = new AbortController();
  const { signal } = ending;
  const stop = () => ending.abort();
  let isAsking = false;

  /** @param {number} survey @param {"out" | "shown" | "dismissed" | "completed"} state */
  function note(survey, state) {
    const { at, surveys } = asked.read();
    asked.write({ at: state === "out" ? at : Date.now(), surveys: { ...surveys, [survey]: state } });
  }

  /** @param {string} name @param {(detail: any) => void} listener @param {AddEventListenerOptions} [options] */
  const on = (name, listener, options = { signal }) =>
    document.addEventListener(`palompy:${name}`, (event) => listener(/** @type {CustomEvent} */ (event).detail ?? {}), options);
  for (const state of /** @type {const} */ (["shown", "dismissed", "completed"])) {
    on(`survey_${state}`, ({ surveyId }) => {
      note(surveyId, state);
      // One request on a page is enough, whoever made it.
      stop();
    }, {});
  }

  on("vote", ({ value }) => happen({ kind: "vote", value }));
  for (const name of ["answer", "no_answer"]) {
    on(name, () => {
      const messages = (progress.read().messages ?? 0) + 1;
      progress.write({ messages });
      happen({ kind: "message", count: messages });
    });
  }
  if (triggers.delaySeconds) {
    const timer = setTimeout(() => happen({ kind: "delay" }), triggers.delaySeconds * 1000);
    signal.addEventListener("abort", () => clearTimeout(timer));
  }
  if (triggers.exitIntent) {
    document.documentElement.addEventListener("mouseleave", ({ clientY, buttons }) => {
      // Only upwards, to the tabs and the address: at the sides there is the desktop or a scroll bar.
      if (clientY <= 0 && !buttons) happen({ kind: "exit" });
    }, { signal });
  }
  const begun = progress.read();
  if (begun.survey === id && begun.version === version) whenOpened("resume");
  else happen({ kind: "page" });

  /** @param {Moment} moment */
  function happen(moment) {
    if (isAsking || signal.aborted || !momentFits(triggers, moment) || !pageFits(triggers.urlPattern, location)) return;
    const isMidTalk = moment.kind === "message" || moment.kind === "vote";
    if (!isMidTalk && isCheckout(triggers, location.pathname)) return;
    if (!mayAsk(summary, asked.read(), Date.now())) return stop();
    if (!isChosen(sessionOf(publicKey), summary)) {
      note(id, "out");
      return stop();
    }
    isAsking = true;
    if (isMidTalk || matchMedia(WIDE).matches) withPanel((panel) => void ask(panel, moment.kind));
    else whenOpened(moment.kind);
  }

  /** @param {any} panel @param {string} trigger */
  async function ask(panel, trigger) {
    if (panel.isOpen()) return panel.host.showSurvey(id, { trigger, isQuiet: true });
    whenOpened(trigger);
    const remove = await panel.host.inviteToSurvey(id, trigger, () => {
      stop();
      panel.showSurvey(id, { trigger });
    });
    if (!remove) return;
    note(id, "shown");
    signal.aborted ? remove() : signal.addEventListener("abort", remove);
  }

  /** Who opens the chat finds the survey there. @param {string} trigger */
  function whenOpened(trigger) {
    on("open", () => {
      stop();
      withPanel((panel) => void panel.host.showSurvey(id, { trigger, isQuiet: true }));
    });
  }

  return stop;
}

/** Shows a survey because the page asks for it. @param {unknown} _context @param {unknown} id @param {WithPanel} withPanel */
export function openSurvey(_context, id, withPanel) {
  withPanel((panel) => void panel.showSurvey(Number(id)));
}

/** The visitor's session where there is one; else a fresh lot, whose outcome is remembered. @param {string} publicKey */
function sessionOf(publicKey) {
  try {
    const { session } = JSON.parse(localStorage.getItem(`palompy:${publicKey}`) ?? "{}");
    if (session) return String(session);
  } catch {
    // The storage is blocked.
  }
  return String(Math.random());
}
