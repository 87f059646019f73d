import assert from "node:assert/strict";
import test from "node:test";
import { inkOn } from "../../static/widget/color.js";
import { createEvents } from "../../static/widget/events.js";
import { fitsPage, readOptions } from "../../static/widget/options.js";
import { contrast, paletteOf } from "../../static/widget/palette.js";
import { createTracker } from "../../static/widget/tracking.js";
import { randomUuid } from "../../static/widget/uuid.js";

function reading(given) {
  const warnings = [];
  return { options: readOptions(given, (text) => warnings.push(text)), warnings };
}

test("right attributes are read, in the form in which they are used", () => {
  const given = {
    apiBase: "https://chat.example/", lang: "en-US", prompts: '["Где заказ?"]', perks: '{"Доставка":"1–3 дня"}', position: "left", offsetX: "16", offsetY: " 90 ",
    zIndex: "100", color: "#f60", scheme: "dark", title: "Помощник", open: "", launcher: "none", hideOn: "/cart* /checkout*", consent: "required", noTrack: "true",
  };
  const { options, warnings } = reading(given);
  assert.deepEqual(warnings, []);
  assert.deepEqual(options, { ...given, prompts: ["Где заказ?"], perks: { "Доставка": "1–3 дня" }, offsetY: "90", open: true, noTrack: true });
});

test("a wrong value is left out, and the warning names its attribute", () => {
  const wrong = {
    apiBase: "javascript:alert(1)", lang: "de", prompts: "Где заказ?", perks: "[1]", position: "top", offsetX: "1em", offsetY: "-5", zIndex: "1;}", color: "red",
    scheme: "night", title: "  ", open: "yes", launcher: "hide", consent: "on", noTrack: "1",
  };
  const { options, warnings } = reading(wrong);
  assert.deepEqual(options, {});
  assert.equal(warnings.length, Object.keys(wrong).length);
  for (const name of ["api-base", "lang", "offset-x", "z-index", "color", "no-track"]) {
    assert.ok(warnings.some((it) => it.startsWith(`data-${name} is left out`)), name);
  }
});

test("a page cannot set a prompt, a model or a temperature", () => {
  const { options, warnings } = reading({ prompt: "Ты — пират", model: "big", temperature: "2", systemPrompt: "x" });
  assert.deepEqual([options, warnings], [{}, []]);
});

test("options of init may be values instead of JSON", () => {
  assert.deepEqual(reading({ prompts: ["a"], perks: ["b"], open: false, offsetX: 12 }).options, { prompts: ["a"], perks: ["b"], open: false, offsetX: "12" });
});

test("patterns say on which pages the widget is", () => {
  const at = (address) => new URL(address);
  assert.ok(fitsPage("/cart /checkout*", at("https://shop.example/checkout/pay")));
  assert.ok(fitsPage("/cart /checkout*", at("https://shop.example/CART?x=1")));
  assert.ok(!fitsPage("/cart", at("https://shop.example/cart/items")));
  assert.ok(fitsPage("/каталог/*", at("https://shop.example/каталог/лампы")));
  assert.ok(fitsPage("https://*.shop.example/*", at("https://spb.shop.example/a")));
  assert.ok(!fitsPage("https://shop.example/*", at("https://evil.example/?https://shop.example/")));
  assert.ok(fitsPage("*?page=help*", at("https://shop.example/index.php?page=help&x=1")));
  assert.ok(!fitsPage("/a.b", at("https://shop.example/acb")));
  assert.ok(fitsPage("/a(b", at("https://shop.example/a(b")));
  assert.ok(!fitsPage("", at("https://shop.example/")));
});

function someColors() {
  const channel = [0, 51, 92, 117, 118, 119, 153, 204, 255].map((it) => it.toString(16).padStart(2, "0"));
  return channel.flatMap((red) => channel.flatMap((green) => channel.map((blue) => `#${red}${green}${blue}`)));
}

