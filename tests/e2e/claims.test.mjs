// A model that lies about a price, in a real browser: at no moment does the wrong number stand on the page.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { launchBrowser, newPage, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { startServer } from "./server.mjs";

const CASES = [
  { language: "ru", path: "/demo", question: "Сколько стоит рюкзак «Тропа 30»?", wrong: "3 333",
    lie: "Отличный выбор. Рюкзак «Тропа 30» стоит 3 333 ₽ [1]. Доставка рюкзака — 3 333 рубля [1].", right: /6.490/ },
  { language: "en", path: "/demo?lang=en", question: "How much is the Cove Carbon Steel Wok?", wrong: "33.33",
    lie: "A fine pan. The Cove Carbon Steel Wok costs $33.33 [1]. Shipping is $33.33 [1].", right: /\$62/ },
];

let model;
let server;
let browser;
let lie = "";
before(async () => {
  model = createServer(async (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of lie.match(/.{1,3}/gsu) ?? []) {
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: piece } }] })}\n\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`);
  });
  await new Promise((resolve) => model.listen(0, "127.0.0.1", () => resolve(undefined)));
  Object.assign(process.env, { OPENAI_API_KEY: "sk-test", OPENAI_MODEL: "liar", OPENAI_BASE_URL: `http://127.0.0.1:${model.address().port}/v1` });
  server = await startServer();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  model?.close();
});

for (const { language, path, question, wrong, right, ...told } of CASES) {
  test(`${language}: a wrong price is never on the page`, async () => {
    lie = told.lie;
    const { page, close } = await newPage(browser, { hosts: [server.url] });
    const widget = widgetOf(page);
    await page.goto(server.url + path);
    await widget.launcher.waitFor();
    if (!await widget.panel.isVisible()) await widget.launcher.click();
    await widget.input.waitFor();
    await page.evaluate(() => {
      const log = document.querySelector("palompy-widget").shadowRoot.querySelector(".log");
      window.seen = [];
      new MutationObserver(() => window.seen.push(log.textContent)).observe(log, { childList: true, subtree: true, characterData: true });
    });
    await widget.input.fill(question);
    await widget.input.press("Enter");
    await waitForAnswer(page, 1);
    const seen = await page.evaluate(() => window.seen);
    assert.ok(seen.length > 1);
    assert.ok(seen.every((text) => !text.includes(wrong)), seen.find((text) => text.includes(wrong)));
    assert.match(await widget.lastAnswer.innerText(), right);
    await screenshot(page, `claims-${language}`);
    await close();
  });
}
