// @ts-check
// How fast a streamed answer appears: what has arrived is revealed over a few frames, so that text flows instead of jumping.

const CHARACTERS_PER_FRAME = 3;
const SHARE_PER_FRAME = 1 / 14;

/**
 * How many characters of `text` to show in the next frame; it always grows until all is shown and never splits a character.
 * @param {number} shown
 * @param {string} text
 */
export function nextLength(shown, text) {
  const rest = text.length - shown;
  const length = shown + Math.max(CHARACTERS_PER_FRAME, Math.ceil(rest * SHARE_PER_FRAME));
  if (length >= text.length) return text.length;
  const isHalf = /[\ud800-\udbff]/.test(text[length - 1]);
  return isHalf ? length + 1 : length;
}

/**
 * Reveals a growing message frame by frame; at once where motion is unwanted or nobody looks.
 * @param {(message: import("./conversation.js").Message, isPartial: boolean) => void} show
 */
export function createTypist(show) {
  /** @type {import("./conversation.js").Message | null} */
  let message = null;
  let shown = 0;
  let frame = 0;

  function draw() {
    if (!message) return;
    const isWhole = shown >= message.text.length;
    show(isWhole ? message : { ...message, text: message.text.slice(0, shown) }, !isWhole);
  }
  function step() {
    frame = 0;
    if (!message) return;
    shown = nextLength(shown, message.text);
    draw();
    if (shown < message.text.length) frame = requestAnimationFrame(step);
  }
  /** Shows at once all that has come. */
  function flush() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!message || shown >= message.text.length) return;
    shown = message.text.length;
    draw();
  }
  /** Leaves the message as it is. */
  function forget() {
    cancelAnimationFrame(frame);
    frame = 0;
    message = null;
  }
  /** @param {import("./conversation.js").Message} next */
  function type(next) {
    if (message?.id !== next.id) shown = 0;
    message = next;
    shown = Math.min(shown, next.text.length);
    const isStill = document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isStill) shown = next.text.length;
    if (shown >= next.text.length) draw();
    else if (!frame) frame = requestAnimationFrame(step);
  }
  return { type, flush, forget };
}
