// @ts-check
// What has been said, as plain data: every function takes a conversation and returns the next one. It knows neither the network
// nor the document; an answer of the stream and one of the stored history become the same message here.

/**
 * @typedef {import("./api.js").Source} Source
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").FailureKind} FailureKind
 * @typedef {import("./api.js").Card} Card
 * @typedef {{ value: "up" | "down" | "none", reasons: string[], comment: string }} Vote
 * @typedef {{ id: number, role: "visitor" | "assistant", text: string, state: "waiting" | "streaming" | "done" | "failed",
 *   question: string, sources: Source[], cards: Card[], followUps: string[], messageId: string | null, isRefused: boolean, vote: Vote,
 *   failure: { kind: FailureKind, retryAfterSeconds: number | null } | null }} Message
 * @typedef {{ nextId: number, messages: readonly Message[] }} Conversation
 */

/** @returns {Conversation} */
export function emptyConversation() {
  return { nextId: 1, messages: [] };
}

/** Adds a question and the place of its answer. @param {Conversation} conversation @param {string} question @returns {Conversation} */
export function ask({ nextId, messages }, question) {
  const asked = { ...message(nextId, "visitor", question), text: question, state: /** @type {const} */ ("done") };
  return { nextId: nextId + 2, messages: [...messages, asked, message(nextId + 1, "assistant", question)] };
}

/**
 * Puts what the server has stored before what was said on this page, which the server may have stored meanwhile too. A turn whose
 * answer never became whole can be asked again when nothing follows it.
 * @param {Conversation} conversation
 * @param {unknown} stored turns, oldest first
 * @returns {Conversation}
 */
export function addHistory({ nextId, messages }, stored) {
  const isHere = (/** @type {any} */ turn) => messages.some((it) => it.messageId && it.messageId === turn.messageId)
    || (messages.length > 0 && turn.status === "pending");
  const turns = list(stored).filter((turn) => typeof turn?.question === "string" && !isHere(turn));
  const earlier = turns.flatMap((turn, at) => {
    /** @type {Message} */
    const asked = { ...message(nextId + at * 2, "visitor", turn.question), text: turn.question, state: "done" };
    /** @type {Message} */
    const answered = { ...message(nextId + at * 2 + 1, "assistant", turn.question), ...answerOf(turn), vote: readVote(turn.vote), state: "done" };
    if (turn.status === "complete" || (answered.text && !turn.status)) return [asked, answered];
    return [asked, { ...answered, state: /** @type {const} */ ("failed"), failure: { kind: /** @type {const} */ ("partial"), retryAfterSeconds: null } }];
  });
  return { nextId: nextId + earlier.length, messages: [...earlier, ...messages] };
}

/** The failed last answer makes place for another try; its question stays. @param {Conversation} conversation @returns {Conversation} */
export function retry(conversation) {
  const last = lastMessage(conversation);
  if (last?.state !== "failed") return conversation;
  const { nextId, messages } = conversation;
  return { nextId: nextId + 1, messages: [...messages.slice(0, -1), message(nextId, "assistant", last.question)] };
}

/** @param {Conversation} conversation @param {string} text @returns {Conversation} */
export function addDelta(conversation, text) {
  return changeLast(conversation, (last) => ({ ...last, text: last.text + text, state: "streaming" }));
}

/** @param {Conversation} conversation @param {Source[]} sources @returns {Conversation} */
export function addSources(conversation, sources) {
  return changeLast(conversation, (last) => ({ ...last, sources: cleanSources(sources) }));
}

/** The server's whole answer replaces what was streamed. @param {Conversation} conversation @param {Answer} answer @returns {Conversation} */
export function finish(conversation, answer) {
  return changeLast(conversation, (last) => {
    const next = answerOf(answer);
    const sources = Array.isArray(answer.sources) ? next.sources : last.sources;
    return { ...last, ...next, sources, text: typeof answer.answer === "string" ? answer.answer : last.text, state: "done" };
  });
}

/** @param {Conversation} conversation @param {FailureKind} kind @param {number | null} retryAfterSeconds @returns {Conversation} */
export function fail(conversation, kind, retryAfterSeconds) {
  return changeLast(conversation, (last) => ({ ...last, state: "failed", failure: { kind, retryAfterSeconds } }));
}

/** @param {Conversation} conversation @returns {Message | undefined} */
export function lastMessage({ messages }) {
  return messages[messages.length - 1];
}

/** @param {Conversation} conversation */
export function isBusy(conversation) {
  const state = lastMessage(conversation)?.state;
  return state === "waiting" || state === "streaming";
}

/**
 * The detail of `palompy:lead`; what the visitor has not said is null.
 * @param {Record<string, unknown>} collected
 * @param {{ sessionId: string, pageUrl: string }} where
 */
export function leadDetail(collected, where) {
  const fields = ["name", "email", "phone", "intent", "orderNumber", "preferredContact", "notes"];
  return { ...Object.fromEntries(fields.map((field) => [field, collected[field] ?? null])), ...where };
}

/** @param {number} id @param {"visitor" | "assistant"} role @param {string} question @returns {Message} */
function message(id, role, question) {
  return { id, role, question, text: "", state: "waiting", sources: [], cards: [], followUps: [], messageId: null, isRefused: false, vote: readVote(null), failure: null };
}

/** What an answer brings, from the stream or from the history. @param {Record<string, any>} answer */
function answerOf(answer) {
  return {
    text: typeof answer.answer === "string" ? answer.answer : "",
    sources: cleanSources(answer.sources),
    cards: list(answer.cards).filter((card) => typeof card?.title === "string" && card.title).slice(0, 10),
    followUps: list(answer.followUps).filter((it) => typeof it === "string" && it.trim() !== "").slice(0, 3),
    messageId: typeof answer.messageId === "string" ? answer.messageId : null,
    isRefused: Boolean(answer.refused),
  };
}

/** A vote as the history tells it: the word alone or with its reasons. @param {any} raw @returns {Vote} */
function readVote(raw) {
  const value = typeof raw === "string" ? raw : raw?.value;
  const comment = typeof raw?.comment === "string" ? raw.comment : "";
  return { value: value === "up" || value === "down" ? value : "none", reasons: list(raw?.reasons).map(String), comment };
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}

/** @param {Conversation} conversation @param {(last: Message) => Message} change @returns {Conversation} */
function changeLast(conversation, change) {
  const last = lastMessage(conversation);
  if (!last || !isBusy(conversation)) return conversation;
  return { ...conversation, messages: [...conversation.messages.slice(0, -1), change(last)] };
}

/** @param {unknown} sources @returns {Source[]} */
function cleanSources(sources) {
  return list(sources).filter((source) => Number.isInteger(source?.n) && typeof source.title === "string").slice(0, 20);
}
