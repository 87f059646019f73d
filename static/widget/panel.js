// @ts-check
// The panel as a thing that opens and closes: its style, its focus, its keys, the room that a phone's keyboard leaves. Loaded by the
// launcher when a visitor reaches for it; what is said inside belongs to `chat.js`.

import { createChat } from "./chat.js";
import { dress } from "./dress.js";
import { isPhone } from "./view.js";
import cards from "./cards.css" with { type: "css" };
import sheet from "./panel.css" with { type: "css" };

/**
 * What the launcher knows of the page and the shop.
 * @typedef {{ root: ShadowRoot, launcher: HTMLButtonElement, base: string, publicKey: string, name: string, greeting: string | null,
 *   language: "ru" | "en", prompts: unknown, perks: unknown, setExpanded: (isOpen: boolean) => void,
 *   emit: (name: string, detail?: object) => void, track?: (name: string, metadata?: object) => void, title?: string | null,
 *   options?: Record<string, any>, config?: Record<string, any>, pageContext?: PageContext | null }} Context
 * @typedef {{ productId?: string | null, page?: string | null, cart?: unknown }} PageContext
 */

/** @param {Context} context */
export function createPanel(context) {
  const { root, launcher, emit } = context;
  const viewport = new CSSStyleSheet();
  const sheets = [sheet, cards, viewport];
  const ending = new AbortController();
  const chat = createChat(context, () => close(), ending.signal);
  const { view } = chat;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
  dress(root, context.options?.color);
  root.append(view.panel);
  launcher.setAttribute("aria-controls", view.panel.id);
  followViewport(viewport, ending.signal);

  const isOpen = () => !view.panel.hidden;
  function open() {
    if (isOpen()) return view.focusInput();
    context.setExpanded(true);
    view.open();
    chat.opened();
    emit("open");
  }
  function close() {
    if (!isOpen()) return;
    const hadFocus = root.activeElement !== null;
    view.close();
    context.setExpanded(false);
    if (hadFocus) launcher.focus({ preventScroll: true });
    emit("close");
  }
  root.addEventListener("keydown", (event) => {
    const key = /** @type {KeyboardEvent} */ (event);
    if (key.defaultPrevented || key.isComposing) return;
    if (key.key === "Escape") close();
    else if (isOpen() && isPhone()) view.trapFocus(key);
  }, { signal: ending.signal });

  function destroy() {
    ending.abort();
    view.panel.remove();
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((it) => !sheets.includes(it));
  }
  return {
    open, close, isOpen, destroy,
    ask: (/** @type {string} */ text) => (open(), chat.ask(text)),
    /** The page shows another product now. @param {PageContext | null} pageContext */
    setContext: (pageContext) => chat.setContext(pageContext),
    /** Forgets the visitor on this device and starts anew. */
    reset: () => chat.reset(),
    /** "Human, please": the form that leaves contacts. */
    human: () => (open(), chat.openLead("handoff")),
    /** Shows a survey as a card of the conversation. @param {number} id @param {{ trigger?: string }} [options] */
    showSurvey: (id, options) => (open(), chat.host.showSurvey(id, options)),
    host: chat.host,
  };
}

/** Tells the style how much a phone's keyboard leaves free: not every browser shrinks the page for it. @param {CSSStyleSheet} sheet @param {AbortSignal} signal */
function followViewport(sheet, signal) {
  const seen = window.visualViewport;
  if (!seen) return;
  const update = () => {
    // A visitor who zooms in with two fingers sees less of the page, but no keyboard takes it away.
    const isZoomed = seen.scale > 1.01;
    sheet.replaceSync(isZoomed ? "" : `:host{--plm-top:${Math.round(seen.offsetTop)}px;--plm-height:${Math.round(seen.height)}px}`);
  };
  update();
  seen.addEventListener("resize", update, { signal });
  seen.addEventListener("scroll", update, { signal });
}
