// Surveys against the real program: from the moment to the stored response, by keyboard, after a reload, on a phone, and where
// nobody may be disturbed.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessibilityFaults, launchBrowser, newPage, PHONE, screenshot, waitForAnswer, widgetOf } from "./browser.mjs";
import { ADMIN_TOKEN, startServer } from "./server.mjs";

const LANGUAGES = {
  ru: { path: "/demo", shop: "Палома", question: "Сколько стоит доставка?", thanks: /Спасибо/, title: "Как вам магазин?" },
  en: { path: "/demo?lang=en", shop: "Harbor & Pine", question: "How much is shipping?", thanks: /Thank you/, title: "How is the shop?" },
};
const both = (ru, en) => ({ ru, en });
const QUESTIONS = [
  { id: "stars", kind: "rating", required: true, title: both("Как вам магазин?", "How is the shop?"), low: both("плохо", "bad"), high: both("отлично", "great") },
  { id: "why", kind: "text", required: true, title: both("Что не так?", "What is wrong?"), showIf: { question: "stars", atMost: 3 } },
  { id: "way", kind: "single", title: both("Откуда узнали?", "How did you hear of us?"), options: [{ id: "friends", title: both("От друзей", "From friends") }, { id: "ads", title: both("Из рекламы", "From an ad") }] },
  { id: "topics", kind: "multiple", title: both("Что важно?", "What matters?"), options: [{ id: "price", title: both("Цена", "Price") }, { id: "speed", title: both("Скорость", "Speed") }] },
  { id: "nps", kind: "rating", scale: 10, title: both("Посоветуете нас?", "Would you recommend us?"), hint: both("0 — нет, 10 — да", "0 is no, 10 is yes") },
  { id: "face", kind: "rating", look: "emoji", title: both("Настроение?", "Your mood?") },
  { id: "contact", kind: "contact", fields: ["name", "email", "phone"], title: both("Как с вами связаться?", "How can we reach you?") },
  { id: "agree", kind: "consent", required: true, url: "https://shop.example/privacy", title: both("Согласен на обработку данных", "I agree to data processing"), showIf: { question: "contact", answered: true } },
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

async function api(method, path, body) {
  const response = await fetch(server.url + path, {
    method, headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return response.json();
}

/** Makes this the only active survey of the demo shop. */
async function survey(language, definition) {
  const { shops } = await api("GET", "/api/shops");
  const shop = shops.find((it) => it.name === LANGUAGES[language].shop);
  const surveys = `/api/shops/${shop.id}/surveys`;
  for (const old of (await api("GET", surveys)).surveys) await api("PATCH", `${surveys}/${old.id}`, { status: "archived" });
  const made = await api("POST", surveys, { title: "e2e", status: "active", definition: { questions: QUESTIONS, ...definition } });
  return { id: made.id, responses: async () => (await api("GET", `${surveys}/${made.id}/responses`)).responses, path: `${surveys}/${made.id}` };
}

async function openDemo(language, { context = {}, prepare = async () => {} } = {}) {
  const opened = await newPage(browser, { hosts: [server.url], context });
  const { page } = opened;
  await page.addInitScript(() => {
    window.surveyEvents = [];
    for (const name of ["shown", "started", "answered", "completed", "dismissed"]) {
      document.addEventListener(`palompy:survey_${name}`, (event) => window.surveyEvents.push([name, event.detail]));
    }
  });
  await prepare(page);
  await page.goto(server.url + LANGUAGES[language].path);
  await widgetOf(page).launcher.waitFor();
  await page.waitForLoadState("networkidle");
  return { ...opened, card: page.locator("palompy-widget .survey"), invitation: page.locator("palompy-widget .ask") };
}

const events = (page) => page.evaluate(() => window.surveyEvents.map(([name]) => name));
const leave = (page) => page.evaluate(() => document.documentElement.dispatchEvent(new MouseEvent("mouseleave", { clientY: -1 })));
const focused = (page) => page.evaluate(() => {
  const it = document.querySelector("palompy-widget").shadowRoot.activeElement;
  return it ? { tag: it.tagName, type: it.type ?? "", isInSurvey: it.closest(".survey") !== null } : null;
});

/** From the composer back to the card, by keyboard alone. */
async function tabInto(page) {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Shift+Tab");
    const it = await focused(page);
    if (it?.isInSurvey && ["radio", "checkbox", "text", "textarea"].includes(it.type)) return;
  }
  assert.fail("the card cannot be reached by keyboard");
}

const settled = async (page, title) => page.waitForFunction((text) => {
  const legend = document.querySelector("palompy-widget").shadowRoot.querySelector(".survey fieldset");
  return legend?.textContent.includes(text);
}, title);

for (const [language, { question, thanks, title }] of Object.entries(LANGUAGES)) {
  test(`${language}: after an answer a survey is answered by keyboard, goes on after a reload, and is stored once`, async () => {
    const { responses } = await survey(language, { triggers: { afterMessages: 1 } });
    const { page, faults, close, card } = await openDemo(language);
    const widget = widgetOf(page);
    const text = (at) => QUESTIONS[at].title[language];
    await widget.launcher.focus();
    await page.keyboard.press("Enter");
    await widget.input.waitFor();
    await page.keyboard.type(question);
    await page.keyboard.press("Enter");
    await waitForAnswer(page);
    await card.waitFor();
    assert.equal((await focused(page)).tag, "TEXTAREA", "the survey took the focus");
    await settled(page, title);
    await screenshot(page, `survey-first-${language}`);
    assert.deepEqual(await accessibilityFaults(page), []);

    await tabInto(page);
    await page.keyboard.press("Enter");
    assert.match(await card.getByRole("alert").innerText(), /\S/, "a required question was passed over");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await screenshot(page, `survey-stars-${language}`);
    await page.keyboard.press("Enter");
    await settled(page, text(1));
    await page.keyboard.type("слишком = долго");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await settled(page, text(2));

    await page.reload();
    await page.waitForLoadState("networkidle");
    if (!(await widget.panel.isVisible())) await widget.launcher.click();
    await card.waitFor();
    await settled(page, text(2));
    const [partial] = await responses();
    assert.deepEqual([partial.status, partial.answers], ["partial", { stars: 2, why: "слишком = долго" }]);

    await widget.input.focus();
    await tabInto(page);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await settled(page, text(3));
    await page.keyboard.press("Space");
    await screenshot(page, `survey-choices-${language}`);
    await page.keyboard.press("Enter");
    await settled(page, text(4));
    await screenshot(page, `survey-nps-${language}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    // An optional question may be passed over.
    await page.keyboard.press("Enter");
    await settled(page, text(5));
    await page.keyboard.press("Space");
    await screenshot(page, `survey-faces-${language}`);
    await page.keyboard.press("Enter");
    await settled(page, text(6));
    await page.keyboard.type("Анна");
    await page.keyboard.press("Tab");
    await page.keyboard.type("anna@");
    await page.keyboard.press("Enter");
    assert.match(await card.getByRole("alert").innerText(), /\S/, "a wrong address was taken");
    await screenshot(page, `survey-contact-${language}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.keyboard.press("End");
    await page.keyboard.type("mail.ru");
    await page.keyboard.press("Enter");
    await settled(page, text(7));
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await card.waitFor({ state: "detached" });
    await page.getByText(thanks).first().waitFor();
    await screenshot(page, `survey-thanks-${language}`);
    assert.equal((await focused(page)).tag, "TEXTAREA");

    const all = await responses();
    assert.equal(all.length, 1);
    assert.equal(all[0].status, "complete");
    assert.deepEqual(all[0].answers, {
      stars: 2, why: "слишком = долго", way: "friends", topics: ["price"], face: 1, contact: { name: "Анна", email: "anna@mail.ru" }, agree: true,
    });
    assert.equal(all[0].metadata.url, `${server.url}/demo`);
    const told = await page.evaluate(() => window.surveyEvents);
    assert.deepEqual(told.at(-1), ["completed", { surveyId: all[0].id && told[0][1].surveyId, version: 1 }]);
    assert.doesNotMatch(JSON.stringify(told), /Анна|долго|mail/, "an event told an answer");
    assert.deepEqual(faults, []);
    await close();
  });
}

test("who leaves a wide page is asked beside the launcher, once, and nothing opens by itself", async () => {
  const { responses } = await survey("ru", { triggers: { exitIntent: true }, intro: both("Пара вопросов перед уходом?", "A question before you go?") });
  const { page, faults, close, card, invitation } = await openDemo("ru");
  await leave(page);
  await invitation.waitFor();
  assert.equal(await widgetOf(page).panel.isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement === document.body), true, "the invitation took the focus");
  await screenshot(page, "survey-invitation");
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.equal(await page.evaluate(() => window.watch.shift), 0);
  await invitation.getByRole("button").last().click();
  await invitation.waitFor({ state: "detached" });
  assert.deepEqual(await events(page), ["dismissed"]);
  await page.reload();
  await page.waitForLoadState("networkidle");
  await leave(page);
  await widgetOf(page).launcher.click();
  await widgetOf(page).input.waitFor();
  assert.equal(await invitation.count() + await card.count(), 0);
  assert.deepEqual(await responses(), []);
  assert.deepEqual(faults, []);
  await close();
});

test("an accepted invitation leads into the survey, and its answers are stored", async () => {
  const { responses } = await survey("en", { triggers: { exitIntent: true }, questions: QUESTIONS.slice(0, 1) });
  const { page, faults, close, card, invitation } = await openDemo("en");
  await leave(page);
  await invitation.getByRole("button").first().click();
  await card.waitFor();
  await card.getByRole("radio").last().waitFor({ state: "attached" });
  await card.locator(".steps span[aria-hidden]").last().click();
  await card.getByRole("button", { name: "Send" }).click();
  await page.getByText(/Thank you/).first().waitFor();
  assert.deepEqual((await responses()).map((it) => [it.status, it.answers, it.metadata.trigger]), [["complete", { stars: 5 }, "exit"]]);
  assert.deepEqual(await events(page), ["shown", "started", "answered", "completed"]);
  assert.deepEqual(faults, []);
  await close();
});

test("on a phone a survey waits until the visitor opens the chat", async () => {
  await survey("ru", { triggers: { delaySeconds: 5 } });
  const { page, faults, close, card, invitation } = await openDemo("ru", { context: PHONE, prepare: (page) => page.clock.install() });
  await page.clock.fastForward(4_000);
  await page.clock.runFor(4_000);
  assert.equal(await widgetOf(page).panel.isVisible(), false);
  assert.equal(await invitation.count(), 0);
  await widgetOf(page).launcher.tap();
  await page.clock.runFor(1_000);
  await card.waitFor();
  await screenshot(page, "survey-phone");
  assert.deepEqual(await accessibilityFaults(page), []);
  assert.deepEqual(faults, []);
  await close();
});

test("nobody is asked at the checkout", async () => {
  await survey("ru", { triggers: { exitIntent: true } });
  const { page, close, card, invitation } = await openDemo("ru");
  const script = await page.locator("script[data-shop-id]").evaluate((it) => it.outerHTML);
  for (const [path, count] of [["/checkout", 0], ["/catalog", 1]]) {
    await page.route(`${server.url}${path}`, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: `<!doctype html><title>shop</title><body>${script}` }));
    await page.goto(server.url + path);
    await page.waitForLoadState("networkidle");
    await widgetOf(page).launcher.waitFor();
    await leave(page);
    if (count) await invitation.waitFor();
    assert.equal(await invitation.count() + await card.count(), count, path);
  }
  await close();
});

