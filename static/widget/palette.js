// @ts-check
// The panel's colors out of a shop's one: as text on the panel's surfaces, and pale behind such text.

import { inkOn, luminance, rgb } from "./color.js";

/** @typedef {import("./color.js").Rgb} Rgb */

const READABLE = 4.5;
const LIGHT = { surface: "#ffffff", soft: "#f3f5f4", away: "#000000" };
const DARK = { surface: "#151b19", soft: "#212927", away: "#ffffff" };

/** @param {Rgb} color */
const hexOf = (color) => `#${color.map((it) => it.toString(16).padStart(2, "0")).join("")}`;

/** @param {Rgb} one @param {Rgb} other */
function ratio(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** From 1, the same, to 21, black on white. @param {string} one @param {string} other */
export const contrast = (one, other) => ratio(rgb(one), rgb(other));

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
const mix = (one, other, share) => one.map((it, at) => Math.round(it + (other[at] - it) * share));

/** The nearest color on the way from `color` to `end` that can be read on all of `grounds`. @param {Rgb} color @param {Rgb} end @param {Rgb[]} grounds */
function readable(color, end, grounds) {
  for (let step = 0; step < 20; step += 1) {
    const next = mix(color, end, step / 20);
    if (grounds.every((ground) => ratio(next, ground) >= READABLE)) return next;
  }
  return end;
}

/**
 * @param {string} brand `#rgb` or `#rrggbb`
 * @param {boolean} isDark
 * @returns {{ ink: string, text: string, tint: string }} what is written on the brand's color, that color as text on the panel's
 *   surfaces and on the tint, a pale tint
 */
export function paletteOf(brand, isDark) {
  const { surface, soft, away } = isDark ? DARK : LIGHT;
  const color = rgb(brand);
  const tint = mix(color, rgb(surface), 0.86);
  const text = readable(color, rgb(away), [rgb(surface), rgb(soft), tint]);
  return { ink: inkOn(brand), text: hexOf(text), tint: hexOf(tint) };
}
