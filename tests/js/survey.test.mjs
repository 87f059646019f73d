import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { isAnswer, isMissing, localText, resumeAt, shownQuestions } from "../../static/widget/survey-flow.js";
import { createMemory, createProgress } from "../../static/widget/survey-memory.js";
import { isCheckout, isChosen, mayAsk, momentFits, pageFits } from "../../static/widget/survey-triggers.js";

const DAY = 86_400_000;
const summary = (changes = {}) => ({ id: 7, version: 1, triggers: {}, share: 1, oncePerVisitor: true, pauseDays: 14, ...changes });
const page = (pathname, origin = "https://shop.example") => ({ origin, pathname });
const blocked = () => { throw new Error("SecurityError"); };
const storage = () => {
  const values = new Map();
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), values };
};

test("the same questions are asked as on the server", () => {
  const { definition, cases } = JSON.parse(readFileSync(new URL("../fixtures/survey_flow.json", import.meta.url), "utf8"));
  for (const { answers, shown } of cases) {
    assert.deepEqual(shownQuestions(definition.questions, answers).map(({ id }) => id), shown, JSON.stringify(answers));
  }
});

test("a reload goes on with the first question that has no answer", () => {
  const questions = [
    { id: "a", kind: "rating" }, { id: "b", kind: "text", showIf: { question: "a", atMost: 3 } }, { id: "c", kind: "text" },
  ];
  assert.equal(resumeAt(questions, {}), 0);
  assert.equal(resumeAt(questions, { a: 5 }), 1);
  assert.equal(shownQuestions(questions, { a: 5 })[1].id, "c");
  assert.equal(resumeAt(questions, { a: 2, b: null }), 2);
  assert.equal(resumeAt(questions, { a: 5, c: "x" }), 1);
});

test("what is required is asked for as the server does", () => {
  assert.equal(isMissing({ kind: "rating", required: true }, undefined), true);
  assert.equal(isMissing({ kind: "rating", required: true }, 0), false);
  assert.equal(isMissing({ kind: "multiple", required: true }, []), true);
  assert.equal(isMissing({ kind: "consent", required: true }, false), true);
  assert.equal(isMissing({ kind: "consent" }, false), false);
  assert.equal(isMissing({ kind: "contact", required: true, fields: ["name", "email"] }, { name: "Анна" }), true);
  assert.equal(isMissing({ kind: "contact", required: true, fields: ["name"] }, { name: "Анна" }), false);
  assert.equal(isAnswer({}), false);
  assert.equal(isAnswer(false), true);
});

test("a text falls back to the other language", () => {
  assert.equal(localText({ en: "Hello" }, "ru"), "Hello");
  assert.equal(localText({ ru: "Да", en: "Yes" }, "en"), "Yes");
  assert.equal(localText("NPS", "ru"), "NPS");
  assert.equal(localText(undefined, "ru"), "");
});

test("a page fits its pattern by path, or by the whole address", () => {
  for (const [pattern, path, fits] of [
    [undefined, "/any", true], ["/cart", "/cart", true], ["/cart", "/cart/2", false], ["/cart*", "/cart/2", true], ["*/done", "/order/7/done", true],
    ["/a*b*c", "/axxbxxc", true], ["/a*b*c", "/axxc", false], ["/a*a", "/a", false], ["*", "/", true], ["/заказ/*", "/%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7/5", true],
    ["/a**b", "/ab", true], ["https://shop.example/x*", "/xy", true], ["https://other.example/*", "/xy", false], ["/100%", "/100%", true],
  ]) assert.equal(pageFits(pattern, page(path)), fits, `${pattern} ${path}`);
});

test("nobody is asked where they pay, unless the survey names the page", () => {
  for (const path of ["/checkout", "/cart/", "/ru/korzina", "/%D0%BE%D1%84%D0%BE%D1%80%D0%BC%D0%BB%D0%B5%D0%BD%D0%B8%D0%B5", "/payment/step-2"]) {
    assert.equal(isCheckout({}, path), true, path);
    assert.equal(isCheckout({ urlPattern: "/catalog*" }, path), true, path);
  }
  assert.equal(isCheckout({}, "/catalog/paper-bag"), false);
  assert.equal(isCheckout({ urlPattern: "/cart*" }, "/cart"), false);
});