test("with storage blocked a page asks once, and the page's own call still shows the survey", async () => {
  const { id, responses } = await survey("en", { triggers: { exitIntent: true }, oncePerVisitor: false, pauseDays: 0, questions: QUESTIONS.slice(0, 1) });
  const prepare = (page) => page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
  });
  const { page, faults, close, card, invitation } = await openDemo("en", { prepare });
  await leave(page);
  await invitation.getByRole("button").last().click();
  await leave(page);
  assert.equal(await invitation.count(), 0);
  await page.evaluate((survey) => window.PalompyWidget.survey(survey), id);
  await card.waitFor();
  await card.locator(".steps span[aria-hidden]").first().click();
  await card.getByRole("button", { name: "Send" }).click();
  await page.getByText(/Thank you/).first().waitFor();
  assert.deepEqual((await responses()).map((it) => it.answers), [{ stars: 1 }]);
  assert.deepEqual(faults, []);
  await close();
});

test("a lost connection keeps the answers, and a survey that ended meanwhile says so", async () => {
  const { id, responses, path } = await survey("en", { questions: QUESTIONS.slice(0, 1) });
  const { page, close, card } = await openDemo("en");
  await page.evaluate((survey) => window.PalompyWidget.survey(survey), id);
  await card.waitFor();
  await card.locator(".steps span[aria-hidden]").last().click();
  const isCut = (route) => route.abort();
  await page.route("**/responses", isCut);
  await card.getByRole("button", { name: "Send" }).click();
  await card.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
  await page.unroute("**/responses", isCut);
  await api("PATCH", path, { status: "archived" });
  await card.getByRole("button", { name: "Send" }).click();
  await page.getByText(/over already/).first().waitFor();
  assert.deepEqual(await responses(), []);
  await close();
});
