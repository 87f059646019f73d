// @ts-check
// What the widget tells the page: listeners, and DOM events `palompy:*`. A shop's own fault in a listener never reaches the widget.

/** @typedef {(detail: any, name: string) => void} Listener */

export function createEvents() {
  /** By event; those of `*` hear all. @type {Record<string, Set<Listener>>} */
  const listeners = {};
  /** The last `ready`, told again to whoever comes later. @type {any} */
  let ready;

  function call(/** @type {Listener} */ listener, /** @type {any} */ detail, /** @type {string} */ name) {
    try {
      listener(detail, name);
    } catch (error) {
      console.error(error);
    }
  }

  return {
    emit(/** @type {string} */ name, /** @type {any} */ detail = {}) {
      if (name === "ready") ready = detail;
      for (const listener of [...(listeners[name] ?? []), ...(listeners["*"] ?? [])]) call(listener, detail, name);
      document.dispatchEvent(new CustomEvent(`palompy:${name}`, { detail }));
    },
    on(/** @type {string} */ name, /** @type {Listener} */ listener) {
      (listeners[name] ??= new Set()).add(listener);
      if (name === "ready" && ready) call(listener, ready, name);
    },
    off: (/** @type {string} */ name, /** @type {Listener} */ listener) => void listeners[name]?.delete(listener),
    /** There is nothing on the page any more that is ready. */
    forget: () => { ready = null; },
  };
}
