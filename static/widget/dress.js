// @ts-check
// Gives the panel its place and the shop's color.

import dressSheet from "./dress.css" with { type: "css" };
import { paletteOf } from "./palette.js";

/** @param {ShadowRoot} root @param {string | undefined} color `#rgb` or `#rrggbb` */
export function dress(root, color) {
  const colors = new CSSStyleSheet();
  if (color) {
    const rule = (/** @type {boolean} */ isDark) => {
      const { ink, text, tint } = paletteOf(color, isDark);
      return `{--plm-accent-text:${text}!important;--plm-tint:${tint}!important;--plm-mine:${color}!important;--plm-mine-ink:${ink}!important}`;
    };
    colors.replaceSync(`:host${rule(false)}@media (prefers-color-scheme:dark){:host(:not([data-scheme=light]))${rule(true)}}`
      + `:host([data-scheme=dark])${rule(true)}`);
  }
  root.adoptedStyleSheets.push(dressSheet, colors);
}
