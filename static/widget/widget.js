// @ts-check
// The launcher: the one script a shop pastes. It owns its own element and `window.PalompyWidget`, asks for the shop's public
// settings once, draws the button, and fetches the panel only when a visitor reaches for it. It must not know what the panel does.

import { createEvents } from "./events.js";
import { fitsPage, readOptions } from "./options.js";
import { createShell } from "./shell.js";

const VERSION = "0.1.0";

const page = /** @type {any} */ (window);
const warn = (/** @type {string} */ text) => console.warn(`Palompy: ${text}`);
const script = /** @type {HTMLScriptElement | null} */ (
  document.currentScript ?? document.querySelector("script[data-shop-id][src*='widget.js']")
);

function start() {
  const earlier = page.PalompyWidget;
  // A list is what a page put there to keep its calls until now.
  if (earlier && !Array.isArray(earlier)) return warn("the widget is already on this page.");
  /** @type {ReturnType<typeof createShell> | null} */
  let shell = null;
  const events = createEvents();

  /** @type {Record<string, any>} */
  const api = {
    version: VERSION,
    init(/** @type {string} */ publicKey, /** @type {Record<string, any>} */ given = {}) {
      if (shell) return warn("init was called twice.");
      const options = readOptions(given, warn);
      const base = options.apiBase ?? (script ? new URL(script.src) : location).origin;
      const isWanted = () => fitsPage(options.showOn ?? "*", location) && !fitsPage(options.hideOn ?? "", location);
      shell = createShell({ publicKey, options, base: base.replace(/\/+$/, ""), events, warn, isWanted });
    },
    on: events.on,
    off: events.off,
    onLead: (/** @type {(detail: any) => void} */ listener) => events.on("lead", listener),
    isOpen: () => Boolean(shell?.api.isOpen()),
    destroy() {
      shell?.api.destroy();
      shell = null;
      events.forget();
    },
    push(/** @type {[string, ...any[]][]} */ ...calls) {
      for (const [name, ...values] of calls) api[name]?.(...values);
    },
  };
  for (const name of ["open", "close", "toggle", "show", "hide", "ask", "setLang", "setContext", "survey", "track", "reset"]) {
    api[name] = (/** @type {any[]} */ ...values) => (shell ? /** @type {any} */ (shell.api)[name](...values) : warn(`call init(publicKey) before ${name}.`));
  }
  page.PalompyWidget = api;
  const { shopId, ...given } = script?.dataset ?? {};
  if (shopId) api.init(shopId, given);
  if (earlier) api.push(...earlier);
}

start();
