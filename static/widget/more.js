// @ts-check
// What few pages ask of the launcher: an inline panel, a trigger of their own, copies of events, another language, surveys.
// It is loaded when one does.

import { openSurvey, watchSurvey } from "./survey-watch.js";

/**
 * @typedef {{ context: any, options: import("./options.js").Options, signal: AbortSignal, warn: (text: string) => void,
 *   api: { toggle: () => void, isOpen: () => boolean }, on: (name: string, listener: (detail: any, name: string) => void) => void,
 *   withPanel: (action: (panel: any) => void) => void, dropPanel: () => void }} Shell
 */

/** Sets up what the options ask for, and the shop's survey. @param {Shell} shell */
export function setUp(shell) {
  const { options, context, signal, withPanel } = shell;
  if (options.inline) showInline(shell, options.inline);
  // On a phone the chat would cover the whole page.
  else if (options.open && !matchMedia("(max-width: 640px)").matches) withPanel((panel) => openQuietly(shell, panel));
  if (options.trigger) watchTrigger(shell, options.trigger);
  if (options.mirror) copyEvents(shell, options.mirror);
  if (context.config.survey) signal.addEventListener("abort", watchSurvey(context, context.config.survey, withPanel));
}

/** @param {Shell} shell @param {string} selector */
function showInline(shell, selector) {
  const { context, withPanel, warn } = shell;
  const { view } = context;
  const place = find(selector);
  if (!place) {
    warn(`data-inline finds nothing on the page: ${selector}`);
    view.button.hidden = false;
    return;
  }
  view.remove();
  view.host.dataset.inline = "";
  view.place = place;
  view.stay();
  withPanel((panel) => openQuietly(shell, panel));
}

/** @param {string} selector */
function find(selector) {
  try {
    return document.querySelector(selector);
  } catch {
    return null;
  }
}

/** Opens without taking the focus from the page. @param {Shell} shell @param {any} panel */
function openQuietly({ context }, panel) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  panel.open();
  context.root.activeElement?.blur();
  before?.focus({ preventScroll: true });
  if (context.view.place) context.root.querySelector(".panel").setAttribute("aria-modal", "false");
}

/** Elements of the page that open and close the chat; they get the focus back. @param {Shell} shell @param {string} selector */
function watchTrigger({ api, context, signal, on, warn }, selector) {
  try {
    document.querySelector(selector);
  } catch {
    return warn(`data-trigger is left out, this is not right: ${selector}`);
  }
  /** @type {HTMLElement | undefined} */
  let last;
  document.addEventListener("click", (event) => {
    const found = event.composedPath().find((it) => it instanceof HTMLElement && it.matches(selector));
    if (!found) return;
    event.preventDefault();
    last = /** @type {HTMLElement} */ (found);
    api.toggle();
  }, { signal });
  on("close", () => context.launcher.hidden && last?.focus());
}

/**
 * Tells analytics that the shop has already what happens, never more than the event's name.
 * @param {Shell} shell @param {string} places `dataLayer`, `metrica:COUNTER`, with a space between them
 */
function copyEvents({ on }, places) {
  const page = /** @type {any} */ (window);
  const copy = (/** @type {any} */ _, /** @type {string} */ name) => {
    for (const place of places.split(/\s+/)) {
      const [kind, counter] = place.split(":");
      if (kind === "dataLayer") (page.dataLayer ??= []).push({ event: `palompy_${name}` });
      if (kind === "metrica") page.ym?.(Number(counter), "reachGoal", `palompy_${name}`);
    }
  };
  // This part came after `ready`.
  copy({}, "ready");
  on("*", copy);
}

/** Says everything in another language. @param {Shell} shell @param {unknown} lang */
export function setLang(shell, lang) {
  const { context, withPanel, dropPanel, api, warn } = shell;
  const next = String(lang).slice(0, 2).toLowerCase();
  if (next !== "ru" && next !== "en") return warn(`there is no language ${lang}.`);
  if (next === context.language) return;
  const wasOpen = api.isOpen();
  dropPanel();
  context.language = next;
  context.view.setLanguage(next);
  if (wasOpen || context.view.place) withPanel((panel) => (context.view.place ? openQuietly(shell, panel) : panel.open()));
}

/** @param {Shell} shell @param {unknown} id */
export function survey({ context, withPanel }, id) {
  openSurvey(context, id, withPanel);
}
