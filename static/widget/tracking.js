// @ts-check
// Events for the shop's own statistics. They wait in memory and go together: some seconds after the chat was opened, or when the
// visitor leaves. Nothing is stored, and nothing is even noted while `isAllowed` says no.

const LIMIT = 100;
const WAIT_MS = 5000;

/**
 * @typedef {{ metadata: () => object, isAllowed: () => boolean, send: (events: object[], isLeaving: boolean) => void,
 *   now?: () => number, later?: (action: () => void, ms: number) => void }} Ports `metadata` is added to every event
 */

/** @param {Ports} ports */
export function createTracker({ metadata, isAllowed, send, now = Date.now, later = setTimeout }) {
  /** @type {{ name: string, at: string, metadata: object }[]} */
  let waiting = [];
  let isLive = false;
  let isPlanned = false;
  let focusMs = 0;
  /** When the visitor last came to look; 0 while they do not. */
  let since = 0;

  function flush(isLeaving = false) {
    const events = waiting;
    waiting = [];
    if (events.length > 0) send(events, isLeaving);
  }

  function plan() {
    if (!isLive || isPlanned) return;
    isPlanned = true;
    later(() => ((isPlanned = false), flush()), WAIT_MS);
  }

  function track(/** @type {string} */ name, /** @type {object} */ more = {}) {
    if (!isAllowed() || waiting.length >= LIMIT) return;
    waiting.push({ name, at: new Date(now()).toISOString(), metadata: { ...metadata(), ...more } });
    plan();
  }

  /** The visitor looks at the page, or no longer does. */
  function look(/** @type {boolean} */ isLooking) {
    if (since) focusMs += now() - since;
    since = isLooking ? now() : 0;
  }

  return {
    track,
    flush,
    look,
    /** From now on events go by themselves. */
    live() {
      isLive = true;
      plan();
    },
    /** The page may never come back: says how long the visitor has looked since the last time, and sends everything. */
    leave(/** @type {string} */ name) {
      look(Boolean(since));
      track(name, { focusMs });
      focusMs = 0;
      flush(true);
    },
  };
}
