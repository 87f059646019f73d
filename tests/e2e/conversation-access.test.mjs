// A conversation in both languages, on desktop and phone, by keyboard only, for screen readers, and in narrow or low windows.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { accessibilityFaults, PHONE, screenshot } from "./browser.mjs";
import { startStand } from "./stand.mjs";

const DEVICES = { desktop: {}, dark: { colorScheme: "dark" }, phone: PHONE };
const stands = {};
before(async () => {
  for (const language of ["ru", "en"]) {
    const pictures = ["data:,"];
    stands[language] = await startStand({ language, pictures, config: { consent: null } });
  }
});
after(() => Promise.all(Object.values(stands).map((stand) => stand.stop())));

const focused = (page) => page.evaluate(() => {
  const it = document.querySelector("palompy-widget").shadowRoot.activeElement;
  return it?.getAttribute("aria-label") || it?.textContent || it?.className || null;
});
/** What is wider than the panel or lies outside the window. */
const overflow = (page) => page.evaluate(() => {
  const root = document.querySelector("palompy-widget").shadowRoot;
  const { left, right, top, bottom } = root.querySelector(".panel").getBoundingClientRect();
  const isOutside = (it) => {
    const box = it.getBoundingClientRect();
    return box.width > 0 && !it.closest(".hidden-text") && (box.left < left - 1 || box.right > right + 1);
  };
  return [...[...root.querySelectorAll(".panel *")].filter(isOutside).map((it) => it.className || it.tagName),
    ...(left < 0 || right > innerWidth || top < 0 || bottom > innerHeight ? ["panel"] : []), ...(document.documentElement.scrollWidth > innerWidth ? ["page"] : [])];
});

for (const language of ["ru", "en"]) {
  for (const [device, context] of Object.entries(DEVICES)) {
    test(`${language}, ${device}: every state of the conversation is accessible and fits`, async () => {
      const { page, widget, ask, faults, close } = await stands[language].visit({ context });
      const check = async (state) => {
        await screenshot(page, `panel-${language}-${device}-${state}`);
        assert.deepEqual([...await accessibilityFaults(page), ...await overflow(page)], [], state);
      };
      assert.equal(await widget.panel.getAttribute("aria-modal"), String(device === "phone"));
      await check("welcome");
      await ask(language === "ru" ? "Какой рюкзак взять в поход и сколько стоит доставка? cards" : "Which pan is best for eggs, and how much is shipping? cards");
      await check("cards");
      await widget.lastAnswer.locator(".thumb.down").click();
      await widget.lastAnswer.locator(".form").waitFor();
      await widget.lastAnswer.locator(".chip").first().click();
      await check("vote");
      await widget.menuButton.click();
      await widget.menuItems.first().waitFor();
      await check("menu");
      await widget.menuItems.last().click();
      await check("forget");
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test("everything can be done by keyboard alone", async () => {
  const { page, widget, close } = await stands.ru.visit();
  await page.keyboard.press("Escape");
  assert.equal(await widget.panel.isVisible(), false);
  await page.keyboard.press("Enter");
  await widget.input.waitFor();
  await page.keyboard.type("Какой рюкзак? cards");
  await page.keyboard.press("Enter");
  await widget.lastAnswer.locator(".thumb").first().waitFor();
  const seen = [];
  const press = async (key, wanted, limit = 30) => {
    for (let i = 0; i < limit; i += 1) {
      await page.keyboard.press(key);
      const name = await focused(page);
      seen.push(name);
      if (wanted.test(name ?? "")) return;
    }
    assert.fail(`${wanted} was not reached: ${seen.join(" | ")}`);
  };
  await press("Shift+Tab", /Плохой ответ/);
  await page.keyboard.press("Space");
  await widget.lastAnswer.locator(".form").waitFor();
  await press("Tab", /Неверно/);
  await page.keyboard.press("Space");
  assert.equal(await page.getByRole("button", { name: "Неверно" }).getAttribute("aria-pressed"), "true");
  await press("Tab", /Комментарий/);
  await page.keyboard.type("нет");
  await press("Tab", /Отправить/);
  await page.keyboard.press("Enter");
  await widget.lastAnswer.locator(".form").waitFor({ state: "detached" });
  assert.match(await focused(page), /Плохой ответ/);
  await press("Tab", /Ваш вопрос/);
  await press("Tab", /Позвать человека/);
  await widget.menuButton.focus();
  await page.keyboard.press("Enter");
  await widget.menuItems.first().waitFor();
  assert.match(await focused(page), /Новый чат/);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Удалить/);
  await page.keyboard.press("Escape");
  assert.equal(await widget.menuItems.count(), 0);
  assert.equal(await widget.panel.isVisible(), true);
  assert.match(await focused(page), /Меню/);
  await page.keyboard.press("Enter");
  await widget.menuItems.first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator("palompy-widget .welcome").waitFor();
  assert.match(await focused(page), /Ваш вопрос/);
  await page.keyboard.press("Escape");
  assert.equal(await widget.panel.isVisible(), false);
  assert.match(await focused(page), /Открыть чат/);
  await close();
});

test("on a phone Tab goes round inside the dialog, in both directions", async () => {
  const { page, widget, ask, close } = await stands.ru.visit({ context: PHONE });
  await ask("cards");
  await widget.menuButton.focus();
  await page.keyboard.press("Shift+Tab");
  assert.match(await focused(page), /Позвать человека/);
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Меню/);
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press("Tab");
    assert.ok(await focused(page), `the focus left the dialog at step ${i}`);
  }
  await close();
});

test("a finished answer is announced once, and no part of it before", async () => {
  const { page, widget, ask, close } = await stands.ru.visit();
  await page.evaluate(() => {
    const status = document.querySelector("palompy-widget").shadowRoot.querySelector(".panel > [role=status]");
    window.said = [];
    new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true });
  });
  await ask("Сколько стоит доставка?");
  const said = await page.evaluate(() => window.said);
  assert.equal(said.length, 2);
  assert.equal(said[0], "Ищу ответ…");
  assert.match(said[1], /^Курьером по Москве — 350 ₽, .* за 6 490 ₽/);
  assert.equal(await page.locator("palompy-widget [role=log]").getAttribute("aria-live"), "off");
  assert.equal(await widget.status.count(), 1);
  await close();
});

