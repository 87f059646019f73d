// @ts-check
// One conversation: visitor's actions -> conversation -> network -> view. It owns the answer that is being written, if any.

import { ChatFailure, requestAnswer } from "./api.js";
import { createCall } from "./calls.js";
import { addDelta, addHistory, addSources, ask, emptyConversation, fail, finish, isBusy, lastMessage, leadDetail, retry } from "./conversation.js";
import { element } from "./dom.js";
import { createHost } from "./host.js";
import { createTranslate } from "./i18n.js";
import { plainText } from "./markdown.js";
import { createSession } from "./session.js";
import { createTypist } from "./typing.js";
import { QUESTION_LIMIT } from "./view-composer.js";
import { createView } from "./view.js";
import { failureText } from "./view-message.js";
import { readConsent, readPerks, readPrompts } from "./welcome.js";

/** @typedef {import("./panel.js").Context} Context */

/** @param {Context} context @param {() => void} onClose @param {AbortSignal} signal ends everything that outlives a call */
export function createChat(context, onClose, signal) {
  const { base, publicKey, language, emit } = context;
  const { track = () => {} } = context;
  const t = createTranslate(language);
  const session = createSession(publicKey);
  const call = createCall(base, session.token);
  const consent = readConsent(context);
  let conversation = emptyConversation();
  let stop = new AbortController();
  let pageContext = context.pageContext ?? null;
  let hasHistory = !session.isKept();
  const content = {
    t, language, name: context.title || context.name, greeting: context.greeting, prompts: readPrompts(context.prompts),
    perks: readPerks(context.perks), isTest: context.config?.state === "test", consent, isAgreed: session.note("consent") === consent?.version,
  };
  const view = createView(content, {
    onSend: send, onRetry: again, onStop: () => stop.abort(), onClose, onVote: vote, onMenu: openMenu,
    onPrompt: (text, kind, index) => (track("quick_prompt_click", { id: `${kind}:${index}` }), emit("prompt_click", { kind, index }), send(text)),
    onHuman: () => void host.openLead("handoff"),
    onSource: (source) => emit("source_click", { sourceType: source.source_type, sourceId: source.source_id }),
    onDraft: session.setDraft,
  });
  const typist = createTypist(view.show);
  const host = createHost({ context, session, view, t, call, track, say });
  view.setDraft(session.draft());
  signal.addEventListener("abort", () => (stop.abort(), typist.forget()));
  document.addEventListener("visibilitychange", () => document.hidden && typist.flush(), { signal });
  // Another tab of this shop was told to forget the visitor.
  addEventListener("storage", ({ key, newValue }) => session.isKept() && (key ?? session.key) === session.key && newValue === null && reset(), { signal });

  function send(/** @type {string} */ text) {
    const question = text.trim().slice(0, QUESTION_LIMIT);
    if (question === "") return;
    if (isBusy(conversation) || !view.hasConsent()) return view.setDraft(question);
    if (consent) session.setNote("consent", consent.version);
    view.setDraft("");
    typist.flush();
    session.keep();
    conversation = ask(conversation, question);
    view.setFollowUps([]);
    view.show(conversation.messages[conversation.messages.length - 2], false);
    emit("message_sent", { sessionId: session.id() });
    track("message_sent", { length: question.length });
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
    const mine = stop = new AbortController();
    const isMine = () => mine === stop;
    update(conversation);
    view.announce(t("waiting"));
    const body = {
      shopPublicKey: publicKey, sessionId: session.id(), message: question, lang: language,
      metadata: { url: location.origin + location.pathname, title: document.title.slice(0, 200), ...aboutPage() },
    };
    try {
      const whole = await requestAnswer(base, body, {
        signal: mine.signal,
        token: session.token(),
        onDelta: (text) => isMine() && update(addDelta(conversation, text)),
        onSources: (sources) => isMine() && update(addSources(conversation, sources)),
        onCollected: (data) => emitLead(data),
      });
      if (!isMine()) return;
      session.keep(whole.visitorToken);
      update(finish(conversation, whole));
      view.setFollowUps(lastMessage(conversation)?.followUps ?? []);
      view.announce(plainText(lastMessage(conversation)?.text ?? ""));
      const detail = { messageId: whole.messageId ?? null, degraded: Boolean(whole.degraded) };
      emit(whole.refused ? "no_answer" : "answer", detail);
      track("message_answered", { refused: Boolean(whole.refused), degraded: detail.degraded });
      if (whole.collectedData) emitLead(whole.collectedData);
    } catch (error) {
      const failure = error instanceof ChatFailure ? error : new ChatFailure("server");
      if (isMine()) showFailure(failure);
    }
  }

  function showFailure(/** @type {ChatFailure} */ { kind, retryAfterSeconds }) {
    update(fail(conversation, kind, retryAfterSeconds));
    const last = lastMessage(conversation);
    if (last) view.announce(failureText(last, view.surroundings));
    track("message_failed", { kind });
    if (kind !== "stopped") emit("error", { kind });
  }

  function aboutPage() {
    const about = /** @type {Record<string, string>} */ ({});
    if (pageContext?.productId) about.productId = String(pageContext.productId).slice(0, 200);
    if (consent) about.consentVersion = String(consent.version);
    return about;
  }

  function emitLead(/** @type {Record<string, unknown>} */ data) {
    emit("lead", leadDetail(data, { sessionId: session.id(), pageUrl: location.href }));
  }

  /** One line of the shop's own in the conversation. */
  function say(/** @type {string} */ text) {
    view.insertCard(element("p", { class: "note" }, text));
    view.announce(text);
  }

  /** @param {import("./conversation.js").Message} message @param {import("./conversation.js").Vote} ballot */
  async function vote({ messageId }, ballot) {
    const reply = await call("POST", `chat/${messageId}/vote`, { shopPublicKey: publicKey, sessionId: session.id(), ...ballot });
    if (reply.status >= 400) throw new Error(String(reply.status));
    emit("vote", { messageId, value: ballot.value, reasons: ballot.reasons });
    track("feedback_vote", { value: ballot.value });
  }

  /** Fills the conversation with what was said before; a visitor who never wrote costs no request. */
  async function loadHistory() {
    if (hasHistory || !session.token()) return;
    hasHistory = true;
    const id = session.id();
    view.setLoading(true);
    try {
      const query = new URLSearchParams({ shopPublicKey: publicKey, sessionId: id });
      const { status, body } = await call("GET", `chat/history?${query}`);
      if (status >= 500) throw new Error(String(status));
      // Without a proof there is no history; a new session keeps the shop's memory and the visitor's screen the same.
      if (id === session.id() && status >= 400 && conversation.messages.length === 0) session.begin();
      if (id === session.id() && status < 400) pour(body?.messages);
    } catch {
      hasHistory = false;
      view.setLoading(false, () => void loadHistory());
    }
  }

  function pour(/** @type {unknown} */ stored) {
    const count = conversation.messages.length;
    conversation = addHistory(conversation, stored);
    const earlier = conversation.messages.slice(0, conversation.messages.length - count);
    view.setLoading(false);
    view.prepend(earlier);
    if (count === 0) view.setFollowUps(lastMessage(conversation)?.followUps ?? []);
  }

  /** Questions that belong to the product of this page, prepared by the shop's own server. */
  async function loadPagePrompts() {
    const productId = pageContext?.productId;
    if (!productId) return view.setPagePrompts([]);
    const query = new URLSearchParams({ productId: String(productId), lang: language });
    const reply = await call("GET", `shops/public/${encodeURIComponent(publicKey)}/prompts?${query}`).catch(() => null);
    if (pageContext?.productId === productId) view.setPagePrompts(reply?.status === 200 ? readPrompts(reply.body?.prompts) : []);
  }

  /** @param {HTMLElement} button */
  async function openMenu(button) {
    const { extras } = await import("./extras.js");
    extras.toggleMenu(button, language, { onNew: startAnew, onForget: () => void forget() });
  }

  /** Leaves this conversation to the server's history and begins another one. */
  function startAnew() {
    stop.abort();
    stop = new AbortController();
    typist.forget();
    conversation = emptyConversation();
    session.begin();
    hasHistory = true;
    view.clear();
    view.setBusy(false);
    view.focusInput();
  }

  async function forget() {
    const { extras } = await import("./extras.js");
    extras.askForget(host, async () => {
      if (session.token()) {
        const { status } = await call("DELETE", "chat/history", { shopPublicKey: publicKey });
        if (status >= 400) throw new Error(String(status));
      }
      reset();
    });
  }

  function reset() {
    session.forget();
    view.withdrawConsent();
    view.setDraft("");
    startAnew();
  }

  let isPrepared = false;
  return {
    view, host, ask: send, reset, openLead: host.openLead,
    opened() {
      void loadHistory();
      if (!isPrepared) void loadPagePrompts();
      isPrepared = true;
    },
    setContext(/** @type {import("./panel.js").PageContext | null} */ next) {
      pageContext = next;
      if (isPrepared) void loadPagePrompts();
    },
  };
}
