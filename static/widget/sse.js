// @ts-check
// Reads server-sent events out of text that arrives in pieces. Pure: it knows neither the network nor what an event means.

/** @typedef {{ event: string, data: string }} SseEvent */

/**
 * A parser for one stream. Feed it decoded text in any cuts; it returns the events that became complete.
 * An event cut off by the end of the stream is never returned, as the standard asks.
 * @returns {(text: string) => SseEvent[]}
 */
export function createSseParser() {
  let rest = "";
  let isFirst = true;
  let name = "";
  /** @type {string[]} */
  let data = [];

  /** @param {string} line @param {SseEvent[]} events */
  function readLine(line, events) {
    if (line === "") {
      if (data.length > 0) events.push({ event: name || "message", data: data.join("\n") });
      name = "";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data.push(value);
  }

  return (text) => {
    /** @type {SseEvent[]} */
    const events = [];
    if (text === "") return events;
    if (isFirst) text = text.replace(/^\uFEFF/, "");
    isFirst = false;
    rest += text;
    // A carriage return at the very end may be half of a line break, so it waits for the next piece.
    const line = /\r\n|\n|\r(?!$)/g;
    let start = 0;
    for (let found = line.exec(rest); found; found = line.exec(rest)) {
      readLine(rest.slice(start, found.index), events);
      start = line.lastIndex;
    }
    rest = rest.slice(start);
    return events;
  };
}
