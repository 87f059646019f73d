// @ts-check
// What happens to the page: another address without a reload, eyes that come and go, the end.

/**
 * @param {AbortSignal} signal ends the watching
 * @param {{ onMove: () => void, onFocus: (isLooking: boolean) => void, onVisible: (isVisible: boolean) => void, onLeave: () => void }} listener
 */
export function watchPage(signal, { onMove, onFocus, onVisible, onLeave }) {
  let address = location.href;
  const move = () => address !== (address = location.href) && onMove();
  const look = () => onFocus(document.hasFocus());
  const listen = (/** @type {EventTarget | undefined} */ target, /** @type {string} */ names, /** @type {() => void} */ listener) =>
    names.split(" ").forEach((name) => target?.addEventListener(name, listener, { signal }));
  // The shop's `history` stays as it is: where there is no Navigation API, a step without these events goes unnoticed.
  listen(/** @type {any} */ (window).navigation, "currententrychange", move);
  listen(window, "popstate hashchange", move);
  listen(window, "focus blur", look);
  listen(document, "visibilitychange", () => (look(), onVisible(!document.hidden)));
  listen(window, "pagehide", onLeave);
}
