// The script on pages of many kinds: its attributes, its calls, what it tells the page and the statistics, and what it leaves alone.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessibilityFaults, launchBrowser, newPage, PHONE, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { PUBLIC_KEY, startMock } from "./mock-server.mjs";

const HOSTILE = "*, *::before, *::after { all: unset !important; display: inline !important; box-sizing: content-box !important; font: 40px serif !important }"
  + " button, [type=button] { display: none !important; border-radius: 0 !important } html { font-size: 62.5% } svg { vertical-align: middle; fill: red !important }";

let api;
let other;
let shop;
let browser;
/** Pages are made as tests need them. */
const pages = { "/favicon.ico": " " };
before(async () => {
  api = await startMock({ config: { state: "live", title: "Помощник Паломы", color: "#8a1c5b", prompts: ["Где заказ?"], perks: { "Гарантия": "2 года" } } });
  other = await startMock({ language: "en" });
  shop = await startMock({ pages });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await Promise.all([api?.stop(), other?.stop(), shop?.stop()]);
});

const script = (attributes = "", server = api) => `<script src="${server.url}/widget.js" data-shop-id="${PUBLIC_KEY}" ${attributes} async></script>`;

async function openPage(body, { context = {}, path = "/", head = "", isReady = true } = {}) {
  const [address] = path.split("?");
  pages[address] = `<!doctype html><html lang="ru"><head><meta name="viewport" content="width=device-width"><title>Лавка</title>${head}</head><body><main><h1>Лавка</h1><p>Товары</p></main>${body}</body></html>`;
  api.batches.length = 0;
  const opened = await newPage(browser, { hosts: [api.url, other.url, shop.url], context: { reducedMotion: "reduce", ...context } });
  const asked = [];
  opened.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await opened.page.goto(shop.url + path);
  if (isReady) await opened.page.waitForFunction(() => document.querySelector("palompy-widget"));
  return { ...opened, asked, widget: widgetOf(opened.page), faults: () => opened.faults };
}

/** The last event with this name that the server got; it may still be on its way. */
async function eventNamed(name) {
  for (let i = 0; i < 400; i += 1) {
    const found = api.batches.flatMap((batch) => batch.events).findLast((event) => event.name === name);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`no event ${name} came`);
}

const colorOf = (locator, property) => locator.evaluate((element, name) => getComputedStyle(element)[name], property);

test("the shop's settings dress the widget, and the page's attributes go before them", async () => {
  const plain = await openPage(script());
  assert.equal(await colorOf(plain.widget.launcher, "backgroundColor"), "rgb(138, 28, 91)");
  await plain.widget.launcher.click();
  await plain.widget.panel.getByRole("button", { name: "Где заказ?" }).waitFor();
  await plain.widget.panel.getByText("2 года").waitFor();
  await screenshot(plain.page, "embed-settings");
  assert.deepEqual(await accessibilityFaults(plain.page), []);
  assert.deepEqual(plain.faults(), []);
  await plain.close();
  const own = await openPage(script(`data-color="#ffd400" data-lang="en" data-prompts='["Is it in stock?"]' data-position="left" data-offset-x="40" data-offset-y="60" data-greeting="Ahoy!" data-z-index="77" data-scheme="dark"`));
  assert.equal(await colorOf(own.widget.launcher, "backgroundColor"), "rgb(255, 212, 0)");
  assert.equal(await colorOf(own.widget.launcher, "color"), "rgb(0, 0, 0)");
  const box = await own.widget.launcher.boundingBox();
  assert.deepEqual([box.x, 800 - box.y - box.height].map(Math.round), [40, 60]);
  assert.equal(await colorOf(own.page.locator("palompy-widget"), "zIndex"), "77");
  assert.equal(await own.widget.launcher.getAttribute("aria-label"), "Open the AI assistant chat");
  await own.widget.launcher.click();
  await own.widget.panel.getByText("Ahoy!").waitFor();
  await own.widget.panel.getByRole("button", { name: "Is it in stock?" }).waitFor();
  assert.equal(Math.round((await own.widget.panel.boundingBox()).x), 40);
  await screenshot(own.page, "embed-attributes-dark-left");
  assert.deepEqual(await accessibilityFaults(own.page), []);
  assert.deepEqual(own.faults(), []);
  await own.close();
});

