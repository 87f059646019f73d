// @ts-check
// Colors that are readable whatever a shop's own color is. Luminance and contrast as WCAG 2 defines them.

/** @typedef {number[]} Rgb red, green, blue from 0 to 255 */

/** @param {string} hex `#rgb` or `#rrggbb` @returns {Rgb} */
export function rgb(hex) {
  const pairs = hex.length < 7 ? [...hex].map((digit) => digit + digit) : hex.match(/[^#]./g) ?? [];
  return pairs.slice(-3).map((pair) => parseInt(pair, 16));
}

/** From 0, black, to 1, white. @param {Rgb} color */
export function luminance(color) {
  const [red, green, blue] = color.map((it) => (it <= 10 ? it / 3294.6 : ((it / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever can be read on the color: at this luminance the one takes over from the other at 4.6:1. @param {string} color */
export const inkOn = (color) => (luminance(rgb(color)) > 0.179 ? "#000" : "#fff");
