// @ts-check
// The launcher: the one script a shop pastes. It owns its own element and `window.PalompyWidget`, asks for the shop's public
// settings once, draws the button, and fetches the panel only when a visitor reaches for it. It must not know what the panel does.
(() => {
  "use strict";
  const VERSION = "0.1.0";
  const LABELS = {
    ru: { open: "Открыть чат с ИИ-ассистентом", close: "Закрыть чат" },
    en: { open: "Open the AI assistant chat", close: "Close the chat" },
  };
  // In the shadow tree `!important` wins over the page's own `!important`, so that no shop style can reach the widget.
  const STYLE = `
:host{all:initial!important;position:fixed!important;right:0!important;bottom:0!important;width:0!important;height:0!important;
z-index:2147483000!important;direction:ltr!important;--plm-accent:#0f6b5c;--plm-accent-ink:#fff}
@media (prefers-color-scheme:dark){:host{--plm-accent:#54d0b4;--plm-accent-ink:#05211b}}
.launcher{all:unset;box-sizing:border-box;position:fixed;right:calc(20px + env(safe-area-inset-right,0px));
bottom:calc(20px + env(safe-area-inset-bottom,0px));width:58px;height:58px;border-radius:50%;border:1px solid transparent;
display:grid;place-items:center;cursor:pointer;background:var(--plm-accent);color:var(--plm-accent-ink);
box-shadow:0 1px 2px rgb(0 0 0/.14),0 8px 24px rgb(0 0 0/.2);transition:transform .16s ease,box-shadow .16s ease;
-webkit-tap-highlight-color:transparent;animation:plm-in .24s ease both}
.launcher:hover{transform:translateY(-2px);box-shadow:0 2px 4px rgb(0 0 0/.14),0 12px 30px rgb(0 0 0/.24)}
.launcher:active{transform:none}
.launcher:focus-visible{outline:3px solid var(--plm-accent);outline-offset:3px}
.launcher svg{grid-area:1/1;width:28px;height:28px;transition:opacity .16s ease,transform .16s ease}
.launcher[aria-expanded=false] .down,.launcher[aria-expanded=true] .chat{opacity:0;transform:scale(.5)}
.launcher[aria-busy=true]::after{content:"";grid-area:1/1;width:46px;height:46px;border-radius:50%;border:2px solid;
border-color:currentColor transparent transparent;animation:plm-turn .8s linear infinite}
@keyframes plm-in{from{opacity:0;transform:scale(.7)}}
@keyframes plm-turn{to{transform:rotate(1turn)}}
@media (prefers-reduced-motion:reduce){.launcher,.launcher svg{animation:none;transition:none}}
@media (forced-colors:active){.launcher{border:2px solid ButtonText}}
@media (max-width:640px){.launcher[aria-expanded=true]{display:none}}
@media print{:host{display:none!important}}`;

  const page = /** @type {any} */ (window);
  const warn = (/** @type {string} */ text) => console.warn(`Palompy: ${text}`);
  if (page.PalompyWidget) {
    warn("the widget is already on this page, the second script does nothing.");
    return;
  }
  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector("script[data-shop-id][src*='widget.js']")
  );

  /** @type {Map<string, Set<(detail: any) => void>>} */
  const listeners = new Map();
  /** @type {Promise<any> | null} */
  let mounted = null;
  /** @type {Promise<any> | null} */
  let panelModule = null;
  /** @type {Promise<any> | null} */
  let making = null;
  /** @type {any} */
  let panel = null;
  let attempts = 0;
  let isReady = false;

  function call(/** @type {(detail: any) => void} */ listener, /** @type {any} */ detail) {
    try {
      listener(detail);
    } catch (error) {
      console.error(error);
    }
  }

  function emit(/** @type {string} */ name, /** @type {any} */ detail = {}) {
    for (const listener of listeners.get(name) || []) call(listener, detail);
    document.dispatchEvent(new CustomEvent(`palompy:${name}`, { detail }));
  }

  function on(/** @type {string} */ name, /** @type {(detail: any) => void} */ listener) {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name)?.add(listener);
    if (name === "ready" && isReady) call(listener, {});
  }

  function off(/** @type {string} */ name, /** @type {(detail: any) => void} */ listener) {
    listeners.get(name)?.delete(listener);
  }

  function parseAttribute(/** @type {string} */ name) {
    const value = script?.dataset[name];
    if (!value) return undefined;
    try {
      return JSON.parse(value);
    } catch {
      warn(`data-${name} is not valid JSON and is left out.`);
      return undefined;
    }
  }

  function icon(/** @type {string} */ name, /** @type {string} */ path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const shape = document.createElementNS(space, "path");
    const attributes = { class: name, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.8",
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
    for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
    shape.setAttribute("d", path);
    svg.append(shape);
    return svg;
  }

  /** Draws the button; resolves to what the panel needs from the page. */
  function mount(/** @type {any} */ settings) {
    const labels = settings.language === "ru" ? LABELS.ru : LABELS.en;
    const host = document.createElement("palompy-widget");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const launcher = document.createElement("button");
    launcher.type = "button";
    launcher.className = "launcher";
    launcher.lang = settings.language;
    launcher.setAttribute("aria-haspopup", "dialog");
    launcher.append(
      icon("chat", "M20.5 11.4c0 4.2-3.8 7.6-8.5 7.6-1 0-2-.16-2.9-.45L4 20.5l1.3-3.9a7.1 7.1 0 0 1-1.8-5.2"
        + "C3.5 7.2 7.3 3.8 12 3.8M17.4 2.4l.85 2.15 2.15.85-2.15.85-.85 2.15-.85-2.15-2.15-.85 2.15-.85zM8.6 11.6h6.8M8.6 14.8h4.2"),
      icon("down", "M6 9.5l6 6 6-6"),
    );
    const setExpanded = (/** @type {boolean} */ isOpen) => {
      launcher.setAttribute("aria-expanded", String(isOpen));
      launcher.setAttribute("aria-label", isOpen ? labels.close : labels.open);
    };
    setExpanded(false);
    launcher.addEventListener("click", () => api.toggle());
    for (const hint of ["pointerenter", "focus"]) launcher.addEventListener(hint, () => void loadPanel(settings).catch(() => {}));
    // The page sees the widget's element as the target of every key, so its shortcuts would fire while a visitor types.
    for (const type of ["keydown", "keypress", "keyup"]) root.addEventListener(type, (event) => event.stopPropagation());
    root.append(launcher);
    document.body.append(host);
    isReady = true;
    emit("ready");
    return { ...settings, root, launcher, setExpanded, emit };
  }

  const loadPart = (/** @type {any} */ { base }, /** @type {string} */ name) => import(`${base}/widget/__ASSETS__/${name}`);

  function loadPanel(/** @type {any} */ settings) {
    // Some browsers remember a failed import by its address, so a second attempt uses another one.
    const again = attempts ? `again${attempts}/` : "";
    panelModule ??= loadPart(settings, `${again}panel.js`).catch((error) => {
      panelModule = null;
      attempts += 1;
      throw error;
    });
    return panelModule;
  }

  async function withPanel(/** @type {(panel: any) => void} */ action) {
    if (!mounted) return warn("call init(publicKey) first, or put data-shop-id on the script.");
    try {
      const context = await mounted;
      if (!context) return;
      if (!panel) context.launcher.setAttribute("aria-busy", "true");
      making ??= loadPanel(context).then(({ createPanel }) => createPanel(context));
      panel = await making;
      context.launcher.removeAttribute("aria-busy");
      action(panel);
    } catch (error) {
      making = panelModule = null;
      attempts += 1;
      (await mounted)?.launcher.removeAttribute("aria-busy");
      warn(`could not open the chat: ${error}`);
    }
  }

  async function loadSettings(/** @type {string} */ publicKey, /** @type {any} */ options) {
    const base = String(options.apiBase || (script ? new URL(script.src).origin : location.origin)).replace(/\/+$/, "");
    const response = await fetch(`${base}/api/shops/public/${encodeURIComponent(publicKey)}/widget`, { credentials: "omit" });
    if (!response.ok) throw new Error(`the server at ${base} answered ${response.status}`);
    const config = await response.json();
    const language = String(options.lang || config.language || document.documentElement.lang || "en");
    return {
      base, publicKey, prompts: options.prompts, perks: options.perks,
      name: config.name, greeting: config.greeting, survey: config.survey, language: /^ru\b/i.test(language) ? "ru" : "en",
    };
  }

  function whenIdle(/** @type {() => void} */ action) {
    if (window.requestIdleCallback) requestIdleCallback(action, { timeout: 3000 });
    else setTimeout(action, 500);
  }

  function init(/** @type {string} */ publicKey, /** @type {any} */ options = {}) {
    if (mounted) return warn("init was called twice, the second call does nothing.");
    const hasBody = document.body ? Promise.resolve() : new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
    mounted = Promise.all([loadSettings(publicKey, options), hasBody]).then(
      ([settings]) => {
        const context = mount(settings);
        if (settings.survey) whenIdle(() => void loadPart(context, "survey-watch.js").then((it) => it.watchSurvey(context, settings.survey, withPanel), () => {}));
        return context;
      },
      (error) => warn(`the chat is not shown: ${error.message}`),
    );
  }

  const api = {
    version: VERSION,
    init,
    on,
    off,
    open: () => void withPanel((it) => it.open()),
    close: () => panel?.close(),
    toggle: () => (panel?.isOpen() ? panel.close() : api.open()),
    isOpen: () => Boolean(panel?.isOpen()),
    ask: (/** @type {string} */ text) => void withPanel((it) => it.ask(String(text))),
    survey: (/** @type {number} */ id) => void withPanel((it) => it.showSurvey(id)),
    onLead: (/** @type {(detail: any) => void} */ listener) => on("lead", listener),
  };
  page.PalompyWidget = api;

  const { shopId, apiBase, lang } = script?.dataset || {};
  if (shopId) init(shopId, { apiBase, lang, prompts: parseAttribute("prompts"), perks: parseAttribute("perks") });
})();
