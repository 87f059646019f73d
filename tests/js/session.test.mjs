import assert from "node:assert/strict";
import test from "node:test";
import { createSession, randomUuid } from "../../static/widget/session.js";
import { nextLength } from "../../static/widget/typing.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEY = "palompy:shop";
const DAY = 86_400_000;

function memoryStorage() {
  const values = new Map();
  const written = [];
  return {
    values, written,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => (written.push(key), values.set(key, value)),
    removeItem: (key) => values.delete(key),
  };
}

/** A browser with two storages and a clock, in which pages are opened. */
function browser() {
  const local = memoryStorage();
  const tab = memoryStorage();
  const clock = { now: 1_000_000_000_000 };
  const open = (publicKey = "shop") => createSession(publicKey, { local: () => local, tab: () => tab, now: () => clock.now });
  return { local, tab, clock, open, entry: () => JSON.parse(local.values.get(KEY) ?? "null") };
}

test("an id is a random UUID", () => {
  const ids = Array.from({ length: 100 }, randomUuid);
  for (const id of ids) assert.match(id, UUID);
  assert.equal(new Set(ids).size, 100);
});

test("nothing is stored before the first message", () => {
  const { local, tab, open } = browser();
  const session = open();
  assert.match(session.id(), UUID);
  session.setNote("survey", 1);
  session.setDraft("");
  assert.equal(session.token(), null);
  assert.deepEqual([...local.written, ...tab.written], []);
});

test("one entry keeps session, token and notes for the next page", () => {
  const { local, open } = browser();
  const session = open();
  session.setNote("survey", { at: 7 });
  session.keep("token-1");
  assert.deepEqual([...local.values.keys()], [KEY]);
  const next = open();
  assert.deepEqual([next.id(), next.token(), next.note("survey"), next.isKept()], [session.id(), "token-1", { at: 7 }, true]);
});

test("another shop has an entry of its own", () => {
  const { open } = browser();
  const session = open();
  session.keep();
  assert.notEqual(open("other").id(), session.id());
  assert.equal(open("other").isKept(), false);
});

test("an answer without a new token leaves the one that is known", () => {
  const { open } = browser();
  const session = open();
  session.keep("token-1");
  for (const nothing of [undefined, null, "", 7, {}]) session.keep(nothing);
  assert.equal(session.token(), "token-1");
});

test("a visitor who stays away for over thirty days is a new one", () => {
  const { clock, open } = browser();
  const session = open();
  session.keep("token-1");
  clock.now += 30 * DAY;
  assert.equal(open().id(), session.id());
  clock.now += 1;
  assert.notEqual(open().id(), session.id());
  assert.equal(open().token(), null);
});

test("each message begins the thirty days anew", () => {
  const { clock, open } = browser();
  const session = open();
  for (let i = 0; i < 3; i += 1) {
    session.keep();
    clock.now += 20 * DAY;
  }
  assert.equal(open().id(), session.id());
});

test("a new chat has another id and the same visitor", () => {
  const { open } = browser();
  const session = open();
  session.keep("token-1");
  const before = session.id();
  session.begin();
  assert.notEqual(session.id(), before);
  assert.deepEqual([open().id(), open().token()], [session.id(), "token-1"]);
});

test("a new chat before the first message stores nothing", () => {
  const { local, open } = browser();
  open().begin();
  assert.deepEqual(local.written, []);
});

test("to forget leaves no trace in the browser", () => {
  const { local, tab, open } = browser();
  const session = open();
  session.keep("token-1");
  session.setNote("survey", 1);
  session.setDraft("Где");
  const before = session.id();
  session.forget();
  assert.deepEqual([...local.values, ...tab.values], []);
  assert.notEqual(session.id(), before);
  assert.deepEqual([session.token(), session.note("survey"), session.draft(), session.isKept()], [null, undefined, "", false]);
  session.setNote("survey", 2);
  assert.equal(local.values.size, 0);
});

test("the draft lives in its tab and goes when it is empty", () => {
  const { tab, open } = browser();
  open().setDraft("Где мой");
  assert.equal(open().draft(), "Где мой");
  open().setDraft("");
  assert.equal(tab.values.size, 0);
});

test("two tabs share the newest token and keep each other's notes", () => {
  const { open, entry } = browser();
  const one = open();
  one.keep("token-1");
  const two = open();
  two.setNote("survey", 1);
  two.keep("token-2");
  assert.equal(one.token(), "token-2");
  one.setNote("consent", "v1");
  assert.deepEqual(entry().notes, { survey: 1, consent: "v1" });
});

test("blocked storage costs only the memory of the page", () => {
  const blocked = () => { throw new Error("SecurityError"); };
  const session = createSession("shop", { local: blocked, tab: blocked });
  session.keep("token-1");
  session.setDraft("Где");
  assert.match(session.id(), UUID);
  assert.deepEqual([session.id(), session.token(), session.draft()], [session.id(), "token-1", "Где"]);
  session.begin();
  session.forget();
  assert.equal(session.token(), null);
});

test("a spoiled entry is as good as none", () => {
  const id = randomUuid();
  for (const spoiled of ["<script>", "null", "7", "[]", "{}", '{"session":"x","at":1}', `{"session":"${id}"}`, `{"session":"${id}","at":"1"}`, `{"session":["${id}"],"at":1e15}`]) {
    const { local, open } = browser();
    local.values.set(KEY, spoiled);
    assert.match(open().id(), UUID, spoiled);
    assert.equal(open().isKept(), false, spoiled);
  }
  const { local, open, clock } = browser();
  local.values.set(KEY, JSON.stringify({ session: id, token: { a: 1 }, at: clock.now, notes: "x" }));
  assert.deepEqual([open().id(), open().token(), open().note("x")], [id, null, undefined]);
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