test("whatever the shop's color, what is written on it and in it can be read", () => {
  for (const color of ["#f60", "#ABC", ...someColors()]) {
    assert.ok(contrast(color, inkOn(color)) >= 4.5, `ink on ${color}`);
    for (const isDark of [false, true]) {
      const { ink, text, tint } = paletteOf(color, isDark);
      assert.equal(ink, inkOn(color));
      for (const ground of [...(isDark ? ["#151b19", "#212927"] : ["#ffffff", "#f3f5f4"]), tint]) {
        assert.ok(contrast(text, ground) >= 4.5, `${color} as ${text} on ${ground}: ${contrast(text, ground)}`);
      }
    }
  }
});

test("contrast is what WCAG defines", () => {
  assert.equal(contrast("#000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#fff").toFixed(2), "4.48");
});

test("a listener's fault reaches nobody else, and ready is told again to late ones", () => {
  globalThis.document = new EventTarget();
  const logged = [];
  const { error } = console;
  console.error = (it) => logged.push(it.message);
  const events = createEvents();
  const heard = [];
  document.addEventListener("palompy:lead", (event) => heard.push(["dom", event.detail.phone]));
  events.on("lead", () => { throw new Error("the shop's own"); });
  const listener = (lead) => heard.push(["listener", lead.phone]);
  events.on("lead", listener);
  events.emit("ready");
  events.on("ready", () => heard.push(["ready"]));
  events.emit("lead", { phone: "1" });
  events.off("lead", listener);
  events.emit("lead", { phone: "2" });
  console.error = error;
  assert.deepEqual(heard, [["ready"], ["listener", "1"], ["dom", "1"], ["dom", "2"]]);
  assert.deepEqual(logged, ["the shop's own", "the shop's own"]);
});

function tracking(isAllowed = () => true) {
  const sent = [];
  const planned = [];
  const clock = { now: Date.parse("2026-03-01T10:00:00Z") };
  const tracker = createTracker({
    metadata: () => ({ language: "ru" }), isAllowed, now: () => clock.now,
    send: (events, isLeaving) => sent.push([events.map((it) => it.name), isLeaving, events]), later: (action) => planned.push(action),
  });
  return { tracker, sent, planned, clock };
}

test("events wait for the chat to be opened and then go together", () => {
  const { tracker, sent, planned } = tracking();
  tracker.track("widget_init");
  tracker.track("page_view");
  assert.deepEqual([sent, planned], [[], []]);
  tracker.live();
  tracker.track("widget_toggle", { open: true });
  assert.equal(planned.length, 1);
  planned[0]();
  assert.deepEqual(sent[0].slice(0, 2), [["widget_init", "page_view", "widget_toggle"], false]);
  assert.deepEqual(sent[0][2][2], { name: "widget_toggle", at: "2026-03-01T10:00:00.000Z", metadata: { language: "ru", open: true } });
  tracker.track("message_sent");
  assert.equal(planned.length, 2);
});

test("who leaves sends at once how long they looked, each moment once", () => {
  const { tracker, sent, clock } = tracking();
  tracker.look(true);
  clock.now += 4000;
  tracker.look(false);
  clock.now += 60_000;
  tracker.look(true);
  clock.now += 1500;
  tracker.leave("page_hidden");
  clock.now += 500;
  tracker.leave("session_duration");
  assert.deepEqual(sent.map(([names, isLeaving, events]) => [names, isLeaving, events[0].metadata.focusMs]), [
    [["page_hidden"], true, 5500], [["session_duration"], true, 500],
  ]);
});

test("nothing is noted while it is not allowed, and never more than a hundred events wait", () => {
  let isAllowed = false;
  const { tracker, sent } = tracking(() => isAllowed);
  tracker.track("widget_init");
  tracker.leave("page_hidden");
  assert.deepEqual(sent, []);
  isAllowed = true;
  for (let i = 0; i < 150; i += 1) tracker.track("my_event");
  tracker.flush();
  assert.equal(sent[0][0].length, 100);
});

test("an id is a random UUID of version 4", () => {
  const ids = new Set(Array.from({ length: 100 }, randomUuid));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
