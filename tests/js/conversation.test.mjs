import assert from "node:assert/strict";
import test from "node:test";
import {
  addDelta, addSources, ask, emptyConversation, fail, finish, isBusy, lastMessage, leadDetail, retry,
} from "../../static/widget/conversation.js";

const SOURCE = { n: 1, source_type: "faq", source_id: "faq-delivery", title: "Доставка", url: null };
const ANSWER = { answer: "Бесплатно [1].", messageId: "m1", language: "ru", sources: [SOURCE], collectedData: null, degraded: false, refused: false };
const asked = () => ask(emptyConversation(), "Сколько стоит доставка?");

test("a question brings its own message and a waiting answer", () => {
  const { messages } = asked();
  assert.deepEqual(messages.map(({ role, text, state }) => [role, text, state]), [["visitor", "Сколько стоит доставка?", "done"], ["assistant", "", "waiting"]]);
  assert.ok(isBusy(asked()));
});

test("deltas add up in order", () => {
  const conversation = addDelta(addDelta(asked(), "Беспл"), "атно");
  assert.equal(lastMessage(conversation).text, "Бесплатно");
  assert.equal(lastMessage(conversation).state, "streaming");
});

test("the server's whole answer replaces what was streamed", () => {
  const conversation = finish(addDelta(asked(), "черновик https://evil.example"), ANSWER);
  assert.equal(lastMessage(conversation).text, "Бесплатно [1].");
  assert.deepEqual(lastMessage(conversation).sources, [SOURCE]);
  assert.equal(isBusy(conversation), false);
});

test("malformed sources are left out", () => {
  const conversation = addSources(asked(), [SOURCE, null, { n: "1", title: "x" }, { n: 2 }, "x"]);
  assert.deepEqual(lastMessage(conversation).sources, [SOURCE]);
  assert.deepEqual(lastMessage(addSources(asked(), "nonsense")).sources, []);
});

test("a failure keeps what had come", () => {
  const last = lastMessage(fail(addDelta(asked(), "Поло"), "cut", null));
  assert.deepEqual([last.text, last.state, last.failure.kind], ["Поло", "failed", "cut"]);
});

test("a retry asks the same question once more without saying it twice", () => {
  const conversation = retry(fail(asked(), "rate", 20));
  assert.equal(conversation.messages.length, 2);
  assert.equal(lastMessage(conversation).question, "Сколько стоит доставка?");
  assert.equal(lastMessage(conversation).state, "waiting");
  assert.notEqual(lastMessage(conversation).id, lastMessage(asked()).id);
});

test("nothing changes an answer that is finished", () => {
  const done = finish(asked(), ANSWER);
  assert.equal(addDelta(done, "поздно"), done);
  assert.equal(fail(done, "cut", null), done);
  assert.equal(retry(done), done);
});

test("earlier conversations are left as they were", () => {
  const before = asked();
  addDelta(before, "x");
  assert.equal(lastMessage(before).text, "");
});

test("a lead has every field, and null for what was not said", () => {
  assert.deepEqual(leadDetail({ phone: "+79001234567", extra: "x" }, { sessionId: "s", pageUrl: "p" }), {
    name: null, email: null, phone: "+79001234567", intent: null, orderNumber: null, preferredContact: null, notes: null, sessionId: "s", pageUrl: "p",
  });
});