test("a long answer is read from its beginning, and whoever reads above is not pulled down", async () => {
  const { page, widget, say, ask, close } = await stands.ru.visit();
  const jump = page.locator("palompy-widget .jump");
  await ask("long");
  await page.locator("palompy-widget .visitor").last().waitFor();
  assert.ok(await widget.lastAnswer.evaluate((it) => it.getBoundingClientRect().top > 90), "the beginning of the answer is in sight");
  assert.equal(await jump.isVisible(), true);
  assert.equal(await jump.innerText(), "К последнему сообщению");
  await jump.click();
  await jump.waitFor({ state: "hidden" });
  await say("never end");
  await widget.lastAnswer.getByText("Курьером").waitFor();
  const scroller = page.locator("palompy-widget .scroller");
  await scroller.evaluate((it) => it.scrollTo({ top: 0 }));
  await page.getByRole("button", { name: "Остановить ответ" }).click();
  await widget.retry.last().waitFor({ state: "attached" });
  assert.equal(await scroller.evaluate((it) => it.scrollTop), 0);
  assert.equal(await jump.innerText(), "Новое сообщение");
  await screenshot(page, "new-message");
  assert.deepEqual(await accessibilityFaults(page), []);
  await jump.click();
  await jump.waitFor({ state: "hidden" });
  await close();
});

for (const [name, viewport] of Object.entries({ "320 pixels wide": { width: 320, height: 640 }, "zoomed to 200 %": { width: 640, height: 400 }, "as low as with a keyboard": { width: 390, height: 330 } })) {
  test(`a window ${name} shows the field, the way out and the conversation`, async () => {
    const { page, widget, ask, close } = await stands.ru.visit({ context: { viewport } });
    await ask("Какой рюкзак взять в поход? cards");
    await screenshot(page, `window-${viewport.width}x${viewport.height}`);
    assert.deepEqual(await overflow(page), []);
    const { height } = await page.locator("palompy-widget .scroller").boundingBox();
    assert.ok(height >= 150, `${height} px are left for the conversation`);
    for (const part of [widget.input, widget.menuButton, widget.human, page.locator("palompy-widget .panel .close"), page.locator("palompy-widget .send")]) {
      const box = await part.boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= viewport.height && box.x >= 0 && box.x + box.width <= viewport.width, JSON.stringify(box));
    }
    assert.deepEqual(await accessibilityFaults(page), []);
    await close();
  });
}

test("in forced colors a pressed vote can be told from the other", async () => {
  const { page, widget, ask, close } = await stands.ru.visit({ context: { forcedColors: "active" } });
  await ask("cards");
  const up = widget.lastAnswer.locator(".thumb.up");
  await up.click();
  const [pressed, other] = await Promise.all([up, widget.lastAnswer.locator(".thumb.down")].map((it) => it.evaluate((thumb) => getComputedStyle(thumb).backgroundColor)));
  assert.notEqual(pressed, other);
  await screenshot(page, "forced-colors");
  await close();
});

test("fields are large enough that a phone does not zoom into them, and targets large enough for a thumb", async () => {
  const { page, widget, ask, close } = await stands.ru.visit({ context: PHONE });
  await ask("cards");
  await widget.lastAnswer.locator(".thumb.down").tap();
  await widget.lastAnswer.locator(".form").waitFor();
  const sizes = await page.locator("palompy-widget :is(textarea, input)").evaluateAll((all) => all.map((it) => parseFloat(getComputedStyle(it).fontSize)));
  for (const size of sizes) assert.ok(size >= 16, String(sizes));
  const small = await page.locator("palompy-widget .panel :is(button, a.source)").evaluateAll((all) => all.filter((it) => !it.matches(".cite"))
    .map((it) => [it.className, it.getBoundingClientRect().height]).filter(([, height]) => height > 0 && height < 36));
  assert.deepEqual(small, []);
  await close();
});
