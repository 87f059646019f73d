// What a conversation keeps, against the real program: history, votes, a new chat and forgetting, in both languages.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessibilityFaults, launchBrowser, newPage, PHONE, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { startServer } from "./server.mjs";

const LANGUAGES = [
  { language: "ru", path: "/demo", question: "Сколько стоит доставка?", second: "Как вернуть товар?", up: "Полезный ответ", forget: "Удалить" },
  { language: "en", path: "/demo?lang=en", question: "How much is shipping?", second: "How do I return something?", up: "Good answer", forget: "Delete" },
];

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const { language, path, question, second, up, forget } of LANGUAGES) {
  for (const [device, context] of [["desktop", {}], ["phone", PHONE]]) {
    test(`${language}, ${device}: a conversation is there after a reload with its votes, until the visitor has it deleted`, async () => {
      const { page, faults, close } = await newPage(browser, { hosts: [server.url], context });
      const widget = widgetOf(page);
      const open = async () => {
        await page.goto(server.url + path);
        await widget.launcher.waitFor();
        if (!await widget.panel.isVisible()) await widget.launcher.click();
        await widget.input.waitFor();
      };
      const ask = async (text, count) => {
        await widget.input.fill(text);
        await widget.input.press("Enter");
        await waitForAnswer(page, count);
      };
      const isPressed = () => page.getByRole("button", { name: up }).first().getAttribute("aria-pressed");
      await open();
      await ask(question, 1);
      await ask(second, 2);
      await page.getByRole("button", { name: up }).first().click();
      await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.querySelector(".said").textContent);
      assert.equal(await isPressed(), "true");
      const before = await page.locator("palompy-widget .log .text").allInnerTexts();
      await open();
      await widget.answers.nth(1).waitFor();
      await screenshot(page, `program-${language}-${device}`);
      assert.deepEqual(await page.locator("palompy-widget .log .text").allInnerTexts(), before);
      assert.equal(await isPressed(), "true");
      assert.ok(await widget.sources.count() >= 1);
      assert.deepEqual(await accessibilityFaults(page), []);
      await widget.menuButton.click();
      await widget.menuItems.first().click();
      assert.equal(await widget.answers.count(), 0);
      await ask(second, 1);
      await widget.menuButton.click();
      await widget.menuItems.last().click();
      await page.getByRole("button", { name: forget, exact: true }).click();
      await page.locator("palompy-widget .note").waitFor();
      assert.equal(await page.evaluate(() => localStorage.length), 0);
      await open();
      assert.equal(await widget.answers.count(), 0);
      assert.deepEqual(faults, []);
      await close();
    });
  }
}
