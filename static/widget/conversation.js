// @ts-check
// What has been said on this page, as plain data: every function takes a conversation and returns the next one. It knows neither
// the network nor the document, so history from the server can be poured into it later.

/**
 * @typedef {import("./api.js").Source} Source
 * @typedef {import("./api.js").Answer} Answer
 * @typedef {import("./api.js").FailureKind} FailureKind
 * @typedef {{ id: number, role: "visitor" | "assistant", text: string, state: "waiting" | "streaming" | "done" | "failed",
 *   question: string, sources: Source[], messageId: string | null, isRefused: boolean,
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
  return changeLast(conversation, (last) => ({
    ...last,
    text: typeof answer.answer === "string" ? answer.answer : last.text,
    sources: Array.isArray(answer.sources) ? cleanSources(answer.sources) : last.sources,
    messageId: answer.messageId ?? null,
    isRefused: Boolean(answer.refused),
    state: "done",
  }));
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
  return { id, role, question, text: "", state: "waiting", sources: [], messageId: null, isRefused: false, failure: null };
}

/** @param {Conversation} conversation @param {(last: Message) => Message} change @returns {Conversation} */
function changeLast(conversation, change) {
  const last = lastMessage(conversation);
  if (!last || !isBusy(conversation)) return conversation;
  return { ...conversation, messages: [...conversation.messages.slice(0, -1), change(last)] };
}

/** @param {unknown} sources @returns {Source[]} */
function cleanSources(sources) {
  if (!Array.isArray(sources)) return [];
  return sources.filter((source) => Number.isInteger(source?.n) && typeof source.title === "string").slice(0, 20);
}
