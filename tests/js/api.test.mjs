import assert from "node:assert/strict";
import test from "node:test";
import { ChatFailure, requestAnswer } from "../../static/widget/api.js";

const DONE = { answer: "Да [1].", messageId: "m1", language: "ru", sources: [], collectedData: null, degraded: false, refused: false };
const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** A server that sends the bytes of `text` in pieces of `step`; it never ends the stream when `hangs`. */
function streaming(text, { step = 7, hangs = false } = {}) {
  const bytes = new TextEncoder().encode(text);
  return async (_url, { signal }) => new Response(new ReadableStream({
    start(controller) {
      signal.addEventListener("abort", () => controller.error(new DOMException("aborted", "AbortError")));
      for (let at = 0; at < bytes.length; at += step) controller.enqueue(bytes.slice(at, at + step));
      if (!hangs) controller.close();
    },
  }), { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
}

async function request(fetch, options = {}) {
  const heard = { deltas: [], sources: [] };
  const call = requestAnswer("http://shop.test", { message: "?" }, {
    signal: new AbortController().signal, fetch,
    onDelta: (text) => heard.deltas.push(text), onSources: (sources) => heard.sources.push(...sources), ...options,
  });
  try {
    return { ...heard, answer: await call };
  } catch (error) {
    assert.ok(error instanceof ChatFailure, String(error));
    return { ...heard, failure: error.kind, retryAfterSeconds: error.retryAfterSeconds };
  }
}
const status = (code, headers = {}) => async () => new Response('{"error":{"code":"x"}}', { status: code, headers });

test("deltas, sources and the whole answer arrive whatever the cuts, also inside a letter", async () => {
  const stream = `: ping\n\n${event("delta", { text: "При" })}${event("delta", { text: "вет" })}${event("sources", { sources: [{ n: 1 }] })}${event("done", DONE)}`;
  for (let step = 1; step < 40; step += 1) {
    const { deltas, sources, answer } = await request(streaming(stream, { step }));
    assert.deepEqual([deltas, sources, answer], [["При", "вет"], [{ n: 1 }], DONE], `step ${step}`);
  }
});

test("the call asks for a stream, sends JSON and no cookies", async () => {
  let seen;
  await request(async (url, init) => {
    seen = { url, ...init };
    return streaming(event("done", DONE))(url, init);
  });
  assert.equal(seen.url, "http://shop.test/api/chat");
  assert.equal(seen.headers.Accept, "text/event-stream");
  assert.equal(seen.credentials, "omit");
  assert.deepEqual(JSON.parse(seen.body), { message: "?" });
});

test("a whole JSON answer is taken where streams are swallowed on the way", async () => {
  assert.deepEqual((await request(async () => Response.json(DONE))).answer, DONE);
});

test("a stream that ends before its answer is a cut", async () => {
  const { deltas, failure } = await request(streaming(event("delta", { text: "По" })));
  assert.deepEqual([deltas, failure], [["По"], "cut"]);
});

test("rubbish inside the stream is a cut, not a crash", async () => {
  assert.equal((await request(streaming("event: delta\ndata: {oops\n\n"))).failure, "cut");
});

test("an error event ends the answer", async () => {
  assert.equal((await request(streaming(event("error", { error: { code: "internal", message: "…" } })))).failure, "server");
  assert.equal((await request(streaming(event("error", { error: { code: "rate_limited" } })))).failure, "rate");
});

test("each refusal of the server has its own words", async () => {
  for (const [code, kind] of [[400, "rejected"], [403, "unavailable"], [404, "unavailable"], [413, "rejected"], [500, "server"], [503, "server"]]) {
    assert.equal((await request(status(code))).failure, kind, String(code));
  }
  const { failure, retryAfterSeconds } = await request(status(429, { "Retry-After": "20" }));
  assert.deepEqual([failure, retryAfterSeconds], ["rate", 20]);
  assert.equal((await request(status(429))).retryAfterSeconds, null);
});

test("no connection is told from a lost one", async () => {
  const failing = async () => { throw new TypeError("Failed to fetch"); };
  assert.equal((await request(failing)).failure, "network");
});

test("a visitor who stops aborts the call", async () => {
  const controller = new AbortController();
  const { deltas, failure } = await request(streaming(event("delta", { text: "По" }), { hangs: true }), {
    signal: controller.signal, onDelta: () => controller.abort(),
  });
  assert.equal(failure, "stopped");
  assert.deepEqual(deltas, []);
});

test("a server that falls silent is given up", async () => {
  assert.equal((await request(streaming(event("delta", { text: "По" }), { hangs: true }), { silenceLimitMs: 20 })).failure, "timeout");
});
