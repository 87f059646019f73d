import assert from "node:assert/strict";
import test from "node:test";
import { parseMarkdown, plainText, safeUrl } from "../../static/widget/markdown.js";
import { HOSTILE_TEXTS } from "./hostile.mjs";

const text = (value) => ({ type: "text", text: value });
const paragraph = (...children) => ({ type: "paragraph", children });
const inline = (source, options) => parseMarkdown(source, options)[0]?.children ?? [];

function* walk(node) {
  yield node;
  for (const child of [...(node.children ?? []), ...(node.items ?? []).flat()]) yield* walk(child);
}

test("bold, italic and code become tokens", () => {
  assert.deepEqual(parseMarkdown("**Да**, *есть* за `990 ₽`"), [paragraph(
    { type: "strong", children: [text("Да")] }, text(", "), { type: "em", children: [text("есть")] }, text(" за "), { type: "code", text: "990 ₽" },
  )]);
  assert.deepEqual(inline("__да__ и _нет_"), [{ type: "strong", children: [text("да")] }, text(" и "), { type: "em", children: [text("нет")] }]);
});

test("bold may hold italic and a citation", () => {
  assert.deepEqual(inline("**a *b* [1]**"), [{ type: "strong", children: [text("a "), { type: "em", children: [text("b")] }, text(" "), { type: "cite", n: 1 }] }]);
});

test("sizes, multiplications and codes with underscores stay as they are", () => {
  for (const source of ["30*20*10 см", "5 * 3 * 2", "PL_BP_101", "a_b_c", "2*2=4", "** a **", "snake__case__name"]) {
    assert.deepEqual(parseMarkdown(source), [paragraph(text(source))], source);
  }
});

test("marks that never close stay text", () => {
  for (const source of ["**a", "*a", "`a", "[a", "[a](", "a]", "![a", "``"]) assert.equal(inline(source).map((it) => it.text).join(""), source);
});

test("a backslash takes a mark's meaning away", () => {
  assert.equal(inline("\\*a\\* \\[1\\]").map((it) => it.text).join(""), "*a* [1]");
});

test("empty lines part paragraphs and single ones break the line", () => {
  assert.deepEqual(parseMarkdown("a\nb\n\n\nc\r\nd"), [
    paragraph(text("a"), { type: "break" }, text("b")), paragraph(text("c"), { type: "break" }, text("d")),
  ]);
});

test("bullets and numbers become lists, and a list may follow its sentence at once", () => {
  assert.deepEqual(parseMarkdown("Есть:\n- синий\n* красный\n• белый\n\n3. три\n4) четыре"), [
    paragraph(text("Есть:")),
    { type: "list", isOrdered: false, start: 1, items: [[text("синий")], [text("красный")], [text("белый")]] },
    { type: "list", isOrdered: true, start: 3, items: [[text("три")], [text("четыре")]] },
  ]);
});

test("text after a list is its own paragraph", () => {
  assert.deepEqual(parseMarkdown("- a\nпотом").map((block) => block.type), ["list", "paragraph"]);
});

test("a price range or a negative number at the start of a line is no list", () => {
  assert.deepEqual(parseMarkdown("-5 °C").map((block) => block.type), ["paragraph"]);
  assert.deepEqual(parseMarkdown("1.5 литра").map((block) => block.type), ["paragraph"]);
});

test("headings and code fences are kept simple", () => {
  assert.deepEqual(parseMarkdown("## Цена\n```\n**a**\n<b>\n```\nб"), [
    { type: "heading", children: [text("Цена")] }, { type: "pre", text: "**a**\n<b>" }, paragraph(text("б")),
  ]);
});

test("citation marks are read alone, in rows and in lists", () => {
  assert.deepEqual(inline("a [1][2] [3, 4]"), [
    text("a "), { type: "cite", n: 1 }, { type: "cite", n: 2 }, text(" "), { type: "cite", n: 3 }, { type: "cite", n: 4 },
  ]);
  assert.deepEqual(inline("[100] [x] []"), [text("[100] [x] []")]);
});

test("links keep their address and label", () => {
  assert.deepEqual(inline("[Термос](https://paloma.example/p/termos?a=1&b=2)"), [
    { type: "link", href: "https://paloma.example/p/termos?a=1&b=2", children: [text("Термос")] },
  ]);
  assert.deepEqual(inline("[a](https://x.example/a_(b))")[0].href, "https://x.example/a_(b)");
  assert.deepEqual(inline("[звоните](tel:+74951234567)")[0].href, "tel:+74951234567");
  assert.deepEqual(inline("[пишите](mailto:info@paloma.example)")[0].href, "mailto:info@paloma.example");
});

