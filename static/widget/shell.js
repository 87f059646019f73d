// @ts-check
// One widget on the page, from `init` to `destroy`: its settings, its button, its panel, and the events that it counts.

import { createLauncher } from "./launcher-view.js";
import { readOptions } from "./options.js";
import { watchPage } from "./page.js";
import { createTracker } from "./tracking.js";
import { randomUuid } from "./uuid.js";

const FOLDER = "/widget/__ASSETS__/";

/**
 * @typedef {{ publicKey: string, options: import("./options.js").Options, base: string, warn: (text: string) => void,
 *   events: ReturnType<typeof import("./events.js").createEvents>, isWanted: () => boolean }} Given `isWanted`: on this page
 */

/** @param {Given} given */
export function createShell({ publicKey, options, base, events, warn, isWanted }) {
  const ending = new AbortController();
  const { signal } = ending;
  const { navigator } = /** @type {any} */ (window);
  const ownSession = randomUuid();
  /** @type {any} */
  let panel = null;
  /** @type {Promise<any> | null} */
  let panelModule = null;
  /** @type {Promise<any> | null} */
  let making = null;
  let attempts = 0;
  let isShown = true;
  let hasConsent = false;
  /** What the panel and other parts know of the page and the shop. @type {any} */
  let context = null;
  let pageContext = { productId: options.context };
  /** @type {Promise<any> | null} */
  let mounted = null;

  const tracker = createTracker({
    metadata: () => ({ language: context.language, pageUrl: location.origin + location.pathname }),
    isAllowed: () => context && !options.noTrack && navigator.doNotTrack !== "1" && !navigator.globalPrivacyControl && hasConsent,
    send(list, isLeaving) {
      const url = `${base}/api/analytics/events`;
      const sessionId = panel?.host?.sessionId() ?? remembered().session ?? ownSession;
      // Plain text needs no question beforehand, for which a page that is left has no time.
      const body = new Blob([JSON.stringify({ shopPublicKey: publicKey, sessionId, events: list })], { type: "text/plain" });
      if (!isLeaving || !navigator.sendBeacon?.(url, body)) fetch(url, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => {});
    },
  });

  /** What the panel wrote down of a visitor who has written. @returns {{ session?: string, notes?: Record<string, unknown> }} */
  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(`palompy:${publicKey}`) ?? "") ?? {};
    } catch {
      return {};
    }
  }

  async function begin() {
    if (!document.body) await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
    const response = await fetch(`${base}/api/shops/public/${encodeURIComponent(publicKey)}/widget`, { credentials: "omit", signal });
    if (!response.ok) throw new Error(`${base} answered ${response.status}`);
    mount(await response.json());
  }

  function mount(/** @type {any} */ config) {
    if (signal.aborted) return;
    const { consent } = config;
    // The page's word goes before the shop's setting.
    const all = { ...readOptions({ ...config, consent: null }, warn), ...options };
    const language = /^ru/i.test(all.lang ?? (config.language || document.documentElement.lang)) ? "ru" : "en";
    const view = createLauncher(all, language);
    const { button } = view;
    context = {
      ...all, name: config.name, root: view.root, launcher: button, setExpanded: view.setExpanded, view, emit, track: tracker.track,
      base, publicKey, config, options: all, pageContext, language,
    };
    const isAsked = all.consent ? all.consent === "required" : consent?.required;
    hasConsent = !isAsked || remembered().notes?.consent === String(consent?.version ?? "page");
    button.addEventListener("click", api.toggle);
    for (const hint of ["pointerenter", "focus"]) button.addEventListener(hint, () => loadPanel().catch(() => {}));
    update();
    tracker.look(document.hasFocus());
    tracker.track("widget_init");
    tracker.track("page_view");
    emit("ready");
    if (all.inline || all.open || all.trigger || all.mirror || config.survey) void more("setUp");
  }

  function emit(/** @type {string} */ name, /** @type {any} */ detail) {
    // The panel sends nothing before the visitor has agreed.
    if (name === "message_sent") hasConsent = true;
    if (name === "open" || name === "close") tracker.track("widget_toggle", { open: name === "open" });
    if (name === "open") tracker.live();
    events.emit(name, detail);
  }

  /** Shows or hides what the page's address and the page itself ask for. */
  function update() {
    if (isWanted() && !mounted) mounted = begin().then(() => true, (error) => void (signal.aborted || warn(`the chat is not shown: ${error.message}`)));
    if (!context) return;
    context.view.host.hidden = !isShown || !isWanted();
    if (context.view.host.hidden) panel?.close();
  }

  const loadPart = (/** @type {string} */ name) => import(`${base}${FOLDER}${attempts ? `again${attempts}/` : ""}${context.language}/${name}`);

  function loadPanel() {
    // Some browsers remember a failed import by its address, so a second attempt uses another one.
    panelModule ??= loadPart("panel.js").catch((error) => {
      panelModule = null;
      attempts += 1;
      throw error;
    });
    return panelModule;
  }

  async function withPanel(/** @type {(panel: any) => void} */ action) {
    if (!await mounted) return;
    const { launcher } = context;
    try {
      if (!panel) launcher.setAttribute("aria-busy", "true");
      const mine = making ??= loadPanel().then(({ createPanel }) => createPanel(context));
      const made = await mine;
      if (mine !== making) return;
      panel = made;
      action(panel);
    } catch (error) {
      making = null;
      warn(`could not open the chat: ${error}`);
    } finally {
      launcher.removeAttribute("aria-busy");
    }
  }

  /** Takes the panel away, to be made anew when it is wanted. */
  function dropPanel() {
    panel?.close();
    panel?.destroy?.();
    panel = making = panelModule = null;
  }

  /** Does what few pages ask for. */
  async function more(/** @type {string} */ name, /** @type {unknown} */ value) {
    if (!await mounted) return;
    const { on } = events;
    loadPart("more.js").then((it) => it[name]({ context, options: context.options, signal, warn, api, on, withPanel, dropPanel }, value))
      .catch((error) => warn(`${name} failed: ${error}`));
  }

  watchPage(signal, {
    onMove() {
      update();
      tracker.track("page_view");
    },
    onFocus: tracker.look,
    onVisible: (isVisible) => (isVisible ? tracker.track("page_visible") : tracker.leave("page_hidden")),
    onLeave: () => tracker.leave("session_duration"),
  });

  const api = {
    open: () => void withPanel((it) => it.open()),
    close: () => void panel?.close(),
    toggle: () => (panel?.isOpen() ? panel.close() : api.open()),
    isOpen: () => Boolean(panel?.isOpen()),
    show: () => ((isShown = true), update()),
    hide: () => ((isShown = false), update()),
    ask: (/** @type {unknown} */ text) => void withPanel((it) => it.ask(String(text))),
    reset: () => void withPanel((it) => it.reset()),
    setLang: (/** @type {unknown} */ lang) => void more("setLang", lang),
    survey: (/** @type {unknown} */ id) => void more("survey", id),
    setContext(/** @type {any} */ next) {
      pageContext = { ...next };
      if (context) context.pageContext = pageContext;
      panel?.setContext?.(pageContext);
    },
    track: tracker.track,
    destroy() {
      dropPanel();
      tracker.flush(true);
      ending.abort();
      context?.view.remove();
    },
  };
  // Where the shop does not want the widget, not even its settings are asked for.
  update();
  return { api };
}
