// @ts-check
// The chat call: one request, answered as a stream of events or, where something between swallows streams, as one JSON answer.
// It turns everything that can go wrong into one `ChatFailure` with a kind that the interface has words for.

import { visitorHeader } from "./calls.js";
import { createSseParser } from "./sse.js";

/**
 * @typedef {"offline" | "network" | "rate" | "unavailable" | "rejected" | "server" | "cut" | "partial" | "timeout" | "stopped"} FailureKind
 * @typedef {{ n: number, source_type: string, source_id: string, title: string, url: string | null, page?: number, section?: string }} Source
 * @typedef {{ sourceId: string, title: string, url: string | null, image: string | null, price: number | string | null,
 *   oldPrice: number | string | null, currency: string | null, inStock: boolean | null }} Card
 * @typedef {Record<string, unknown>} Collected
 * @typedef {{ answer: string, messageId: string | null, language: string, sources: Source[], collectedData: Collected | null,
 *   degraded: boolean, refused: boolean, visitorToken?: string, cards?: Card[], followUps?: string[] }} Answer
 * @typedef {{ onDelta: (text: string) => void, onSources: (sources: Source[]) => void, onCollected?: (data: Collected) => void }} Listener
 */

// The server sends a heartbeat at least every 15 seconds, so three missed ones mean that nobody is there.
const SILENCE_LIMIT_MS = 45_000;

export class ChatFailure extends Error {
  /** @param {FailureKind} kind @param {number | null} [retryAfterSeconds] */
  constructor(kind, retryAfterSeconds = null) {
    super(kind);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Asks and reports deltas as they come. Aborting `signal` ends the call on the server too. Contact data may still be collected
 * after the answer is whole: it is reported when it comes, and nobody waits for it.
 * @param {string} base
 * @param {object} body
 * @param {Listener & { signal: AbortSignal, token?: string | null, silenceLimitMs?: number, fetch?: typeof globalThis.fetch }} options
 * @returns {Promise<Answer>}
 * @throws {ChatFailure}
 */
export async function requestAnswer(base, body, options) {
  const { signal, token = null, silenceLimitMs = SILENCE_LIMIT_MS, fetch = globalThis.fetch.bind(globalThis) } = options;
  const watch = createWatch(signal, silenceLimitMs);
  let hasResponse = false;
  try {
    const response = await fetch(`${base}/api/chat`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream", ...visitorHeader(token) },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: watch.signal,
    });
    hasResponse = true;
    if (!response.ok) throw await failureOf(response);
    const isStream = /^text\/event-stream\b/i.test(response.headers.get("Content-Type") ?? "");
    return isStream ? await readStream(response, watch, options) : await response.json();
  } catch (error) {
    if (error instanceof ChatFailure) throw error;
    if (signal.aborted) throw new ChatFailure("stopped");
    if (watch.signal.aborted) throw new ChatFailure("timeout");
    if (globalThis.navigator?.onLine === false) throw new ChatFailure("offline");
    throw new ChatFailure(hasResponse ? "cut" : "network");
  } finally {
    watch.end();
  }
}

/** Aborts when the visitor does or when nothing has arrived for too long. @param {AbortSignal} signal @param {number} limitMs */
function createWatch(signal, limitMs) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let timer = setTimeout(abort, limitMs);
  let isOver = false;
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(timer);
      if (!isOver) timer = setTimeout(abort, limitMs);
    },
    end() {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    },
  };
}

/** @param {Response} response @param {{ heard: () => void }} watch @param {Listener} listener @returns {Promise<Answer>} */
async function readStream(response, watch, listener) {
  const events = readEvents(response, watch.heard);
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new ChatFailure("cut");
    if (value.event === "delta") listener.onDelta(String(JSON.parse(value.data).text ?? ""));
    else if (value.event === "sources") listener.onSources(JSON.parse(value.data).sources ?? []);
    else if (value.event === "error") throw failureOfCode(JSON.parse(value.data).error?.code);
    else if (value.event === "done") {
      const answer = JSON.parse(value.data);
      readCollected(events, listener).catch(() => {});
      return answer;
    }
  }
}

/** @param {Response} response @param {() => void} onPiece */
async function* readEvents(response, onPiece) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const parse = createSseParser();
  while (reader) {
    const { value, done } = await reader.read();
    if (done) return;
    onPiece();
    yield* parse(decoder.decode(value, { stream: true }));
  }
}

/** What follows the answer. @param {AsyncGenerator<import("./sse.js").SseEvent>} events @param {Listener} listener */
async function readCollected(events, listener) {
  for await (const { event, data } of events) {
    if (event !== "collected") continue;
    const { collectedData } = JSON.parse(data);
    if (collectedData) listener.onCollected?.(collectedData);
  }
}

/** @param {Response} response */
async function failureOf(response) {
  const { status } = response;
  const wait = Number(response.headers.get("Retry-After"));
  if (status === 429) return new ChatFailure("rate", wait > 0 ? wait : null);
  if (status === 401 || status === 403 || status === 404) return new ChatFailure("unavailable");
  return new ChatFailure(status >= 500 ? "server" : "rejected");
}

/** @param {unknown} code */
function failureOfCode(code) {
  return new ChatFailure(/rate|too_many|limit/.test(String(code)) ? "rate" : "server");
}
