// The widget on a shop's own, unfriendly page: another origin, a strict policy, hostile style, and a server that fails on demand.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { HOSTILE_TEXTS } from "../js/hostile.mjs";
import { accessibilityFaults, launchBrowser, newPage, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { PUBLIC_KEY, startMock } from "./mock-server.mjs";

const HOSTILE_STYLE = "* { all: unset !important; display: block !important; color: red !important; font-size: 40px !important }"
  + " html { font-size: 62.5% } palompy-widget { display: none !important; visibility: hidden !important; transform: scale(3) !important }";

let api;
let shop;
let browser;
before(async () => {
  api = await startMock({ hostileTexts: HOSTILE_TEXTS });
  const policy = `default-src 'none'; script-src ${api.url}; connect-src ${api.url}; style-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  const tag = `<script src="${api.url}/widget.js" data-shop-id="${PUBLIC_KEY}" data-lang="ru" async></script>`;
  const page = (body) => `<!doctype html><html lang="ru"><head><title>Лавка</title></head><body><main><h1>Лавка</h1><p>Товары</p></main>${body}</body></html>`;
  shop = await startMock({
    headers: { "Content-Security-Policy": policy },
    pages: {
      "/": page(tag),
      "/twice": page(tag + tag),
      "/unknown": page(tag.replace(PUBLIC_KEY, "11111111-1111-4111-8111-111111111111")),
    },
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await Promise.all([api?.stop(), shop?.stop()]);
});

async function openShop({ path = "/", context = {}, prepare = async () => {} } = {}) {
  const opened = await newPage(browser, { hosts: [api.url, shop.url], context });
  await prepare(opened.page);
  await opened.page.goto(shop.url + path);
  return opened;
}

async function openChat(options) {
  const opened = await openShop(options);
  const widget = widgetOf(opened.page);
  await widget.launcher.click();
  await widget.input.waitFor();
  return { ...opened, widget, say: async (text) => (await widget.input.fill(text), widget.input.press("Enter")) };
}

test("a strict content policy with one added host is enough, and nothing but the settings is fetched before the chat is wanted", async () => {
  const asked = [];
  const { page, faults, close } = await openShop({ prepare: async (page) => page.on("request", (request) => asked.push(new URL(request.url()).pathname)) });
  await widgetOf(page).launcher.waitFor();
  assert.deepEqual(asked.filter((path) => path !== "/" && path !== "/favicon.ico"), ["/widget.js", `/api/shops/public/${PUBLIC_KEY}/widget`]);
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length + document.cookie.length), 0);
  await widgetOf(page).launcher.click();
  await widgetOf(page).input.fill("Сколько стоит доставка?");
  await widgetOf(page).input.press("Enter");
  await waitForAnswer(page);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), [`palompy:${PUBLIC_KEY}`]);
  const sent = api.state.questions.at(-1);
  assert.match(sent.sessionId, /^[0-9a-f-]{36}$/);
  assert.deepEqual([sent.shopPublicKey, sent.message, sent.lang, sent.metadata], [PUBLIC_KEY, "Сколько стоит доставка?", "ru", { url: `${shop.url}/`, title: "Лавка" }]);
  assert.equal(await page.evaluate(() => window.watch.shift), 0);
  assert.deepEqual(faults.filter((it) => !it.includes("favicon")), []);
  await close();
});

test("a server that dies in the middle of an answer leaves what came and a way to try again", async () => {
  const { page, widget, say, close } = await openChat();
  await say("die once");
  await widget.retry.waitFor();
  await screenshot(page, "cut");
  assert.match(await widget.lastAnswer.innerText(), /Курьером/);
  assert.match(await widget.lastAnswer.innerText(), /Связь прервалась/);
  assert.doesNotMatch(await widget.lastAnswer.innerText(), /\*/);
  assert.deepEqual(await accessibilityFaults(page), []);
  await widget.retry.click();
  await widget.sources.first().waitFor();
  assert.equal(await widget.retry.count(), 0);
  assert.equal(await widget.answers.count(), 1);
  assert.equal(await page.locator("palompy-widget .visitor").count(), 1);
  assert.deepEqual(api.state.questions.slice(-2).map((it) => it.message), ["die once", "die once"]);
  await close();
});

test("too many questions, a broken server and a lost network each say so", async () => {
  const { page, widget, say, close } = await openChat();
  await say("too many");
  await widget.lastAnswer.getByText("Повторите через 20 секунд").waitFor();
  await say("broken");
  await widget.lastAnswer.getByText("На сервере что-то сломалось").waitFor();
  await page.context().setOffline(true);
  await say("Привет");
  await widget.lastAnswer.getByText("Нет связи с интернетом").waitFor();
  await page.context().setOffline(false);
  await widget.retry.last().click();
  await widget.sources.first().waitFor();
  await close();
});

test("only the newest failure offers a retry", async () => {
  const { widget, say, close } = await openChat();
  await say("broken");
  await widget.retry.waitFor();
  await say("broken again");
  await widget.lastAnswer.locator(".retry").waitFor();
  assert.equal(await widget.answers.count(), 2);
  assert.equal(await widget.retry.filter({ visible: true }).count(), 1);
  await close();
});

test("Stop ends the answer here and on the server", async () => {
  const { page, widget, say, close } = await openChat();
  const before = api.state.aborted;
  await say("never end");
  await widget.lastAnswer.getByText("Курьером").waitFor();
  await page.getByRole("button", { name: "Остановить ответ" }).click();
  await widget.lastAnswer.getByText("Ответ остановлен").waitFor();
  for (let i = 0; i < 100 && api.state.aborted === before; i += 1) await page.waitForTimeout(20);
  assert.equal(api.state.aborted, before + 1);
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement.tagName), "TEXTAREA");
  await close();
});

test("a whole answer is shown where something on the way swallows streams", async () => {
  const { widget, say, close } = await openChat();
  await say("whole");
  await widget.sources.first().waitFor();
  assert.equal(await widget.sources.count(), 2);
  await close();
});

test("citations lead to their source, and marks without a source are dropped", async () => {
  const { page, widget, say, close } = await openChat();
  await say("Сколько стоит доставка?");
  await widget.sources.first().waitFor();
  assert.equal(await widget.citations.count(), 2);
  const product = widget.lastAnswer.getByRole("link", { name: "Источник 2: Рюкзак походный «Тропа 30»" });
  assert.equal(await product.getAttribute("href"), "https://paloma.example/p/tropa-30");
  assert.match(await product.getAttribute("rel"), /noopener/);
  await widget.lastAnswer.getByRole("button", { name: /Источник 1/ }).click();
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement.dataset.n), "1");
  await close();
});

/** Elements, attributes and links that an answer must never bring. */
function foreignParts() {
  const log = document.querySelector("palompy-widget").shadowRoot.querySelector(".scroller");
  const allowed = new Set("DIV SPAN P UL OL LI A STRONG EM CODE PRE BR BUTTON S B svg path I".split(" "));
  const elements = [...log.querySelectorAll("*")];
  return {
    tags: elements.map((it) => it.tagName).filter((tag) => !allowed.has(tag)),
    attributes: elements.flatMap((it) => it.getAttributeNames()).filter((name) => /^on|^src|^style$|^srcdoc$/.test(name)),
    links: [...log.querySelectorAll("a")].map((it) => it.href).filter((href) => !/^(https?:\/\/[^@]+$|mailto:|tel:)/.test(href)),
    unsafe: [...log.querySelectorAll("a[href^=http]")].filter((it) => it.target !== "_blank" || it.rel !== "noopener nofollow").map((it) => it.href),
  };
}

test("hostile answers, source titles, cards and follow-ups become text, in the stream and from the history: no dialog, no request, no element out of place", async () => {
  const { page, faults, widget, say, close } = await openChat();
  const check = async () => {
    assert.deepEqual(await page.evaluate(foreignParts), { tags: [], attributes: [], links: [], unsafe: [] });
    assert.equal(await widget.answers.count(), HOSTILE_TEXTS.length);
    assert.equal(await page.locator("palompy-widget .product").count(), HOSTILE_TEXTS.length);
    assert.deepEqual(faults.filter((it) => !it.includes("favicon")), []);
    assert.equal(await page.evaluate(() => Object.prototype.polluted), undefined);
  };
  for (let at = 0; at < HOSTILE_TEXTS.length; at += 1) {
    await say(`hostile ${at} ${HOSTILE_TEXTS[at].slice(0, 200)}`);
    await waitForAnswer(page, at + 1);
  }
  await check();
  const streamed = await page.locator("palompy-widget .log").innerHTML();
  await page.reload();
  await widget.launcher.click();
  await widget.answers.nth(HOSTILE_TEXTS.length - 1).waitFor();
  await check();
  assert.equal(await page.locator("palompy-widget .log").innerHTML(), streamed);
  await close();
});

test("a shop's hostile style does not reach the widget", async () => {
  const look = () => {
    const root = document.querySelector("palompy-widget").shadowRoot;
    const box = (selector) => {
      const element = root.querySelector(selector);
      const { x, y, width, height } = element.getBoundingClientRect();
      const { color, fontSize, display } = getComputedStyle(element);
      return [x, y, width, height, color, fontSize, display];
    };
    return [".launcher", ".panel", ".header", ".who h2", "textarea", ".send", ".notice"].map(box);
  };
  const plain = await openChat();
  await plain.page.waitForTimeout(400);
  const expected = await plain.page.evaluate(look);
  await plain.close();
  const hostile = await openChat();
  await hostile.page.evaluate((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets = [sheet];
  }, HOSTILE_STYLE);
  await hostile.page.waitForTimeout(400);
  assert.deepEqual(await hostile.page.evaluate(look), expected);
  await screenshot(hostile.page, "hostile-style");
  await hostile.close();
});

test("the chat works with storage blocked", async () => {
  const { page, faults, widget, say, close } = await openChat({
    prepare: (page) => page.addInitScript(() => {
      for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
    }),
  });
  await say("Сколько стоит доставка?");
  await waitForAnswer(page);
  await widget.sources.first().waitFor();
  assert.deepEqual(faults.filter((it) => !it.includes("favicon")), []);
  await close();
});

test("the page's shortcuts stay silent while a visitor types", async () => {
  const { page, widget, close } = await openChat();
  await page.evaluate(() => {
    window.keys = 0;
    document.addEventListener("keydown", () => { window.keys += 1; });
  });
  await widget.input.press("s");
  assert.equal(await page.evaluate(() => window.keys), 0);
  assert.equal(await widget.input.inputValue(), "s");
  await close();
});

test("Shift+Enter makes a new line and a long question makes the field grow", async () => {
  const { widget, close } = await openChat();
  const before = (await widget.input.boundingBox()).height;
  await widget.input.focus();
  for (const line of ["раз", "два", "три"]) {
    await widget.input.pressSequentially(line);
    await widget.input.press("Shift+Enter");
  }
  assert.match(await widget.input.inputValue(), /^раз\nдва\nтри\n$/);
  assert.ok((await widget.input.boundingBox()).height > before + 40);
  await close();
});

test("the page talks to the widget: ask, events, lead", async () => {
  const { page, close } = await openShop();
  await page.waitForFunction(() => window.PalompyWidget);
  await page.evaluate(() => {
    window.heard = [];
    for (const name of ["ready", "open", "message_sent", "answer", "close"]) window.PalompyWidget.on(name, (detail) => window.heard.push([name, Object.keys(detail)]));
    window.PalompyWidget.onLead((lead) => { window.lead = lead; });
    window.PalompyWidget.onLead(() => { throw new Error("a shop's own fault"); });
    document.addEventListener("palompy:lead", (event) => { window.domLead = event.detail; });
    window.PalompyWidget.ask("Перезвоните +7 900 123-45-67");
  });
  await waitForAnswer(page);
  await page.waitForFunction(() => window.domLead);
  const { sessionId, pageUrl, ...lead } = await page.evaluate(() => window.domLead);
  assert.deepEqual(lead, { name: null, email: null, phone: "+79001234567", intent: "order", orderNumber: null, preferredContact: null, notes: null });
  assert.match(sessionId, /^[0-9a-f-]{36}$/);
  assert.equal(pageUrl, `${shop.url}/`);
  assert.equal(await page.evaluate(() => window.lead.phone), "+79001234567");
  await page.evaluate(() => window.PalompyWidget.close());
  assert.deepEqual(await page.evaluate(() => window.heard), [["ready", []], ["open", []], ["message_sent", ["sessionId"]], ["answer", ["messageId", "degraded"]], ["close", []]]);
  await close();
});

test("calls in a row, before anything is loaded, open one chat", async () => {
  const { page, faults, close } = await openShop();
  await page.waitForFunction(() => window.PalompyWidget);
  await page.evaluate(() => {
    window.PalompyWidget.open();
    window.PalompyWidget.open();
    window.PalompyWidget.ask("Сколько стоит доставка?");
  });
  await waitForAnswer(page);
  assert.equal(await page.locator("palompy-widget .panel").count(), 1);
  assert.deepEqual(faults.filter((it) => !it.includes("favicon")), []);
  await close();
});

test("a panel that could not be loaded is tried again at the next press", async () => {
  const { page, close } = await openShop({ prepare: (page) => page.route("**/panel.js", (route) => route.abort(), { times: 1 }) });
  const widget = widgetOf(page);
  const warned = page.waitForEvent("console", (message) => /could not open the chat/.test(message.text()));
  await page.waitForFunction(() => window.PalompyWidget);
  await page.evaluate(() => window.PalompyWidget.open());
  await warned;
  assert.equal(await widget.launcher.getAttribute("aria-busy"), null);
  await widget.launcher.click();
  await widget.input.waitFor();
  await close();
});

test("a second script on the page does nothing but say so", async () => {
  const { page, faults, close } = await openShop({ path: "/twice" });
  await widgetOf(page).launcher.waitFor();
  assert.equal(await page.locator("palompy-widget").count(), 1);
  assert.ok(faults.some((it) => /already on this page/.test(it)), String(faults));
  await close();
});

test("a shop that does not exist shows no button", async () => {
  const { page, faults, close } = await openShop({ path: "/unknown" });
  await page.waitForFunction(() => window.PalompyWidget);
  for (let i = 0; i < 100 && !faults.some((it) => /not shown/.test(it)); i += 1) await page.waitForTimeout(20);
  assert.ok(faults.some((it) => /the chat is not shown/.test(it)), String(faults));
  assert.equal(await page.locator("palompy-widget").count(), 0);
  await close();
});

test("a visitor without motion sees no animation", async () => {
  const { page, close } = await openChat({ context: { reducedMotion: "reduce" } });
  assert.equal(await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.getAnimations().length), 0);
  await close();
});
