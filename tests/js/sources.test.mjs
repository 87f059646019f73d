import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const folder = new URL("../../static/widget/", import.meta.url);
const files = readdirSync(folder);
const read = (name) => readFileSync(new URL(name, folder));

test("no module can write markup, style attributes or code from text", () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b|setAttribute\("style|srcdoc|createContextualFragment|DOMParser/;
  for (const name of files.filter((it) => it.endsWith(".js"))) {
    const text = read(name).toString();
    assert.doesNotMatch(text, forbidden, name);
    assert.match(text, /^\/\/ @ts-check\n/, name);
  }
});

test("nothing in the widget names another host", () => {
  for (const name of files) {
    const hosts = read(name).toString().match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z][^\s"'`)]*/gi) ?? [];
    assert.deepEqual(hosts.filter((it) => it !== "http://www.w3.org/2000/svg"), [], name);
  }
});

test("the launcher names the folder of its assets exactly once, for the server to fill in", () => {
  assert.equal(read("shell.js").toString().split("__ASSETS__").length - 1, 1);
});

test("the launcher's version is the program's", () => {
  const program = /^version = "(.+)"$/m.exec(readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8"))?.[1];
  assert.ok(read("widget.js").toString().includes(`VERSION = "${program}"`));
});

test("no file grows past 400 lines", () => {
  for (const name of files) assert.ok(read(name).toString().split("\n").length <= 401, name);
});
