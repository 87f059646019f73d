// A real PDF behind an address: the answer names the page, and its link opens there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { launchBrowser, newPage, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { ADMIN_TOKEN, startServer } from "./server.mjs";

const PDF = new URL("../fixtures/knowledge/rules.pdf", import.meta.url);
const IMPORT_LIMIT_MS = 20_000;

let files;
let server;
let browser;
before(async () => {
  const pdf = await readFile(PDF);
  files = createServer((_, response) => response.writeHead(200, { "content-type": "application/pdf" }).end(pdf));
  await new Promise((resolve) => files.listen(0, "127.0.0.1", () => resolve(undefined)));
  process.env.PALOMPY_SOURCE_PRIVATE_HOSTS = "127.0.0.1";
  server = await startServer();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  files?.close();
});

/** @param {string} path @param {unknown} [body] */
async function call(path, body) {
  const response = await fetch(server.url + path, {
    method: body ? "POST" : "GET", body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
  });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

test("an answer from a PDF names its page and links to it", async () => {
  const { shops } = await call("/api/shops");
  const shop = shops.find((/** @type {any} */ each) => each.settings.language === "ru").id;
  const url = `http://127.0.0.1:${files.address().port}/rules.pdf`;
  const source = await call(`/api/shops/${shop}/sources`, { name: "правила", location: { type: "url", url } });
  const { id } = await call(`/api/shops/${shop}/sources/${source.id}/sync`, {});
  const limit = Date.now() + IMPORT_LIMIT_MS;
  let status = "queued";
  while (["queued", "running"].includes(status) && Date.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = (await call(`/api/shops/${shop}/imports/${id}`)).import.status;
  }
  assert.equal(status, "done");

  const { page, close } = await newPage(browser, { hosts: [server.url] });
  const widget = widgetOf(page);
  await page.goto(`${server.url}/demo`);
  await widget.launcher.waitFor();
  if (!await widget.panel.isVisible()) await widget.launcher.click();
  await widget.input.fill("Можно ли вернуть товар, если сохранились чек и упаковка, в течение четырнадцати дней?");
  await widget.input.press("Enter");
  await waitForAnswer(page, 1);
  const cited = widget.panel.locator("a.source", { hasText: "Правила магазина, стр. 2" });
  assert.equal(await cited.getAttribute("href"), `${url}#page=2`);
  await screenshot(page, "citations");
  await close();
});
