import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { createTranslate, formatWait } from "../../static/widget/i18n.js";

const FOLDER = new URL("../../static/widget/", import.meta.url);
const MODULES = readdirSync(FOLDER).filter((name) => name.endsWith(".js") && name !== "widget.js")
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));
// A lazily loaded part brings its own words; what has none uses the panel's.
const PARTS = await Promise.all(MODULES.filter(({ text }) => /^export const CATALOGS/m.test(text))
  .map(async ({ name, text }) => ({ name, text, catalogs: (await import(new URL(name, FOLDER))).CATALOGS })));
const PANEL = MODULES.filter(({ name }) => !PARTS.some((part) => part.name === name && name !== "i18n.js"));

const marks = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

for (const { name, text, catalogs } of PARTS) {
  test(`${name}: both languages have the same keys, in the same order`, () => {
    assert.deepEqual(Object.keys(catalogs.ru), Object.keys(catalogs.en));
  });

  test(`${name}: both languages use the same placeholders and leave no text empty`, () => {
    for (const key of Object.keys(catalogs.ru)) {
      assert.deepEqual(marks(catalogs.ru[key]), marks(catalogs.en[key]), key);
      assert.ok(catalogs.ru[key].trim() && catalogs.en[key].trim(), key);
    }
  });

  test(`${name}: Russian texts are Russian and English texts are English`, () => {
    for (const [key, value] of Object.entries(catalogs.ru)) assert.match(value, /[а-яё]/i, key);
    for (const [key, value] of Object.entries(catalogs.en)) assert.doesNotMatch(value, /[а-яё]/i, key);
  });

  test(`${name}: every key that is named exists, and every key is used`, () => {
    // A part of several modules has its words in one of them and calls them so.
    const family = MODULES.filter((it) => it.name.startsWith(name.replace("words.js", "")) || it.name === name.replace("-words", ""));
    const users = name === "i18n.js" ? PANEL.map((it) => it.text).join("\n") : name.endsWith("-words.js") ? family.map((it) => it.text).join("\n") : text;
    const call = name.endsWith("-words.js") ? /\bwords\(([^()]*)\)/g : /(?<!host\.)\bt\(([^()]*)\)/g;
    const named = [...users.matchAll(call)].flatMap((found) => [...found[1].replace(/\{.*\}/, "").matchAll(/"(\w+)"/g)].map((key) => key[1]))
      .concat([...text.matchAll(/\bwords\.(\w+)/g)].map((found) => found[1]));
    for (const key of named) assert.ok(key in catalogs.en, key);
    const composed = /^(error|kind|vote)_|^(wrong|incomplete|not_understood|rude|other|new_chat|forget)$|^(name|email|phone)$/;
    assert.deepEqual(Object.keys(catalogs.en).filter((key) => !named.includes(key) && !composed.test(key)), []);
  });
}

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

test("the launcher, which travels without the panel's words, has its two labels in both languages", () => {
  const launcher = readFileSync(new URL("../../static/widget/launcher-view.js", import.meta.url), "utf8");
  assert.match(launcher, /ru: \["[А-Я].+", "[А-Я].+"\]/);
  assert.match(launcher, /en: \["[A-Z].+", "[A-Z].+"\]/);
});
