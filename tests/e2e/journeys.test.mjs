// What a shopper does on the demo storefront, against the real program, in both languages.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import {
  accessibilityFaults, launchBrowser, newPage, PHONE, readStream, screenshot, waitForAnswer, watchGrowth, widgetOf,
} from "./browser.mjs";
import { startServer } from "./server.mjs";

const LANGUAGES = [
  { language: "ru", path: "/demo", question: "Сколько стоит доставка?", offTopic: "Кто написал «Войну и мир»?", sku: "PL-BP101", letters: /[а-яё]{3}/i },
  { language: "en", path: "/demo?lang=en", question: "How much is shipping?", offTopic: "Who wrote War and Peace?", sku: null, letters: /[a-z]{3}/i },
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

async function openDemo(path, context = {}) {
  const opened = await newPage(browser, { hosts: [server.url], context });
  await opened.page.goto(server.url + path);
  await widgetOf(opened.page).launcher.waitFor();
  return opened;
}

async function answerTo(page, question, count = 1) {
  await page.keyboard.type(question);
  await page.keyboard.press("Enter");
  await waitForAnswer(page, count);
  return readStream(await page.evaluate(() => window.watch.streams.at(-1)));
}

for (const { language, path, question, offTopic, letters } of LANGUAGES) {
  test(`${language}: a question asked by keyboard gets a streamed answer with a cited source`, async () => {
    const { page, faults, close } = await openDemo(path);
    const widget = widgetOf(page);
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await widget.launcher.focus();
    await page.keyboard.press("Enter");
    await widget.input.waitFor();
    await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.activeElement?.tagName === "TEXTAREA");
    await screenshot(page, `welcome-${language}`);
    await watchGrowth(page);
    const { deltas, done } = await answerTo(page, question);
    assert.ok(deltas >= 2, `${deltas} delta events`);
    const lengths = await page.evaluate(() => window.watch.lengths);
    assert.ok(new Set(lengths).size >= 3, `the text was seen at lengths ${lengths}`);
    assert.equal(done.refused, false);
    assert.match(await widget.lastAnswer.locator(".text").innerText(), letters);
    assert.ok(await widget.sources.count() >= 1, "no source is shown");
    assert.ok(await widget.citations.count() >= 1, "no citation is shown");
    assert.equal(await widget.sources.count(), done.sources.length);
    await screenshot(page, `answer-${language}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${language}: a question that has nothing to do with the shop is refused in words, without sources`, async () => {
    const { page, faults, close } = await openDemo(path);
    const widget = widgetOf(page);
    await widget.launcher.click();
    await widget.input.focus();
    const { done } = await answerTo(page, offTopic);
    assert.equal(done.refused, true);
    assert.match(await widget.lastAnswer.innerText(), letters);
    assert.equal(await widget.sources.count(), 0);
    await screenshot(page, `refusal-${language}`);
    assert.deepEqual(faults, []);
    await close();
  });

  test(`${language}: on a phone the chat fills the screen and closes again`, async () => {
    const { page, faults, close } = await openDemo(path, PHONE);
    const widget = widgetOf(page);
    await screenshot(page, `phone-page-${language}`);
    await widget.launcher.tap();
    await widget.panel.waitFor();
    await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.getAnimations().length === 0);
    const box = await widget.panel.boundingBox();
    assert.deepEqual([box.x, box.y, box.width, box.height].map(Math.round), [0, 0, 390, 844]);
    assert.equal(await widget.panel.getAttribute("aria-modal"), "true");
    await screenshot(page, `phone-welcome-${language}`);
    await widget.panel.locator(".prompt").first().tap();
    await waitForAnswer(page);
    await screenshot(page, `phone-answer-${language}`);
    assert.ok(await widget.sources.count() >= 1);
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await widget.panel.locator(".close").tap();
    await widget.panel.waitFor({ state: "hidden" });
    assert.equal(await widget.launcher.isVisible(), true);
    assert.deepEqual(faults, []);
    await close();
  });
}

test("Esc closes the chat and gives the focus back to the button", async () => {
  const { page, faults, close } = await openDemo("/demo");
  const widget = widgetOf(page);
  await widget.launcher.focus();
  assert.equal(await widget.launcher.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Space");
  await widget.panel.waitFor();
  assert.equal(await widget.launcher.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Escape");
  await widget.panel.waitFor({ state: "hidden" });
  assert.equal(await widget.launcher.getAttribute("aria-expanded"), "false");
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement?.className), "launcher");
  assert.deepEqual(faults, []);
  await close();
});

test("the storefront itself is accessible, still, and the same in both languages", async () => {
  for (const { language, path } of LANGUAGES) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, faults, close } = await openDemo(path, { colorScheme });
      assert.ok(await page.locator("article.card").count() > 20);
      await screenshot(page, `page-${language}-${colorScheme}`);
      assert.deepEqual(await accessibilityFaults(page), []);
      assert.equal(await page.evaluate(() => window.watch.shift), 0);
      assert.deepEqual(faults, []);
      await close();
    }
  }
});

test("a product can be linked to by its number, and the other language is one link away", async () => {
  const { page, close } = await openDemo("/demo#PL-BP101");
  assert.equal(await page.locator("[id='PL-BP101']").evaluate((card) => card.matches(":target")), true);
  await page.locator("a.language").click();
  await page.waitForFunction(() => document.documentElement.lang === "en");
  await close();
});
