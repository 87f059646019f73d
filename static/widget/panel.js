// @ts-check
// Ties the panel together: visitor's actions -> conversation -> network -> view. Loaded by the launcher when a visitor reaches for it.

import { ChatFailure, requestAnswer } from "./api.js";
import { addDelta, addSources, ask, emptyConversation, fail, finish, isBusy, lastMessage, leadDetail, retry } from "./conversation.js";
import { createTranslate } from "./i18n.js";
import { plainText } from "./markdown.js";
import { createSession } from "./session.js";
import { nextLength } from "./typing.js";
import { createView, QUESTION_LIMIT, trapFocus } from "./view.js";
import { failureText } from "./view-message.js";
import sheet from "./panel.css" with { type: "css" };

/**
 * @typedef {{ root: ShadowRoot, launcher: HTMLButtonElement, base: string, publicKey: string, name: string, greeting: string | null,
 *   language: "ru" | "en", prompts: unknown, perks: unknown, setExpanded: (isOpen: boolean) => void,
 *   emit: (name: string, detail?: object) => void }} Context
 */

/** @param {Context} context */
export function createPanel(context) {
  const { root, launcher, emit } = context;
  const chat = createChat(context, () => close());
  const { view } = chat;

  const viewport = new CSSStyleSheet();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet, viewport];
  root.append(view.panel);
  launcher.setAttribute("aria-controls", view.panel.id);
  followViewport(viewport);

  const isOpen = () => !view.panel.hidden;
  function open() {
    if (isOpen()) return view.focusInput();
    context.setExpanded(true);
    view.open();
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
    if (key.key === "Escape" && !key.isComposing) close();
    else if (isOpen()) trapFocus(key, view.panel);
  });
  return { open, close, isOpen, ask: (/** @type {string} */ text) => (open(), chat.ask(text)) };
}

/** One conversation, its view, and the answer that is being written, if any. @param {Context} context @param {() => void} onClose */
function createChat(context, onClose) {
  const { base, publicKey, language, name, greeting, emit } = context;
  const t = createTranslate(language);
  const sessionId = createSession(publicKey, () => sessionStorage);
  let conversation = emptyConversation();
  let stop = new AbortController();
  const content = { t, language, name, greeting, prompts: readPrompts(context.prompts), perks: readPerks(context.perks) };
  const view = createView(content, {
    onSend: send,
    onPrompt: (text, index) => (emit("prompt_click", { index }), send(text)),
    onRetry: again,
    onStop: () => stop.abort(),
    onClose,
    onSource: (source) => emit("source_click", { sourceType: source.source_type, sourceId: source.source_id }),
  });
  const typist = createTypist(view);

  function send(/** @type {string} */ text) {
    const question = text.trim().slice(0, QUESTION_LIMIT);
    if (question === "") return;
    if (isBusy(conversation)) return view.setDraft(question);
    typist.flush();
    conversation = ask(conversation, question);
    view.show(conversation.messages[conversation.messages.length - 2], false);
    emit("message_sent", { sessionId: sessionId() });
    void answer(question);
  }

  function again() {
    const failed = lastMessage(conversation);
    if (!failed || isBusy(conversation)) return;
    view.remove(failed.id);
    conversation = retry(conversation);
    view.focusInput();
    void answer(failed.question);
  }

  /** @param {typeof conversation} next */
  function update(next) {
    conversation = next;
    const last = lastMessage(conversation);
    if (last) typist.type(last);
    view.setBusy(isBusy(conversation));
  }

  async function answer(/** @type {string} */ question) {
    stop = new AbortController();
    update(conversation);
    view.announce(t("waiting"));
    const body = {
      shopPublicKey: publicKey, sessionId: sessionId(), message: question, lang: language,
      metadata: { url: location.origin + location.pathname, title: document.title.slice(0, 200) },
    };
    try {
      const whole = await requestAnswer(base, body, {
        signal: stop.signal,
        onDelta: (text) => update(addDelta(conversation, text)),
        onSources: (sources) => update(addSources(conversation, sources)),
      });
      update(finish(conversation, whole));
      view.announce(plainText(lastMessage(conversation)?.text ?? ""));
      emit(whole.refused ? "no_answer" : "answer", { messageId: whole.messageId ?? null, degraded: Boolean(whole.degraded) });
      if (whole.collectedData) emit("lead", leadDetail(whole.collectedData, { sessionId: sessionId(), pageUrl: location.href }));
    } catch (error) {
      const failure = error instanceof ChatFailure ? error : new ChatFailure("server");
      update(fail(conversation, failure.kind, failure.retryAfterSeconds));
      const last = lastMessage(conversation);
      if (last) view.announce(failureText(last, view.surroundings));
      if (failure.kind !== "stopped") emit("error", { kind: failure.kind });
    }
  }

  return { view, ask: send };
}

/** Reveals a growing message frame by frame; at once where motion is unwanted or nobody looks. @param {ReturnType<typeof createView>} view */
function createTypist(view) {
  /** @type {import("./conversation.js").Message | null} */
  let message = null;
  let shown = 0;
  let frame = 0;

  function draw() {
    if (!message) return;
    const isWhole = shown >= message.text.length;
    view.show(isWhole ? message : { ...message, text: message.text.slice(0, shown) }, !isWhole);
  }
  function step() {
    frame = 0;
    if (!message) return;
    shown = nextLength(shown, message.text);
    draw();
    if (shown < message.text.length) frame = requestAnimationFrame(step);
  }
  function flush() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!message || shown >= message.text.length) return;
    shown = message.text.length;
    draw();
  }
  /** @param {import("./conversation.js").Message} next */
  function type(next) {
    if (message?.id !== next.id) shown = 0;
    message = next;
    shown = Math.min(shown, next.text.length);
    const isStill = document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isStill) shown = next.text.length;
    if (shown >= next.text.length) draw();
    else if (!frame) frame = requestAnimationFrame(step);
  }
  document.addEventListener("visibilitychange", () => document.hidden && flush());
  return { type, flush };
}

/** Tells the style how much a phone's keyboard leaves free: not every browser shrinks the page for it. @param {CSSStyleSheet} sheet */
function followViewport(sheet) {
  const seen = window.visualViewport;
  if (!seen) return;
  const update = () => {
    // A visitor who zooms in with two fingers sees less of the page, but no keyboard takes it away.
    const isZoomed = seen.scale > 1.01;
    sheet.replaceSync(isZoomed ? "" : `:host{--plm-top:${Math.round(seen.offsetTop)}px;--plm-height:${Math.round(seen.height)}px}`);
  };
  update();
  seen.addEventListener("resize", update);
  seen.addEventListener("scroll", update);
}

/** @param {unknown} prompts */
function readPrompts(prompts) {
  if (!Array.isArray(prompts)) return [];
  return prompts.filter((it) => typeof it === "string" && it.trim() !== "").slice(0, 6);
}

/** `{"Delivery": "1–3 days"}` or `["Free returns"]`. @param {unknown} perks @returns {[string, string][]} */
function readPerks(perks) {
  if (Array.isArray(perks)) return perks.slice(0, 4).map((it) => [String(it), ""]);
  if (typeof perks !== "object" || perks === null) return [];
  return Object.entries(perks).slice(0, 4).map(([title, text]) => [title, String(text)]);
}