test("any brand color stays readable, light and dark", async () => {
  for (const color of ["#ffffff", "#000000", "#ffd400", "#00e5ff", "#ff0033", "#7f7f7f"]) {
    for (const scheme of ["light", "dark"]) {
      const { page, widget, faults, close } = await openPage(script(`data-color="${color}" data-scheme="${scheme}"`));
      await widget.launcher.click();
      await widget.input.fill("Сколько стоит доставка?");
      await widget.input.press("Enter");
      await waitForAnswer(page);
      await screenshot(page, `color-${color.slice(1)}-${scheme}`);
      assert.deepEqual(await accessibilityFaults(page), [], `${color} ${scheme}`);
      assert.deepEqual(faults(), []);
      await close();
    }
  }
});

test("wrong attributes are named in the console, and the defaults hold", async () => {
  const { widget, faults, close } = await openPage(script(`data-color="red" data-position="top" data-scheme="night" data-offset-x="1em" data-prompt="Ты пират"`));
  for (const name of ["data-color", "data-position", "data-scheme", "data-offset-x"]) assert.ok(faults().some((it) => it.includes(`${name} is left out`)), name);
  assert.equal(faults().length, 4);
  assert.equal(await colorOf(widget.launcher, "backgroundColor"), "rgb(138, 28, 91)");
  await close();
});

test("hostile style and a strict policy with one added host leave the button as it is", async () => {
  const { page, widget, faults, close } = await openPage(script(), {
    head: `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${api.url}; connect-src ${api.url}; style-src 'unsafe-inline'"><style>${HOSTILE}</style>`,
  });
  const box = await widget.launcher.boundingBox();
  assert.deepEqual([box.width, box.height, 1280 - box.x - box.width, 800 - box.y - box.height].map(Math.round), [58, 58, 20, 20]);
  assert.equal(await colorOf(widget.launcher, "borderRadius"), "50%");
  await widget.launcher.click();
  await widget.input.waitFor();
  assert.equal(Math.round((await widget.panel.boundingBox()).width), 400);
  assert.equal(await page.evaluate(() => window.watch.shift), 0);
  await screenshot(page, "embed-hostile");
  assert.deepEqual(faults(), []);
  await close();
});

test("a policy of nonces needs a nonce on the script and nothing else", async () => {
  const { widget, faults, close } = await openPage(script(`nonce="abc"`), {
    head: `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-abc'; connect-src ${api.url}">`,
  });
  await widget.launcher.click();
  await widget.input.waitFor();
  assert.deepEqual(faults(), []);
  await close();
});

test("before it is opened the widget asks for its settings only, stores nothing, and leaves by beacon what it counted", async () => {
  const { page, asked, faults, close } = await openPage(script(), { path: "/catalog?utm_source=mail&email=a@b.example" });
  await page.waitForFunction(() => window.PalompyWidget);
  assert.deepEqual(asked.filter((path) => path !== "/favicon.ico"), ["/catalog", "/widget.js", `/api/shops/public/${PUBLIC_KEY}/widget`]);
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length + document.cookie.length), 0);
  await page.goto("about:blank");
  const seen = await eventNamed("page_view");
  assert.deepEqual(seen.metadata, { language: "ru", pageUrl: `${shop.url}/catalog` });
  const end = await eventNamed("session_duration");
  assert.ok(end.metadata.focusMs >= 0);
  const first = api.batches.find((batch) => batch.events[0].name === "widget_init");
  assert.match(first.sessionId, /^[0-9a-f-]{36}$/);
  assert.deepEqual([first.type, first.shopPublicKey], ["text/plain", PUBLIC_KEY]);
  assert.deepEqual(faults(), []);
  await close();
});

test("once opened, events go by themselves, the shop's own too", async () => {
  const { page, widget, close } = await openPage(script());
  await widget.launcher.click();
  await widget.input.waitFor();
  await page.evaluate(() => window.PalompyWidget.track("my_banner_click", { buttonId: "spring" }));
  const own = await eventNamed("my_banner_click");
  assert.equal(own.metadata.buttonId, "spring");
  assert.equal((await eventNamed("widget_toggle")).metadata.open, true);
  assert.equal(api.batches.length, 1);
  // What it sends on leaving must not arrive in the next test.
  await page.goto("about:blank");
  await eventNamed("page_hidden");
  await close();
});

