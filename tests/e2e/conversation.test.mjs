// What a conversation keeps and offers: history, new chat, forgetting, votes, follow-up questions, consent, a person.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import { accessibilityFaults, screenshot } from "./browser.mjs";
import { startStand } from "./stand.mjs";

const EXTRAS = `import { extras as real } from "./real-extras.js";
function createLeadForm(host, { intent, onDone }) {
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const send = make("button", { class: "primary", type: "button" }, "Передать");
  send.addEventListener("click", () => { host.emit("lead", { intent, sessionId: host.sessionId() }); onDone({ isSent: true, message: "Передали сотруднику." }); });
  const cancel = make("button", { class: "ghost", type: "button" }, "Нет");
  cancel.addEventListener("click", () => onDone({ isSent: false }));
  return make("div", { class: "form", role: "group", "aria-label": "Контакты" }, make("input", { class: "input", "aria-label": "Телефон" }), make("div", { class: "form-row" }, send, cancel));
}
export const extras = { ...real, createLeadForm };`;
const DELIVERY = "Сколько стоит доставка?";

let stand;
before(async () => { stand = await startStand({ modules: { "extras.js": EXTRAS } }); });
after(() => stand?.stop());
beforeEach(() => {
  stand.api.state.turns.clear();
  stand.api.state.calls.length = 0;
  stand.api.state.votes.length = 0;
  stand.api.state.isDown = false;
});
const asked = (method, path) => stand.api.state.calls.filter((call) => call.method === method && call.pathname.endsWith(path));

test("a reload and another page bring the conversation back", async () => {
  const { page, widget, ask, go, faults, close } = await stand.visit();
  await ask(DELIVERY);
  await ask("Какой рюкзак взять? cards");
  const before = await page.locator("palompy-widget .log").innerText();
  for (const path of ["/", "/other"]) {
    await go(path);
    await widget.answers.nth(1).waitFor();
    assert.equal(await page.locator("palompy-widget .log").innerText(), before);
    assert.equal(await page.locator("palompy-widget .welcome").isVisible(), false);
    assert.equal(await widget.sources.count(), 5);
  }
  assert.deepEqual(asked("GET", "/history").map((call) => call.token), [`token-${stand.api.state.questions.length}`, `token-${stand.api.state.questions.length}`]);
  await ask("Ещё вопрос");
  assert.equal(await widget.answers.count(), 3);
  const ids = new Set(stand.api.state.questions.slice(-3).map((it) => it.sessionId));
  assert.equal(ids.size, 1);
  assert.deepEqual(faults, []);
  await close();
});

test("a visitor who never wrote costs no request and no storage", async () => {
  const { page, close } = await stand.visit();
  await page.waitForTimeout(200);
  assert.deepEqual(stand.api.state.calls, []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
  await close();
});

test("an answer that was cut is there after a reload and can be asked for again", async () => {
  const { widget, ask, say, go, close } = await stand.visit();
  await ask(DELIVERY);
  await say(`die once ${Date.now()}`);
  await widget.retry.waitFor();
  await go("/");
  await widget.lastAnswer.getByText("Ответ пришёл не целиком").waitFor();
  await widget.retry.click();
  await widget.sources.first().waitFor();
  assert.equal(await widget.answers.count(), 2);
  await close();
});

test("a history that does not come says so and can be asked for again", async () => {
  const { page, widget, ask, go, close } = await stand.visit();
  await ask(DELIVERY);
  stand.api.state.isDown = true;
  await go("/");
  await page.locator("palompy-widget .loading").getByText("Не получилось").waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  stand.api.state.isDown = false;
  await page.locator("palompy-widget .loading .retry").click();
  await widget.answers.first().waitFor();
  assert.equal(await page.locator("palompy-widget .loading").isVisible(), false);
  await close();
});

test("a token that the server refuses begins a new session without a word", async () => {
  const { page, widget, ask, go, stored, close } = await stand.visit();
  await ask(DELIVERY);
  const { session } = await stored();
  await page.evaluate(() => {
    for (const [key, value] of Object.entries(localStorage)) localStorage.setItem(key, value.replace(/token-\d+/, "stale"));
  });
  await go("/");
  await page.locator("palompy-widget .welcome").waitFor();
  for (let i = 0; i < 50 && (await stored()).session === session; i += 1) await page.waitForTimeout(20);
  assert.notEqual((await stored()).session, session);
  assert.equal(await widget.answers.count(), 0);
  await close();
});

test("a question asked while the history is on its way stands below it", async () => {
  const { page, widget, ask, go, close } = await stand.visit();
  await ask(DELIVERY);
  let letThrough = () => {};
  const held = new Promise((resolve) => { letThrough = resolve; });
  await page.route("**/api/chat/history*", async (route) => (await held, route.continue()));
  await go("/");
  await ask("Второй вопрос");
  letThrough();
  await widget.answers.nth(1).waitFor();
  assert.deepEqual(await page.locator("palompy-widget .visitor .bubble").allInnerTexts(), [DELIVERY, "Второй вопрос"]);
  await close();
});

test("a new chat is empty, has another session and stays new after a reload", async () => {
  const { page, widget, ask, go, close } = await stand.visit();
  await ask(DELIVERY);
  await widget.menuButton.click();
  await widget.menuItems.getByText("Новый чат").click();
  await page.locator("palompy-widget .welcome").waitFor();
  assert.equal(await widget.answers.count(), 0);
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement.tagName), "TEXTAREA");
  await go("/");
  await page.waitForTimeout(100);
  assert.equal(await widget.answers.count(), 0);
  await ask("Другой вопрос");
  const [first, second] = stand.api.state.questions.slice(-2);
  assert.notEqual(first.sessionId, second.sessionId);
  await close();
});

