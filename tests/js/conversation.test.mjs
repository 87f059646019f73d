import assert from "node:assert/strict";
import test from "node:test";
import {
  addDelta, addHistory, addSources, ask, emptyConversation, fail, finish, isBusy, lastMessage, leadDetail, retry,
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

const TURN = {
  messageId: "m1", question: "Сколько стоит доставка?", answer: "Бесплатно [1].", at: "2026-01-01T10:00:00Z", status: "complete", sources: [SOURCE],
  cards: [{ sourceId: "PL-1", title: "Термос" }], refused: false, degraded: false, vote: { value: "down", reasons: ["wrong"], comment: "нет" },
};

test("a stored turn becomes the same message as its answer in the stream", () => {
  const live = finish(asked(), { ...ANSWER, cards: TURN.cards });
  const stored = addHistory(emptyConversation(), [{ ...TURN, vote: null }]);
  assert.deepEqual(stored, live);
});

test("the history stands before what was said on the page, without what the page has already", () => {
  const live = finish(asked(), ANSWER);
  const whole = addHistory(live, [{ ...TURN, messageId: "m0", question: "Раньше" }, TURN, { ...TURN, messageId: "m2", status: "pending", answer: "" }]);
  assert.deepEqual(whole.messages.map((it) => it.text), ["Раньше", "Бесплатно [1].", "Сколько стоит доставка?", "Бесплатно [1]."]);
  assert.equal(new Set(whole.messages.map((it) => it.id)).size, 4);
  assert.deepEqual(ask(whole, "?").messages.map((it) => it.id).length, 6);
});

test("a stored answer that never became whole can be asked for again", () => {
  for (const [status, answer] of [["interrupted", "Бесп"], ["interrupted", ""], ["pending", ""]]) {
    const conversation = addHistory(emptyConversation(), [{ ...TURN, status, answer }]);
    assert.deepEqual([lastMessage(conversation).state, lastMessage(conversation).failure.kind, lastMessage(conversation).text], ["failed", "partial", answer]);
    assert.equal(lastMessage(retry(conversation)).question, TURN.question);
  }
});

test("a stored vote is told with its reasons, or as one word", () => {
  const voteOf = (vote) => lastMessage(addHistory(emptyConversation(), [{ ...TURN, vote }])).vote;
  assert.deepEqual(voteOf(TURN.vote), TURN.vote);
  assert.deepEqual(voteOf("up"), { value: "up", reasons: [], comment: "" });
  for (const none of [null, undefined, "none", "x", 7, {}, { value: "<b>" }]) assert.deepEqual(voteOf(none), { value: "none", reasons: [], comment: "" });
});

test("a spoiled history is as good as none", () => {
  for (const spoiled of [null, undefined, "x", {}, [null, 7, "x", {}, { question: 7 }]]) {
    assert.deepEqual(addHistory(emptyConversation(), spoiled).messages, []);
  }
});

test("malformed cards and follow-up questions are left out", () => {
  const { cards, followUps } = lastMessage(finish(asked(), { ...ANSWER, cards: [null, {}, { title: "" }, { title: 7 }, { title: "Термос" }], followUps: ["", " ", 7, "Ещё?", "a", "b", "c"] }));
  assert.deepEqual(cards, [{ title: "Термос" }]);
  assert.deepEqual(followUps, ["Ещё?", "a", "b"]);
});
