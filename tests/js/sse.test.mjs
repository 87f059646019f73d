import assert from "node:assert/strict";
import test from "node:test";
import { createSseParser } from "../../static/widget/sse.js";

const parse = (...pieces) => {
  const feed = createSseParser();
  return pieces.flatMap((piece) => feed(piece));
};
const delta = (text) => ({ event: "delta", data: `{"text":"${text}"}` });

test("an event is complete at its empty line", () => {
  assert.deepEqual(parse('event: delta\ndata: {"text":"Да"}\n'), []);
  assert.deepEqual(parse('event: delta\ndata: {"text":"Да"}\n\n'), [delta("Да")]);
});

test("the same stream gives the same events at every cut into two and into single characters", () => {
  const stream = ': ping\r\n\r\nevent: delta\r\ndata: {"text":"a"}\r\n\r\nevent: delta\ndata: {"text":"b"}\n\nevent: done\rdata: {}\r\rdata: end\n\n';
  const expected = [delta("a"), delta("b"), { event: "done", data: "{}" }, { event: "message", data: "end" }];
  for (let cut = 0; cut <= stream.length; cut += 1) assert.deepEqual(parse(stream.slice(0, cut), stream.slice(cut)), expected, `cut at ${cut}`);
  assert.deepEqual(parse(...stream), expected);
});

test("a heartbeat comment is no event and does not disturb the one around it", () => {
  assert.deepEqual(parse(": ping\n\n: ping\n\n"), []);
  assert.deepEqual(parse('event: delta\n: ping\ndata: {"text":"x"}\n\n'), [delta("x")]);
});

test("several data lines are joined by line breaks", () => {
  assert.deepEqual(parse("data: one\ndata:\ndata:  two\n\n"), [{ event: "message", data: "one\n\n two" }]);
});

test("only one space after the colon is taken away", () => {
  assert.deepEqual(parse("data:bare\n\ndata:  spaced\n\n"), [{ event: "message", data: "bare" }, { event: "message", data: " spaced" }]);
});

test("a name does not leak into the next event", () => {
  assert.deepEqual(parse("event: done\ndata: 1\n\ndata: 2\n\n"), [{ event: "done", data: "1" }, { event: "message", data: "2" }]);
});

test("an event without data is dropped together with its name", () => {
  assert.deepEqual(parse("event: delta\n\ndata: x\n\n"), [{ event: "message", data: "x" }]);
});

test("a byte order mark at the start is skipped", () => {
  assert.deepEqual(parse("\uFEFFdata: x\n\n"), [{ event: "message", data: "x" }]);
});

test("unknown fields, ids and retry times are passed over", () => {
  assert.deepEqual(parse("id: 7\nretry: 100\nfoo: bar\nnocolon\ndata: x\n\n"), [{ event: "message", data: "x" }]);
});

test("an event cut off by the end of the stream is not reported", () => {
  assert.deepEqual(parse("data: whole\n\n", "data: half"), [{ event: "message", data: "whole" }]);
});

test("a megabyte in small pieces is read in time that grows with its size", () => {
  const feed = createSseParser();
  let count = 0;
  for (let i = 0; i < 20_000; i += 1) count += feed(`event: delta\ndata: {"text":"${"x".repeat(20)}"}\n\n`).length;
  assert.equal(count, 20_000);
});
