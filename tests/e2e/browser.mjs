// A real Chromium and a page that keeps account of everything a shop would not forgive: console errors, policy violations,
// requests to strangers, dialogs.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"],
  });
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {{ hosts: string[], context?: import("playwright-core").BrowserContextOptions }} options `hosts` may be asked for things
 */
export async function newPage(browser, { hosts, context = {} }) {
  const allowed = new Set(hosts.map((url) => new URL(url).host));
  const tab = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...context });
  const page = await tab.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const faults = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("dialog", (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && !allowed.has(url.host)) faults.push(`request to a stranger: ${url.href}`);
  });
  await page.addInitScript(watchPage);
  await page.exposeFunction("reportFault", (/** @type {string} */ fault) => faults.push(fault));
  return { page, faults, close: () => tab.close() };
}

/** Runs inside the page, before anything else: policy violations, layout shifts, and a copy of every answer stream. */
function watchPage() {
  const watch = { streams: [], shift: 0, lengths: [] };
  window.watch = watch;
  document.addEventListener("securitypolicyviolation", (event) => window.reportFault(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) watch.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const original = window.fetch;
  window.fetch = async (...call) => {
    const response = await original(...call);
    if (String(call[0]).endsWith("/api/chat")) response.clone().text().then((text) => watch.streams.push(text), () => {});
    return response;
  };
}

/** What the visitor touches, found through the open shadow root. @param {import("playwright-core").Page} page */
export function widgetOf(page) {
  return {
    launcher: page.locator("palompy-widget .launcher"),
    panel: page.getByRole("dialog"),
    input: page.locator("palompy-widget .composer textarea"),
    answers: page.locator("palompy-widget .assistant"),
    lastAnswer: page.locator("palompy-widget .assistant").last(),
    sources: page.locator("palompy-widget .assistant").last().locator(".source"),
    citations: page.locator("palompy-widget .assistant").last().locator(".cite"),
    retry: page.locator("palompy-widget .retry"),
    menuButton: page.locator("palompy-widget .dots-button"),
    menuItems: page.locator("palompy-widget .menu button"),
    human: page.locator("palompy-widget .human"),
    prompts: page.locator("palompy-widget .prompt"),
    status: page.locator("palompy-widget .panel > [role=status]"),
  };
}

/** Waits until the last answer is whole. @param {import("playwright-core").Page} page @param {number} count answers so far */
export async function waitForAnswer(page, count = 1) {
  await page.waitForFunction((wanted) => {
    const root = document.querySelector("palompy-widget")?.shadowRoot;
    const isIdle = root?.querySelector(".send") && !root.querySelector(".send.stop");
    return isIdle && root.querySelectorAll(".assistant .text").length >= wanted && window.watch.streams.length >= wanted;
  }, count);
  // The votes stand under an answer once all of its text is shown.
  await page.waitForFunction(() => {
    const answers = document.querySelector("palompy-widget").shadowRoot.querySelectorAll(".assistant");
    return answers[answers.length - 1].querySelector(".vote");
  });
}

/** Notes every length that the newest answer's text has on the page. @param {import("playwright-core").Page} page */
export function watchGrowth(page) {
  return page.evaluate(() => {
    const log = document.querySelector("palompy-widget").shadowRoot.querySelector(".log");
    new MutationObserver(() => {
      const texts = log.querySelectorAll(".assistant .text");
      if (texts.length > 0) window.watch.lengths.push(texts[texts.length - 1].textContent.length);
    }).observe(log, { childList: true, subtree: true, characterData: true });
  });
}

/** @param {string} text one answer stream */
export function readStream(text) {
  const events = text.split(/\r?\n\r?\n/).map((block) => ({ name: /^event: ?(.+)$/m.exec(block)?.[1], data: /^data: ?(.+)$/m.exec(block)?.[1] }));
  const done = events.find((event) => event.name === "done");
  return { deltas: events.filter((event) => event.name === "delta").length, done: done ? JSON.parse(done.data) : null };
}

/** Serious and critical accessibility faults, the widget's shadow tree included. @param {import("playwright-core").Page} page */
export async function accessibilityFaults(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.flat().join(" ")).slice(0, 3).join(" | ")} — ${it.nodes[0]?.failureSummary}`);
}

/** Saved for a person's eye when PALOMPY_E2E_SCREENSHOTS names a folder. @param {import("playwright-core").Page} page @param {string} name */
export async function screenshot(page, name) {
  const folder = process.env.PALOMPY_E2E_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
