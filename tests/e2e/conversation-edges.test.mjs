// The edges of a conversation: consent before it, links out of it, a browser that stores nothing, a part that does not load.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessibilityFaults, PHONE, screenshot } from "./browser.mjs";
import { startStand } from "./stand.mjs";

const CONSENT = { required: true, version: "2026-01", text: "Согласен на обработку персональных данных.", url: "https://paloma.example/privacy" };
const LINKS = "[свой](http://127.0.0.1:1/p/1), [чужой](https://other.example/), [звонок](tel:+74951234567)";

let plain;
let strict;
before(async () => {
  plain = await startStand({ hostileTexts: [LINKS] });
  strict = await startStand({ config: { consent: CONSENT } });
});
after(() => Promise.all([plain?.stop(), strict?.stop()]));

test("without the consent that a shop asks for, no question leaves the browser", async () => {
  const { page, widget, say, ask, go, stored, close } = await strict.visit();
  const box = page.getByRole("checkbox");
  await screenshot(page, "consent");
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.equal(await page.getByRole("link", { name: /Подробнее/ }).getAttribute("href"), CONSENT.url);
  await say("Сколько стоит доставка?");
  await page.getByText("Отметьте согласие").waitFor();
  await screenshot(page, "consent-missing");
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.equal(await widget.input.inputValue(), "Сколько стоит доставка?");
  await widget.prompts.first().click();
  assert.equal(await widget.input.inputValue(), "Где мой заказ?");
  assert.deepEqual(strict.api.state.questions, []);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await box.check();
  assert.equal(await page.getByText("Отметьте согласие").count(), 0);
  await ask("Сколько стоит доставка?");
  assert.equal(await box.isVisible(), false);
  assert.equal(strict.api.state.questions[0].metadata.consentVersion, "2026-01");
  assert.equal((await stored()).notes.consent, "2026-01");
  await go("/other");
  await widget.answers.first().waitFor();
  assert.equal(await box.isVisible(), false);
  await close();
});

test("a visitor who is forgotten is asked for consent again", async () => {
  const { page, widget, ask, go, close } = await strict.visit();
  await page.getByRole("checkbox").check();
  await ask("Сколько стоит доставка?");
  await widget.menuButton.click();
  await widget.menuItems.last().click();
  await page.getByRole("button", { name: "Удалить", exact: true }).click();
  await page.locator("palompy-widget .note").waitFor();
  await page.getByRole("checkbox").waitFor();
  assert.equal(await page.getByRole("checkbox").isChecked(), false);
  await go("/");
  assert.equal(await page.getByRole("checkbox").count(), 1);
  await close();
});

test("the shop's own links stay in the tab, others open a new one", async () => {
  const { widget, ask, close } = await plain.visit();
  await ask("hostile 0");
  const attributes = await widget.lastAnswer.locator(".text a").evaluateAll((all) => all.map((it) => [it.target, it.rel]));
  assert.deepEqual(attributes, [["", ""], ["_blank", "noopener nofollow"], ["", ""]]);
  await close();
});

test("with storage blocked the chat answers, takes votes, starts anew and forgets", async () => {
  const { page, widget, ask, faults, close } = await plain.visit({
    prepare: (page) => page.addInitScript(() => {
      for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
    }),
  });
  await ask("Сколько стоит доставка?");
  await ask("Ещё вопрос");
  assert.equal(new Set(plain.api.state.questions.slice(-2).map((it) => it.sessionId)).size, 1);
  await widget.lastAnswer.locator(".thumb.up").click();
  await widget.lastAnswer.getByText("Спасибо за оценку").waitFor();
  await widget.menuButton.click();
  await widget.menuItems.first().click();
  assert.equal(await widget.answers.count(), 0);
  await widget.menuButton.click();
  await widget.menuItems.last().click();
  await page.getByRole("button", { name: "Удалить", exact: true }).click();
  await page.locator("palompy-widget .note").getByText("ваши данные удалены").waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test("a full or spoiled storage does not keep the chat from answering", async () => {
  const { widget, ask, go, page, close } = await plain.visit();
  await page.evaluate(() => {
    Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
  });
  await ask("Сколько стоит доставка?");
  await page.evaluate(() => {
    delete Storage.prototype.setItem;
  });
  await page.reload();
  await page.evaluate((key) => localStorage.setItem(key, "{\"session\":\"<b>\",\"at\":1e99"), `palompy:${"6f1c2f0e-5f5e-4d0a-9d7e-0a4a2f1d9c11"}`);
  await go("/");
  await ask("Сколько стоит доставка?");
  assert.equal(await widget.answers.count(), 1);
  await close();
});

test("a card whose part does not load says so, and the chat goes on", async () => {
  const { page, widget, ask, close } = await plain.visit({ prepare: (page) => page.route("**/extras.js", (route) => route.abort()) });
  await widget.human.click();
  await page.locator("palompy-widget .note").getByText("Не получилось").waitFor();
  await ask("Сколько стоит доставка?");
  assert.equal(await widget.answers.count(), 1);
  await close();
});

test("a picture that does not come leaves its sign, and one that does keeps its place", async () => {
  const picture = `${plain.shop.url}/thermos.png`;
  plain.api.state.pictures = [picture, `${plain.shop.url}/missing.png`];
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const { page, widget, ask, close } = await plain.visit({ prepare: (page) => page.route("**/thermos.png", (route) => route.fulfill({ body: png, contentType: "image/png" })) });
  await ask("cards");
  await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.querySelectorAll(".picture img").length === 1);
  const pictures = await widget.lastAnswer.locator(".picture").evaluateAll((all) => all.filter((it) => it.offsetWidth > 0).map((it) => [it.offsetWidth, it.offsetHeight]));
  assert.deepEqual(pictures, Array(4).fill([76, 76]));
  const image = widget.lastAnswer.locator("img");
  assert.deepEqual([await image.getAttribute("loading"), await image.getAttribute("alt"), await image.getAttribute("width")], ["lazy", "", "76"]);
  plain.api.state.pictures = undefined;
  await close();
});

test("a phone's keyboard takes room from the conversation and not from the field", async () => {
  const { page, widget, ask, close } = await plain.visit({ context: PHONE });
  await ask("long");
  await page.evaluate(() => {
    Object.defineProperty(window.visualViewport, "height", { configurable: true, get: () => 430 });
    Object.defineProperty(window.visualViewport, "offsetTop", { configurable: true, get: () => 60 });
    window.visualViewport.dispatchEvent(new Event("resize"));
  });
  const panel = await widget.panel.boundingBox();
  assert.deepEqual([panel.y, panel.height], [60, 430]);
  const field = await widget.input.boundingBox();
  assert.ok(field.y + field.height <= 490);
  await close();
});