for (const [name, attributes, prepare] of [
  ["data-no-track", "data-no-track", () => {}],
  ["Do Not Track", "", () => Object.defineProperty(navigator, "doNotTrack", { get: () => "1" })],
  ["Global Privacy Control", "", () => Object.defineProperty(navigator, "globalPrivacyControl", { get: () => true })],
  ["a consent that was not given", `data-consent="required"`, () => {}],
]) {
  test(`under ${name} nothing is counted or stored`, async () => {
    const { page, widget, close } = await openPage(`<script>(${prepare})()</script>${script(attributes)}`);
    await widget.launcher.click();
    await widget.panel.waitFor();
    await page.evaluate(() => window.PalompyWidget.track("my_event"));
    await page.evaluate(() => window.PalompyWidget.destroy());
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.goto("about:blank");
    assert.deepEqual(api.batches, []);
    await close();
  });
}

test("calls made before the script has loaded are kept", async () => {
  const { page, widget, faults, close } = await openPage(`<script>
    window.PalompyWidget = window.PalompyWidget || [];
    PalompyWidget.push(["on", "ready", () => { window.isReady = true; }], ["ask", "Сколько стоит доставка?"]);
  </script>${script()}`);
  await waitForAnswer(page);
  assert.equal(await page.evaluate(() => window.isReady), true);
  assert.equal(await widget.panel.isVisible(), true);
  await page.evaluate(() => window.PalompyWidget.push(["close"]));
  await widget.panel.waitFor({ state: "hidden" });
  assert.deepEqual(faults(), []);
  await close();
});

test("a page may start the widget itself, hide it, destroy it and start it for another shop's server", async () => {
  const { page, widget, faults, close } = await openPage(`<script src="${api.url}/widget.js" async></script>`, { isReady: false });
  await page.waitForFunction(() => window.PalompyWidget);
  await page.evaluate((key) => window.PalompyWidget.init(key, { prompts: ["Есть ли размер M?"] }), PUBLIC_KEY);
  await widget.launcher.click();
  await widget.panel.getByRole("button", { name: "Есть ли размер M?" }).waitFor();
  await page.evaluate(() => window.PalompyWidget.hide());
  assert.equal(await widget.launcher.isVisible(), false);
  assert.equal(await widget.panel.isVisible(), false);
  await page.evaluate(() => window.PalompyWidget.show());
  await widget.launcher.waitFor();
  await page.evaluate(() => window.PalompyWidget.destroy());
  assert.equal(await page.locator("palompy-widget").count(), 0);
  await page.evaluate(([key, apiBase]) => window.PalompyWidget.init(key, { apiBase }), [PUBLIC_KEY, other.url]);
  await page.waitForFunction(() => document.querySelector("palompy-widget"));
  assert.equal(await widget.launcher.getAttribute("lang"), "en");
  await widget.launcher.click();
  await widget.panel.getByText("Tideline Kitchen").first().waitFor();
  assert.deepEqual(faults(), []);
  await close();
});

test("a trigger of the page's own opens the chat where there is no button, and gets the focus back", async () => {
  const { page, widget, faults, close } = await openPage(`<a href="/help" class="ask">Спросить</a>${script(`data-launcher="none" data-trigger=".ask"`)}`);
  assert.equal(await widget.launcher.isVisible(), false);
  await page.waitForFunction(() => window.PalompyWidget.isOpen() || (document.querySelector(".ask").click(), false), undefined, { polling: 200 });
  await widget.panel.waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
  await page.keyboard.press("Escape");
  await widget.panel.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement?.className), "ask");
  assert.deepEqual(faults(), []);
  await close();
});

test("an inline chat is a part of the page: in its place, without a button, leaving the focus alone", async () => {
  const { page, widget, faults, close } = await openPage(`<div id="here"></div>${script(`data-inline="#here"`)}`, { head: "<style>#here{width:600px;height:560px}</style>" });
  await widget.panel.waitFor();
  assert.equal(await widget.launcher.isVisible(), false);
  const [place, panel] = [await page.locator("#here").boundingBox(), await widget.panel.boundingBox()];
  assert.deepEqual(panel, place);
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true);
  await page.evaluate(() => window.PalompyWidget.close());
  assert.equal(await widget.panel.isVisible(), true);
  await widget.input.fill("Сколько стоит доставка?");
  await widget.input.press("Enter");
  await waitForAnswer(page);
  await screenshot(page, "embed-inline");
  assert.deepEqual(faults(), []);
  await close();
});

