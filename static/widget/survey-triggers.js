// @ts-check
// When a survey may be shown: pages, moments, the share of visitors, once for each visitor, the pause that all of the widget's
// requests to a visitor share. Pure.

/**
 * @typedef {{ afterMessages?: number, afterVote?: "any" | "up" | "down", exitIntent?: boolean, urlPattern?: string, delaySeconds?: number }} Triggers
 * @typedef {{ id: number, version: number, triggers: Triggers, share: number, oncePerVisitor: boolean, pauseDays: number }} Summary
 * @typedef {{ kind: "message", count: number } | { kind: "vote", value: string } | { kind: "exit" } | { kind: "delay" } | { kind: "page" }} Moment
 * @typedef {{ at?: number, surveys?: Record<string, "out" | "shown" | "dismissed" | "completed"> }} Asked `at`: when the widget last
 *   asked this visitor for anything, in milliseconds; no id and nothing that tells who it was
 */

const DAY_MS = 86_400_000;
/** Where people pay, nobody speaks to them; a survey that names the page in its pattern is meant for it. */
const CHECKOUT = /checkout|payment|\bpay\b|\/cart|basket|\/order|korzina|oformlen|oplata|zakaz|корзин|оформлен|оплат|заказ/i;

/** @param {Triggers} triggers @param {Moment} moment */
export function momentFits(triggers, moment) {
  switch (moment.kind) {
    case "message": return Boolean(triggers.afterMessages) && moment.count >= Number(triggers.afterMessages);
    case "vote": return triggers.afterVote === "any" ? moment.value !== "none" : triggers.afterVote === moment.value;
    case "exit": return Boolean(triggers.exitIntent);
    case "delay": return Boolean(triggers.delaySeconds);
    case "page": return Boolean(triggers.urlPattern) && !hasMoments(triggers);
  }
}

/** Whether anything but the page's address decides. @param {Triggers} triggers */
export function hasMoments({ afterMessages, afterVote, exitIntent, delaySeconds }) {
  return Boolean(afterMessages || afterVote || exitIntent || delaySeconds);
}

/**
 * Whether the page's address fits: its path, or its whole address for a pattern with a scheme; `*` stands for anything.
 * @param {string | undefined} pattern @param {{ origin: string, pathname: string }} page
 */
export function pageFits(pattern, { origin, pathname }) {
  if (!pattern) return true;
  const parts = pattern.split("*");
  const path = readable(pathname);
  const text = /^https?:/.test(pattern) ? origin + path : path;
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** Whether the visitor is paying here. @param {Triggers} triggers @param {string} pathname */
export function isCheckout({ urlPattern }, pathname) {
  return !(urlPattern && CHECKOUT.test(urlPattern)) && CHECKOUT.test(readable(pathname));
}

/** A path as a person reads it. @param {string} pathname */
function readable(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** Whether this visit belongs to the share that is asked: FNV-1a (Fowler, Noll, Vo) of session and survey. @param {string} session @param {Summary} survey */
export function isChosen(session, { id, share }) {
  let hash = 0x811c9dc5;
  for (const char of `${session}:${id}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  // The last bits of FNV-1a are well spread, the first are not: stir once more (the finalizer of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share;
}

/** Whether the visitor may be asked now, as far as earlier requests go. @param {Summary} survey @param {Asked} asked @param {number} now */
export function mayAsk({ id, oncePerVisitor, pauseDays }, { at, surveys = {} }, now) {
  const earlier = surveys[id];
  if (earlier === "out" || (oncePerVisitor && earlier)) return false;
  // A clock that was set back must not silence the widget for years.
  return at === undefined || at > now || now - at >= pauseDays * DAY_MS;
}