test("a bare address becomes a link without the sentence's punctuation", () => {
  assert.deepEqual(inline("см. https://paloma.example/p/1, и (https://paloma.example/2)."), [
    text("см. "), { type: "link", href: "https://paloma.example/p/1", children: [text("https://paloma.example/p/1")] }, text(", и ("),
    { type: "link", href: "https://paloma.example/2", children: [text("https://paloma.example/2")] }, text(")."),
  ]);
});

test("a label that names another site is replaced by the true address", () => {
  for (const label of ["https://sberbank.ru", "sberbank.ru", "www.sberbank.ru/login"]) {
    assert.deepEqual(inline(`[${label}](https://evil.example/x)`)[0].children, [text("https://evil.example/x")], label);
  }
  assert.deepEqual(inline("[paloma.example](https://www.paloma.example/)")[0].children, [text("paloma.example")]);
});

test("a label holds no second link and no citation", () => {
  const link = inline("[https://x.example/ **a**](https://x.example/)")[0];
  assert.deepEqual([...walk(link)].filter((it) => it.type === "link").length, 1);
});

test("what the stream has not finished yet is not shown", () => {
  const seen = (source) => inline(source, { isPartial: true });
  assert.deepEqual(seen("Цена **990"), [text("Цена "), { type: "strong", children: [text("990")] }]);
  for (const tail of ["[", "[1", "[Терм", "[Термос]", "[Термос](", "[Термос](https://pal", "**", "*"]) assert.deepEqual(seen(`Цена ${tail}`), [text("Цена")], tail);
  assert.deepEqual(seen("Цена [1]"), [text("Цена "), { type: "cite", n: 1 }]);
});

test("an answer can be read aloud without its marks", () => {
  assert.equal(plainText("**Да** [1], [тут](https://x.example/):\n\n- раз\n- `два`"), "Да , тут: раз; два");
});

test("no hostile text yields anything but text and allowed links", () => {
  assert.ok(HOSTILE_TEXTS.length >= 60);
  const types = new Set(["paragraph", "heading", "list", "pre", "text", "code", "strong", "em", "link", "cite", "break"]);
  for (const hostile of HOSTILE_TEXTS) {
    for (const isPartial of [false, true]) {
      for (const block of parseMarkdown(hostile, { isPartial })) {
        for (const node of walk(block)) {
          assert.ok(types.has(node.type), `${node.type} from ${hostile}`);
          assert.deepEqual(Object.keys(node).filter((key) => /^on|src|style|html/i.test(key)), [], hostile);
          if (node.type === "link") assert.match(node.href, /^(https?:\/\/[^@\\\s"'<>]+|mailto:[^?,\s]+|tel:[+\d().-]+)$/, hostile);
          if (node.type === "text") assert.equal(typeof node.text, "string");
        }
      }
    }
  }
});

test("images never become more than their description", () => {
  for (const block of parseMarkdown("![кот](https://evil.example/a.gif) ![](https://evil.example/b.gif)")) {
    for (const node of walk(block)) assert.notEqual(node.type, "image");
  }
  assert.deepEqual(inline("![кот](https://evil.example/a.gif)"), [text("кот")]);
});

test("only web, mail and phone addresses may be links", () => {
  for (const allowed of ["https://a.example/", "http://a.example/x?y=z#w", "HTTPS://A.example/", "mailto:a.b@c.example", "tel:+7(495)123-45-67"]) {
    assert.notEqual(safeUrl(allowed), null, allowed);
  }
  for (const refused of [null, undefined, 7, {}, "", "a", "/a", "//a.example", "javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https:a.example",
    "https://", "https:///a", "https://a b.example", "https://a@b.example", "mailto:", "mailto:a", "tel:", "tel:112;x", "sms:1", "HTTPS://a.example\\@b",
    "ht\ntps://a.example", "https://a.example/\u202E", `https://a.example/${"x".repeat(3000)}`]) {
    assert.equal(safeUrl(refused), null, String(refused));
  }
});

test("long hostile texts are parsed in time that grows with their size", () => {
  const units = ["*", "**", "_", "`", "[", "]", "](", "[a](", "![", "*a ", "**a ", "*a", "[a](http://", "> ", "# ", "- ", "1. ", "\n", " ", "\\", "h", "http", "https://", "[1,", "((", "```\n"];
  for (const unit of units) {
    // The processor's time, not the clock's: a busy machine is no fault of the parser.
    const started = process.cpuUsage();
    for (const isPartial of [false, true]) parseMarkdown(unit.repeat(Math.ceil(50_000 / unit.length)), { isPartial });
    const took = process.cpuUsage(started).user / 1000;
    assert.ok(took < 1000, `${JSON.stringify(unit)} took ${Math.round(took)} ms`);
  }
});
