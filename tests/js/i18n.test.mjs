import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { CATALOGS, createTranslate, formatWait } from "../../static/widget/i18n.js";

const marks = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test("both languages have the same keys, in the same order", () => {
  assert.deepEqual(Object.keys(CATALOGS.ru), Object.keys(CATALOGS.en));
});

test("both languages use the same placeholders and leave no text empty", () => {
  for (const key of Object.keys(CATALOGS.ru)) {
    assert.deepEqual(marks(CATALOGS.ru[key]), marks(CATALOGS.en[key]), key);
    assert.ok(CATALOGS.ru[key].trim() && CATALOGS.en[key].trim(), key);
  }
});

test("Russian texts are Russian and English texts are English", () => {
  for (const [key, value] of Object.entries(CATALOGS.ru)) assert.match(value, /[а-яё]/i, key);
  for (const [key, value] of Object.entries(CATALOGS.en)) assert.doesNotMatch(value, /[а-яё]/i, key);
});

test("every key that the widget's modules name exists, and every key is used", () => {
  const modules = ["view.js", "view-message.js", "panel.js"].map((name) => readFileSync(new URL(`../../static/widget/${name}`, import.meta.url), "utf8")).join("\n");
  const named = new Set([...modules.matchAll(/\bt\("(\w+)"/g)].map((found) => found[1]));
  for (const key of named) assert.ok(key in CATALOGS.en, key);
  const composed = /^(error|kind)_|^(send|stop|close)$/;
  assert.deepEqual(Object.keys(CATALOGS.en).filter((key) => !named.has(key) && !composed.test(key)), []);
});

test("placeholders are filled and never read as patterns", () => {
  assert.equal(createTranslate("ru")("dialog_label", { shop: "$& {shop}" }), "Чат магазина «$& {shop}»");
  assert.equal(createTranslate("en")("source_label", { n: 2, title: "Thermos" }), "Source 2: Thermos");
});

test("a wait is said with the right ending", () => {
  assert.equal(formatWait("ru", 1), "через 1 секунду");
  assert.equal(formatWait("ru", 22.2), "через 23 секунды");
  assert.equal(formatWait("ru", 300), "через 5 минут");
  assert.equal(formatWait("en", 5), "in 5 seconds");
});

test("the launcher, which cannot import, has its two labels in both languages", () => {
  const launcher = readFileSync(new URL("../../static/widget/widget.js", import.meta.url), "utf8");
  assert.match(launcher, /ru: \{ open: "[А-Я].+", close: "[А-Я].+" \}/);
  assert.match(launcher, /en: \{ open: "[A-Z].+", close: "[A-Z].+" \}/);
});