test("a new chat in the middle of an answer ends that answer here and on the server", async () => {
  const { page, widget, say, ask, close } = await stand.visit();
  const before = stand.api.state.aborted;
  await say("never end");
  await widget.lastAnswer.getByText("Курьером").waitFor();
  await widget.menuButton.click();
  await widget.menuItems.first().click();
  assert.equal(await widget.answers.count(), 0);
  for (let i = 0; i < 100 && stand.api.state.aborted === before; i += 1) await page.waitForTimeout(20);
  assert.equal(stand.api.state.aborted, before + 1);
  await ask(DELIVERY);
  assert.equal(await widget.answers.count(), 1);
  await close();
});

test("forget me asks first, then deletes on the server and in the browser", async () => {
  const { page, widget, ask, stored, close } = await stand.visit();
  await ask(DELIVERY);
  const { token } = await stored();
  const askToForget = async () => (await widget.menuButton.click(), widget.menuItems.last().click());
  await askToForget();
  await screenshot(page, "forget");
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole("button", { name: "Отмена" }).click();
  assert.equal(await widget.answers.count(), 1);
  assert.deepEqual(asked("DELETE", "/history"), []);
  await askToForget();
  await page.getByRole("button", { name: "Удалить", exact: true }).click();
  await page.locator("palompy-widget .note").waitFor();
  assert.match(await page.locator("palompy-widget .note").innerText(), /ваши данные удалены/);
  assert.deepEqual(asked("DELETE", "/history").map((call) => call.token), [token]);
  assert.equal(await widget.answers.count(), 0);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  await close();
});

test("forgetting that fails deletes nothing and says so", async () => {
  const { page, widget, ask, stored, close } = await stand.visit();
  await ask(DELIVERY);
  stand.api.state.isDown = true;
  await widget.menuButton.click();
  await widget.menuItems.last().click();
  await page.getByRole("button", { name: "Удалить", exact: true }).click();
  await page.locator("palompy-widget .form-error").getByText("Не получилось").waitFor();
  assert.equal(await widget.answers.count(), 1);
  assert.ok((await stored()).token);
  await close();
});

for (const [how, forget] of [["the chat's own entry", () => { for (const key of Object.keys(localStorage)) localStorage.removeItem(key); }], ["all storage", () => localStorage.clear()]]) {
  test(`a visitor who removes ${how} in one tab is forgotten in the other`, async () => {
    const { page, widget, ask, close } = await stand.visit();
    await ask(DELIVERY);
    const other = await page.context().newPage();
    await other.goto(`${stand.shop.url}/other`);
    await other.evaluate(forget);
    await page.bringToFront();
    await page.locator("palompy-widget .welcome").waitFor();
    assert.equal(await widget.answers.count(), 0);
    await close();
  });
}