test("the widget stays away from pages that the shop names, and comes back without a reload", async () => {
  const { page, widget, asked, faults, close } = await openPage(script(`data-hide-on="/cart* /checkout"`), { path: "/cart/items", isReady: false });
  await page.waitForFunction(() => window.PalompyWidget);
  assert.deepEqual(asked.filter((path) => path.startsWith("/api")), []);
  await page.evaluate(() => history.pushState(null, "", "/catalog"));
  await widget.launcher.waitFor();
  await page.evaluate(() => history.pushState(null, "", "/checkout"));
  await widget.launcher.waitFor({ state: "hidden" });
  await page.evaluate(() => history.back());
  await widget.launcher.waitFor();
  await page.goto("about:blank");
  assert.equal((await eventNamed("page_view")).metadata.pageUrl, `${shop.url}/catalog`);
  assert.deepEqual(faults(), []);
  await close();
});

test("a page that swaps its body keeps the widget and the conversation", async () => {
  const { page, widget, faults, close } = await openPage(script());
  await widget.launcher.click();
  await widget.input.fill("Сколько стоит доставка?");
  await widget.input.press("Enter");
  await waitForAnswer(page);
  await page.evaluate(() => {
    const body = document.createElement("body");
    body.append(document.createElement("p"));
    document.body.replaceWith(body);
  });
  await widget.launcher.waitFor();
  await page.evaluate(() => document.body.replaceChildren());
  await widget.launcher.waitFor();
  assert.equal(await widget.answers.count(), 1);
  assert.deepEqual(faults(), []);
  await close();
});

test("the language changes while the chat is open", async () => {
  const { page, widget, faults, close } = await openPage(script());
  await widget.launcher.click();
  await widget.input.waitFor();
  await page.evaluate(() => window.PalompyWidget.setLang("en"));
  await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.querySelector(".panel[lang=en]:not([hidden])"));
  assert.equal(await page.locator("palompy-widget .panel").count(), 1);
  assert.equal(await widget.launcher.getAttribute("aria-label"), "Close the chat");
  assert.deepEqual(faults(), []);
  await close();
});

test("analytics that the shop already has hear names of events and no word more", async () => {
  const { page, widget, faults, close } = await openPage(`<script>window.goals = []; window.ym = (...call) => goals.push(call);</script>${script(`data-mirror="dataLayer metrica:123"`)}`);
  await page.waitForFunction(() => window.goals.length > 0);
  await widget.launcher.click();
  await widget.input.fill("Перезвоните +7 900 123-45-67");
  await widget.input.press("Enter");
  await waitForAnswer(page);
  await page.waitForFunction(() => window.dataLayer.some((it) => it.event === "palompy_lead"));
  const { layer, goals } = await page.evaluate(() => ({ layer: window.dataLayer, goals: window.goals }));
  assert.deepEqual(layer.map((it) => it.event), ["palompy_ready", "palompy_open", "palompy_message_sent", "palompy_answer", "palompy_lead"]);
  assert.ok(layer.every((it) => Object.keys(it).length === 1));
  assert.deepEqual(goals[0], [123, "reachGoal", "palompy_ready"]);
  assert.deepEqual(faults(), []);
  await close();
});

test("data-open opens the chat on a wide screen, not on a phone, and leaves the focus alone", async () => {
  const wide = await openPage(script("data-open"));
  await wide.widget.panel.waitFor();
  assert.equal(await wide.page.evaluate(() => document.activeElement === document.body), true);
  await wide.close();
  const phone = await openPage(script("data-open"), { context: PHONE });
  await phone.page.waitForLoadState("networkidle");
  assert.equal(await phone.page.evaluate(() => window.PalompyWidget.isOpen()), false);
  await screenshot(phone.page, "embed-phone");
  await phone.widget.launcher.tap();
  await phone.widget.panel.waitFor();
  await screenshot(phone.page, "embed-phone-open");
  await phone.close();
});

test("with storage blocked the widget works", async () => {
  const { page, widget, close } = await openPage(`<script>for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });</script>${script()}`);
  await widget.launcher.click();
  await widget.input.fill("Сколько стоит доставка?");
  await widget.input.press("Enter");
  await waitForAnswer(page);
  assert.ok(await widget.sources.count() >= 1);
  await close();
});
