import assert from "node:assert/strict";
import test from "node:test";
import { linkAttributes } from "../../static/widget/links.js";
import { formatPrice } from "../../static/widget/price.js";
import { readConsent, readPerks, readPrompts } from "../../static/widget/welcome.js";

const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

test("a price is written as the visitor's language writes it", () => {
  assert.equal(plain(formatPrice(6490, "RUB", "ru")), "6 490 ₽");
  assert.equal(plain(formatPrice(4990.5, "RUB", "ru")), "4 990,50 ₽");
  assert.equal(formatPrice(6490, "RUB", "en"), "₽6,490");
  assert.equal(formatPrice("6.95", "usd", "en"), "$6.95");
  assert.equal(plain(formatPrice(6.95, "USD", "ru")), "6,95 $");
  assert.equal(formatPrice(0, "USD", "en"), "$0");
});

test("a price without a currency is a number, and what is no price is nothing", () => {
  assert.equal(formatPrice(38, null, "en"), "38");
  for (const currency of ["", "rubles", "US", "<b>", 7, {}]) assert.equal(formatPrice(38, currency, "en"), "38");
  for (const price of [null, undefined, "", " ", "x", NaN, Infinity, -1, {}, [], true, "1e999"]) assert.equal(formatPrice(price, "USD", "en"), "", String(price));
});

test("an unknown but well-formed currency code is shown", () => {
  assert.equal(plain(formatPrice(5, "XYZ", "en")), "XYZ 5");
});

test("the shop's own pages open in the same tab, all others in a new one that learns nothing", () => {
  const strange = { target: "_blank", rel: "noopener nofollow" };
  for (const own of ["https://paloma.example/p/1", "https://www.paloma.example/", "http://paloma.example:8080/"]) {
    assert.deepEqual(linkAttributes(own, "paloma.example"), {}, own);
    assert.deepEqual(linkAttributes(own, "www.paloma.example"), {}, own);
  }
  for (const other of ["https://evil.example/", "https://paloma.example.evil.example/", "https://shop.paloma.example/", "HTTPS://EVIL.example/"]) {
    assert.deepEqual(linkAttributes(other, "paloma.example"), strange, other);
  }
  for (const call of ["tel:+74951234567", "mailto:info@paloma.example"]) assert.deepEqual(linkAttributes(call, "paloma.example"), {});
});

test("consent is asked for when the shop requires it, unless the page decides", () => {
  const required = { required: true, version: "2026-01", text: "Согласен", url: "https://paloma.example/privacy" };
  assert.deepEqual(readConsent({ config: { consent: required } }), { version: "2026-01", text: "Согласен", url: "https://paloma.example/privacy" });
  assert.equal(readConsent({ config: { consent: required }, options: { consent: "off" } }), null);
  assert.equal(readConsent({ config: { consent: { ...required, required: false } } }), null);
  assert.equal(readConsent({}), null);
  assert.deepEqual(readConsent({ options: { consent: "required" } }), { version: "page", text: null, url: null });
  assert.equal(readConsent({ options: { consent: "required" }, config: { consent: { ...required, required: false } } })?.version, "2026-01");
});

test("prompts and advantages are taken in every usual shape, and rubbish in none", () => {
  assert.deepEqual(readPrompts(["a", "", 7, " ", "b", "c", "d", "e", "f", "g"]), ["a", "b", "c", "d", "e", "f"]);
  for (const rubbish of [null, "x", 7, {}]) assert.deepEqual(readPrompts(rubbish), []);
  assert.deepEqual(readPerks({ Доставка: "1–3 дня" }), [["Доставка", "1–3 дня"]]);
  assert.deepEqual(readPerks(["Возврат", "a", "b", "c", "d"]).length, 4);
  for (const rubbish of [null, undefined, "x", 7]) assert.deepEqual(readPerks(rubbish), []);
});
