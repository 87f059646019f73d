// From a visitor's words to the shop's own system: lead, callback, signed webhook; and the form, against the real program.

import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { accessibilityFaults, launchBrowser, newPage, PHONE, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { ADMIN_TOKEN, startServer } from "./server.mjs";

const CONSENT = "Согласен на обработку персональных данных для ответа на обращение.";
const LANGUAGES = [
  { language: "ru", path: "/demo", message: "Меня зовут Анна, перезвоните 8 916 123-45-67", send: "Отправить", wrong: "номер телефона" },
  { language: "en", path: "/demo?lang=en", message: "My name is Anna, call me at +44 20 7946 0958", send: "Send", wrong: "phone number" },
];

let server;
let browser;
let receiver;
before(async () => {
  process.env.PALOMPY_WEBHOOK_PRIVATE_HOSTS = "127.0.0.1";
  [server, browser, receiver] = await Promise.all([startServer(), launchBrowser(), startReceiver()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  receiver?.stop();
});

/** A shop's system: it keeps what it was told. */
async function startReceiver() {
  const received = [];
  const listener = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${listener.address().port}/leads`, received, stop: () => listener.close() };
}

/** How a receiver checks a notification, as the documentation tells it. */
function isGenuine({ headers, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  const age = Math.abs(Date.now() / 1000 - Number(headers["webhook-timestamp"]));
  return age < 300 && headers["webhook-signature"].split(" ").some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

async function administer(method, path, body) {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const response = await fetch(`${server.url}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

async function shopOf(language) {
  const { shops } = await administer("GET", "shops");
  return shops.find((shop) => shop.settings.language === language);
}

async function openPanel(path, context = {}) {
  const opened = await newPage(browser, { hosts: [server.url], context });
  const panel = opened.page.waitForRequest(/\/widget\/.+\/panel\.js/);
  await opened.page.goto(server.url + path);
  await widgetOf(opened.page).launcher.click();
  await widgetOf(opened.page).input.waitFor();
  return { ...opened, assets: new URL(".", (await panel).url()).href };
}

/** Puts the form into the conversation as the panel does, and keeps what it tells its host. */
async function mountForm(page, assets, key, options) {
  await page.evaluate(async ([assets, key, options]) => {
    const { extras: { createLeadForm } } = await import(`${assets}extras.js`);
    const config = await (await fetch(`/api/shops/public/${key}/widget`)).json();
    const heard = window.heard = { events: [], tracked: [], done: [] };
    const host = {
      language: options.language, base: location.origin, publicKey: key, config, sessionId: () => options.sessionId, token: () => null, announce() {},
      emit: (name, detail) => heard.events.push([name, detail]), track: (name, metadata) => heard.tracked.push([name, metadata]),
    };
    const form = createLeadForm(host, { intent: options.intent, prefill: options.prefill, onDone: (result) => heard.done.push(result) });
    const turn = document.createElement("div");
    turn.className = "turn card";
    turn.append(form);
    document.querySelector("palompy-widget").shadowRoot.querySelector(".log").append(turn);
  }, [assets, key, options]);
  return page.locator("palompy-widget form.lead-form");
}

for (const { language, path, message } of LANGUAGES) {
  test(`${language}: contacts in a conversation reach the page's callback and the shop's system`, async () => {
    const shop = await shopOf(language);
    const { secret } = await administer("POST", `shops/${shop.id}/webhook-secret`);
    await administer("PATCH", `shops/${shop.id}`, { settings: { lead_webhook_url: receiver.url } });
    const { page, faults, close } = await openPanel(path);
    await page.evaluate(() => {
      window.PalompyWidget.onLead((lead) => { window.told = lead; });
      document.addEventListener("palompy:lead", (event) => { window.heard = event.detail; });
    });
    const before = receiver.received.length;
    await widgetOf(page).input.fill(message);
    await page.keyboard.press("Enter");
    await waitForAnswer(page);
    await page.waitForFunction(() => window.heard && window.told);
    const lead = await page.evaluate(() => window.heard);
    const phone = language === "ru" ? "+79161234567" : "+442079460958";
    assert.equal(lead.phone, phone);
    assert.equal(lead.name, language === "ru" ? "Анна" : "Anna");
    assert.equal(lead.intent, "callback");
    assert.equal(lead.preferredContact, "phone");
    assert.deepEqual(Object.keys(lead).sort(), ["email", "intent", "name", "notes", "orderNumber", "pageUrl", "phone", "preferredContact", "sessionId"]);
    const told = await waitFor(() => receiver.received[before]);
    assert.ok(isGenuine(told, secret));
    assert.ok(!isGenuine({ ...told, body: told.body.replace(phone, "+70000000000") }, secret));
    const { type, data } = JSON.parse(told.body);
    assert.equal(type, "lead.created");
    assert.equal(data.lead.phone, phone);
    assert.equal(data.lead.sessionId, lead.sessionId);
    assert.equal(data.lead.pageUrl, `${server.url}/demo`);
    await screenshot(page, `lead-in-chat-${language}`);
    assert.deepEqual(faults, []);
    await administer("PATCH", `shops/${shop.id}`, { settings: { lead_webhook_url: null } });
    await close();
  });

  test(`${language}: the form tells every problem at its field and then sends`, async () => {
    const shop = await shopOf(language);
    await administer("PATCH", `shops/${shop.id}`, { settings: { consent_required: true, consent_text: CONSENT, consent_url: "https://paloma.example/policy" } });
    const { page, faults, close, assets } = await openPanel(path, language === "ru" ? {} : PHONE);
    const sessionId = crypto.randomUUID();
    const form = await mountForm(page, assets, shop.public_key, { language, sessionId, intent: "callback", prefill: { name: "Анна" } });
    await form.locator("[name=phone]").fill("12");
    await form.locator("[name=email]").fill("anna@");
    await page.keyboard.press("Enter");
    const errors = form.locator(".form-error:not(:empty)");
    await errors.first().waitFor();
    assert.equal(await errors.count(), 3);
    for (const name of ["phone", "email", "consent"]) {
      const input = form.locator(`[name=${name}]`);
      assert.equal(await input.getAttribute("aria-invalid"), "true", name);
      const described = await input.getAttribute("aria-describedby");
      assert.notEqual(await form.locator(`#${described}`).innerText(), "", name);
    }
    const focused = await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.activeElement.name);
    assert.ok(["phone", "email"].includes(focused), focused);
    await screenshot(page, `lead-form-problems-${language}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    await form.locator("[name=phone]").fill("8 (916) 765-43-21");
    await form.locator("[name=email]").fill("anna@example.ru");
    await form.locator("[name=preferredContact]").selectOption("telegram");
    await form.locator("[name=notes]").fill("<b>после пяти</b>");
    await form.getByRole("checkbox").check();
    await screenshot(page, `lead-form-${language}`);
    await form.locator("[type=submit]").click();
    await page.waitForFunction(() => window.heard.done.length > 0);
    const { events, tracked, done } = await page.evaluate(() => window.heard);
    const [[name, lead]] = events;
    assert.equal(name, "lead");
    const expected = {
      name: "Анна", email: "anna@example.ru", phone: "+79167654321", intent: "callback", orderNumber: null, preferredContact: "telegram",
      notes: "<b>после пяти</b>", sessionId, pageUrl: server.url + path,
    };
    assert.deepEqual(lead, expected);
    assert.deepEqual(tracked, [["lead_sent", { intent: "callback" }]]);
    assert.equal(done.length, 1);
    assert.equal(done[0].isSent, true);
    const { leads } = await administer("GET", `shops/${shop.id}/leads`);
    assert.equal(leads[0].consent.text, CONSENT);
    assert.equal(leads[0].session_id, sessionId);
    assert.deepEqual(faults.filter((fault) => !fault.includes("422")), []);
    await administer("PATCH", `shops/${shop.id}`, { settings: { consent_required: false, consent_text: null } });
    await close();
  });
}

test("who only wants a person sends an empty form by keyboard, and may change his mind", async () => {
  const shop = await shopOf("ru");
  const { page, faults, close, assets } = await openPanel("/demo");
  const options = { language: "ru", sessionId: crypto.randomUUID(), intent: "handoff", prefill: {} };
  let form = await mountForm(page, assets, shop.public_key, options);
  await form.getByRole("button", { name: "Отмена" }).click();
  assert.deepEqual(await page.evaluate(() => window.heard.done), [{ isSent: false }]);
  await page.evaluate(() => document.querySelector("palompy-widget").shadowRoot.querySelector("form.lead-form").remove());
  form = await mountForm(page, assets, shop.public_key, options);
  await form.locator("[name=name]").focus();
  for (let at = 0; at < 5; at++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.heard.done.length > 0);
  const [{ isSent, message }] = await page.evaluate(() => window.heard.done);
  assert.equal(isSent, true);
  assert.match(message, /передан сотрудникам/);
  assert.deepEqual(faults, []);
  await close();
});

test("a form that cannot be sent keeps every word and says so; a changed consent text is shown anew", async () => {
  const shop = await shopOf("ru");
  await administer("PATCH", `shops/${shop.id}`, { settings: { consent_required: true, consent_text: CONSENT } });
  const { page, close, assets } = await openPanel("/demo");
  const options = { language: "ru", sessionId: crypto.randomUUID(), intent: "callback", prefill: { phone: "89161234567" } };
  const form = await mountForm(page, assets, shop.public_key, options);
  await form.getByRole("checkbox").check();
  await page.route("**/api/leads", (route) => route.abort());
  await form.locator("[type=submit]").click();
  await form.getByRole("alert").filter({ hasText: "Не получилось отправить" }).waitFor();
  assert.equal(await form.locator("[name=phone]").inputValue(), "89161234567");
  await page.unroute("**/api/leads");
  await administer("PATCH", `shops/${shop.id}`, { settings: { consent_text: `${CONSENT} И на звонки.` } });
  await form.locator("[type=submit]").click();
  await form.getByText("И на звонки.").waitFor();
  assert.equal(await form.getByRole("checkbox").isChecked(), false, "the new text needs a new consent");
  await form.getByRole("checkbox").check();
  await form.locator("[type=submit]").click();
  await page.waitForFunction(() => window.heard.done.length > 0);
  await administer("PATCH", `shops/${shop.id}`, { settings: { consent_required: false, consent_text: null } });
  await close();
});

/** Looks again and again until there is something. */
async function waitFor(look, limitMs = 15_000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    assert.ok(Date.now() < end, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