test("the draft survives a reload", async () => {
  const { page, widget, go, close } = await stand.visit();
  await widget.input.fill("Где мой зак");
  await go("/");
  assert.equal(await widget.input.inputValue(), "Где мой зак");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await widget.input.fill("");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await close();
});

test("a vote is stored, can be changed and taken back, and is there after a reload", async () => {
  const { page, widget, ask, go, close } = await stand.visit();
  await ask(DELIVERY);
  const up = page.getByRole("button", { name: "Полезный ответ" });
  const down = page.getByRole("button", { name: "Плохой ответ" });
  await up.click();
  await page.getByText("Спасибо за оценку").waitFor();
  await up.click();
  await page.waitForFunction(() => !document.querySelector("palompy-widget").shadowRoot.querySelector(".said").textContent);
  await down.click();
  await page.getByRole("button", { name: "Неполно" }).click();
  await page.getByLabel("Комментарий").fill("А сроки?");
  await screenshot(page, "vote");
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.locator("palompy-widget .vote .primary").click();
  await page.locator("palompy-widget .vote .form").waitFor({ state: "detached" });
  const sent = stand.api.state.votes.map(({ value, reasons, comment }) => [value, reasons, comment]);
  assert.deepEqual(sent, [["up", [], ""], ["none", [], ""], ["down", [], ""], ["down", ["incomplete"], "А сроки?"]]);
  assert.deepEqual([await up.getAttribute("aria-pressed"), await down.getAttribute("aria-pressed")], ["false", "true"]);
  await go("/");
  await widget.answers.first().waitFor();
  assert.deepEqual([await up.getAttribute("aria-pressed"), await down.getAttribute("aria-pressed")], ["false", "true"]);
  await close();
});

test("a vote that the server did not take is taken back", async () => {
  const { page, ask, close } = await stand.visit();
  await ask(DELIVERY);
  stand.api.state.isDown = true;
  await page.getByRole("button", { name: "Полезный ответ" }).click();
  await page.locator("palompy-widget .said").getByText("Не получилось").waitFor();
  assert.equal(await page.getByRole("button", { name: "Полезный ответ" }).getAttribute("aria-pressed"), "false");
  await close();
});

test("follow-up questions are asked by one press and give way to the next answer", async () => {
  const { widget, ask, close } = await stand.visit();
  await ask("Какой рюкзак взять? cards");
  assert.deepEqual(await widget.prompts.filter({ visible: true }).allInnerTexts(), ["Какой размер рюкзака выбрать?", "Можно ли вернуть товар?"]);
  await widget.prompts.filter({ visible: true }).last().click();
  await widget.answers.nth(1).waitFor();
  assert.equal(await widget.prompts.filter({ visible: true }).count(), 0);
  assert.equal(stand.api.state.questions.at(-1).message, "Можно ли вернуть товар?");
  await close();
});

test("a person is one press away: contacts are left and one line says so", async () => {
  const { page, widget, close } = await stand.visit();
  await page.evaluate(() => {
    window.heard = [];
    for (const name of ["handoff", "lead"]) document.addEventListener(`palompy:${name}`, (event) => window.heard.push([name, event.detail.intent ?? null]));
  });
  await widget.human.click();
  await page.getByLabel("Телефон").waitFor();
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement.tagName), "INPUT");
  await widget.human.click();
  assert.equal(await page.getByLabel("Телефон").count(), 1);
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole("button", { name: "Нет" }).click();
  await page.locator("palompy-widget .welcome").waitFor();
  await widget.human.click();
  await page.getByRole("button", { name: "Передать" }).click();
  await page.locator("palompy-widget .note").waitFor();
  assert.equal(await page.locator("palompy-widget .note").count(), 1);
  assert.equal(await page.getByLabel("Телефон").count(), 0);
  assert.deepEqual(await page.evaluate(() => window.heard), [["lead", "handoff"], ["handoff", null]]);
  assert.match(await widget.status.innerText(), /сотруднику/);
  await close();
});

test("contacts that are collected after the answer still reach the page", async () => {
  const { page, ask, close } = await stand.visit();
  await page.evaluate(() => document.addEventListener("palompy:lead", (event) => { window.lead = event.detail; }));
  await ask("collect later");
  await page.waitForFunction(() => window.lead);
  const { email, intent, phone } = await page.evaluate(() => window.lead);
  assert.deepEqual([email, intent, phone], ["anna@example.ru", "question", null]);
  await close();
});
