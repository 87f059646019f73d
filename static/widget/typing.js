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