test("each moment starts the surveys that name it", () => {
  assert.equal(momentFits({ afterMessages: 3 }, { kind: "message", count: 2 }), false);
  assert.equal(momentFits({ afterMessages: 3 }, { kind: "message", count: 4 }), true);
  assert.equal(momentFits({ exitIntent: true }, { kind: "message", count: 4 }), false);
  assert.equal(momentFits({ afterVote: "any" }, { kind: "vote", value: "up" }), true);
  assert.equal(momentFits({ afterVote: "any" }, { kind: "vote", value: "none" }), false);
  assert.equal(momentFits({ afterVote: "down" }, { kind: "vote", value: "up" }), false);
  assert.equal(momentFits({ exitIntent: true }, { kind: "exit" }), true);
  assert.equal(momentFits({ exitIntent: false }, { kind: "exit" }), false);
  assert.equal(momentFits({ delaySeconds: 5 }, { kind: "delay" }), true);
  // A pattern alone is a moment; beside other moments it only says where.
  assert.equal(momentFits({ urlPattern: "/a" }, { kind: "page" }), true);
  assert.equal(momentFits({ urlPattern: "/a", delaySeconds: 5 }, { kind: "page" }), false);
  assert.equal(momentFits({}, { kind: "page" }), false);
});

test("the share of chosen sessions is the share asked for, and a session keeps its lot", () => {
  for (const share of [0, 0.1, 0.5, 1]) {
    let chosen = 0;
    for (let number = 0; number < 4000; number += 1) chosen += Number(isChosen(`session-${number}`, summary({ share })));
    assert.ok(Math.abs(chosen / 4000 - share) < 0.03, `${share}: ${chosen / 4000}`);
  }
  const lots = (id) => Array.from({ length: 200 }, (_, number) => isChosen(`s${number}`, summary({ id, share: 0.5 })));
  assert.deepEqual(lots(1), lots(1));
  assert.notDeepEqual(lots(1), lots(2));
});

test("a visitor is asked once, and not again before the pause is over", () => {
  const now = 1000 * DAY;
  assert.equal(mayAsk(summary(), {}, now), true);
  assert.equal(mayAsk(summary(), { at: now - 400 * DAY, surveys: { 7: "shown" } }, now), false);
  assert.equal(mayAsk(summary({ oncePerVisitor: false }), { at: now - 400 * DAY, surveys: { 7: "done" } }, now), true);
  assert.equal(mayAsk(summary({ oncePerVisitor: false }), { at: now - 400 * DAY, surveys: { 7: "out" } }, now), false);
  assert.equal(mayAsk(summary(), { at: now - 13 * DAY, surveys: { 6: "done" } }, now), false);
  assert.equal(mayAsk(summary(), { at: now - 14 * DAY, surveys: { 6: "done" } }, now), true);
  assert.equal(mayAsk(summary({ pauseDays: 0 }), { at: now }, now), true);
  // A clock that was wrong once.
  assert.equal(mayAsk(summary(), { at: now + 900 * DAY }, now), true);
});

test("what was asked is remembered for the next page, and with a blocked storage for this one", () => {
  const local = storage();
  createMemory("k", () => local).write({ at: 5, surveys: { 7: "dismissed" } });
  assert.deepEqual(createMemory("k", () => local).read(), { at: 5, surveys: { 7: "dismissed" } });
  const memory = createMemory("k", blocked);
  memory.write({ at: 5, surveys: { 7: "shown" } });
  memory.write({ at: 6 });
  assert.deepEqual(memory.read(), { at: 6, surveys: { 7: "shown" } });
  local.values.set("k", "{broken");
  assert.deepEqual(createMemory("k", () => local).read(), {});
});

test("answers so far survive a reload in the same tab, and a blocked storage costs only that", () => {
  const tab = storage();
  createProgress("k", () => tab).write({ survey: 7, version: 2, answers: { q: 5 } });
  assert.deepEqual(createProgress("k", () => tab).read(), { survey: 7, version: 2, answers: { q: 5 } });
  const progress = createProgress("k", blocked);
  progress.write({ messages: 1 });
  progress.write({ survey: 7 });
  assert.deepEqual(progress.read(), { messages: 1, survey: 7 });
});
