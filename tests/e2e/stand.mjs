// A shop's page and the stand-in for the program on two origins, and a visitor who has opened the chat there.

import { launchBrowser, newPage, waitForAnswer, widgetOf } from "./browser.mjs";
import { PUBLIC_KEY, startMock } from "./mock-server.mjs";

export const WORDS = {
  ru: { prompts: ["Где мой заказ?", "Сколько стоит доставка?"], perks: { Доставка: "1–3 дня", Возврат: "14 дней" } },
  en: { prompts: ["Where is my order?", "How much is shipping?"], perks: { Shipping: "2–4 days", Returns: "30 days" } },
};

/** @param {Parameters<typeof startMock>[0]} [options] */
export async function startStand(options = {}) {
  const { language = "ru" } = options;
  const api = await startMock({ pauseMs: 4, ...options });
  const { prompts, perks } = WORDS[language];
  const attributes = `data-prompts='${JSON.stringify(prompts)}' data-perks='${JSON.stringify(perks)}'`;
  const html = (/** @type {string} */ title) => `<!doctype html><html lang="${language}"><head><title>${title}</title><link rel="icon" href="data:,">`
    + '<meta name="viewport" content="width=device-width, initial-scale=1">'
    + '<style>html { color-scheme: light dark; font: 16px sans-serif } main { max-width: 700px; margin: 40px auto; padding: 0 16px }</style></head>'
    + `<body><main><h1>${title}</h1><p>…</p></main>`
    + `<script src="${api.url}/widget.js" data-shop-id="${PUBLIC_KEY}" data-lang="${language}" ${attributes} async></script></body></html>`;
  const shop = await startMock({ pages: { "/": html("Shop"), "/other": html("Other") } });
  const browser = await launchBrowser();

  /** @param {{ context?: object, path?: string, prepare?: (page: import("playwright-core").Page) => Promise<unknown> }} [how] */
  async function visit({ context = {}, path = "/", prepare = async () => {} } = {}) {
    const opened = await newPage(browser, { hosts: [api.url, shop.url], context });
    const { page } = opened;
    await prepare(page);
    const widget = widgetOf(page);
    let count = 0;
    async function open() {
      await widget.launcher.waitFor();
      if (!await widget.panel.isVisible()) await widget.launcher.click();
      await widget.input.waitFor();
      await page.waitForFunction(() => document.querySelector("palompy-widget").shadowRoot.getAnimations().every((it) => it.playState !== "running"));
    }
    async function say(/** @type {string} */ text) {
      await widget.input.fill(text);
      await widget.input.press("Enter");
    }
    /** Asks and waits until the answer is whole. @param {string} text */
    async function ask(text) {
      count += 1;
      await say(text);
      await waitForAnswer(page, count);
    }
    async function go(/** @type {string} */ where) {
      count = 0;
      await page.goto(shop.url + where);
      await open();
    }
    await go(path);
    return { ...opened, widget, open, say, ask, go, stored: () => page.evaluate((key) => JSON.parse(localStorage.getItem(key)), `palompy:${PUBLIC_KEY}`) };
  }

  async function stop() {
    await browser.close();
    await Promise.all([api.stop(), shop.stop()]);
  }
  return { api, shop, browser, visit, stop };
}
