import assert from "node:assert/strict";
import test from "node:test";
import { createSession, randomUuid } from "../../static/widget/session.js";
import { nextLength } from "../../static/widget/typing.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function memoryStorage() {
  const values = new Map();
  const calls = [];
  return {
    calls,
    getItem: (key) => (calls.push(`get ${key}`), values.get(key) ?? null),
    setItem: (key, value) => (calls.push(`set ${key}`), values.set(key, value)),
  };
}

test("an id is a random UUID", () => {
  const ids = Array.from({ length: 100 }, randomUuid);
  for (const id of ids) assert.match(id, UUID);
  assert.equal(new Set(ids).size, 100);
});

test("storage is not touched before the first message", () => {
  const storage = memoryStorage();
  const session = createSession("shop", () => storage);
  assert.deepEqual(storage.calls, []);
  const id = session();
  assert.deepEqual(storage.calls, ["get palompy:shop:session", "set palompy:shop:session"]);
  assert.equal(session(), id);
});

test("the next page of the visit goes on with the same id, another shop does not", () => {
  const storage = memoryStorage();
  const id = createSession("shop", () => storage)();
  assert.equal(createSession("shop", () => storage)(), id);
  assert.notEqual(createSession("other", () => storage)(), id);
});

test("blocked storage costs only the memory of the page", () => {
  const session = createSession("shop", () => { throw new Error("SecurityError"); });
  assert.match(session(), UUID);
  assert.equal(session(), session());
});

test("a spoiled stored id is replaced", () => {
  const storage = memoryStorage();
  storage.setItem("palompy:shop:session", "<script>");
  assert.match(createSession("shop", () => storage)(), UUID);
});

test("revealed text always grows, ends whole and never splits a character", () => {
  const text = "Да 👍🏽 ".repeat(60);
  let shown = 0;
  let frames = 0;
  while (shown < text.length) {
    const next = nextLength(shown, text);
    assert.ok(next > shown && next <= text.length);
    assert.doesNotMatch(text.slice(0, next), /[\ud800-\udbff]$/);
    shown = next;
    frames += 1;
  }
  assert.ok(frames > 10 && frames < 90, String(frames));
});
