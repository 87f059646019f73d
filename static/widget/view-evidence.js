// @ts-check
// What an answer rests on: the products that it names as cards, everything else as a short list of sources. Both carry the number
// of their citation.

import { element, icon } from "./dom.js";
import { linkAttributes, opensNewTab } from "./links.js";
import { safeUrl } from "./markdown.js";
import { formatPrice } from "./price.js";

/**
 * @typedef {import("./conversation.js").Message} Message
 * @typedef {import("./api.js").Source} Source
 * @typedef {import("./api.js").Card} Card
 * @typedef {import("./view-message.js").Surroundings} Surroundings
 */

/** @param {Message} message @param {Surroundings} surroundings @returns {HTMLElement[]} */
export function renderEvidence({ cards, sources }, surroundings) {
  const { t } = surroundings;
  const rest = sources.filter((source) => !cards.some((card) => card.sourceId === source.source_id));
  const parts = [];
  if (cards.length > 0) parts.push(renderCards(cards, sources, surroundings));
  if (rest.length > 0) {
    parts.push(element("div", { class: "sources" }, element("p", { class: "label", "aria-hidden": "true" }, t("sources")),
      element("ul", { "aria-label": t("sources") }, ...rest.map((source) => element("li", {}, renderSource(source, surroundings))))));
  }
  return parts;
}

/** @param {Source} source @param {Surroundings} surroundings */
function renderSource(source, { t, onSource }) {
  return renderLink(source.url, { class: "source", "data-n": source.n, title: source.title, onclick: () => onSource(source) }, t,
    element("span", { class: "badge", "aria-hidden": "true" }, String(source.n)),
    element("span", { class: "source-title" }, source.title + (source.page ? `, ${t("page_short")} ${source.page}` : source.section ? ` · ${source.section}` : "")),
    icon(source.source_type === "product" ? "product" : "policy"));
}

/** @param {Card[]} cards @param {Source[]} sources @param {Surroundings} surroundings */
function renderCards(cards, sources, surroundings) {
  const rows = cards.map((card) => element("li", {}, renderCard(card, sources.find((source) => source.source_id === card.sourceId), surroundings)));
  return element("ul", { class: "cards", "aria-label": surroundings.t("products") }, ...rows);
}

/** @param {Card} card @param {Source | undefined} source @param {Surroundings} surroundings */
function renderCard(card, source, { t, language, onSource }) {
  const price = formatPrice(card.price, card.currency, language);
  const oldPrice = formatPrice(card.oldPrice, card.currency, language);
  const stock = typeof card.inStock !== "boolean" ? null : t(card.inStock ? "in_stock" : "out_of_stock");
  return renderLink(card.url, { class: "source product", "data-n": source?.n, onclick: () => source && onSource(source) }, t,
    element("span", { class: "picture" }, icon("product"), renderImage(card.image),
      source && element("span", { class: "badge", "aria-hidden": "true" }, String(source.n))),
    element("span", { class: "about" },
      element("span", { class: "product-title" }, card.title),
      price && element("span", { class: "price" }, price,
        oldPrice && oldPrice !== price && element("s", {}, element("span", { class: "hidden-text" }, `${t("old_price")}: `), oldPrice)),
      stock && element("span", { class: card.inStock ? "stock" : "stock out" }, stock)));
}

/** The catalog's own picture in a box of fixed size; one that does not come leaves the sign below it. @param {string | null} address */
function renderImage(address) {
  const src = safeUrl(address);
  if (!src || !/^http/i.test(src)) return null;
  const image = element("img", { alt: "", width: "76", height: "76", loading: "lazy", decoding: "async", onerror: () => image.remove() });
  image.src = src;
  return image;
}

/** A link, or the same without one where there is no address that may be one. @param {unknown} url @param {Record<string, unknown>} properties
 * @param {import("./i18n.js").Translate} t @param {...(Node | string | null | false | undefined)} children */
function renderLink(url, properties, t, ...children) {
  const href = safeUrl(url);
  if (!href) return element("div", { ...properties, onclick: () => {}, tabindex: "-1" }, ...children);
  return element("a", { ...properties, href, ...linkAttributes(href) }, ...children,
    opensNewTab(href) && element("span", { class: "hidden-text" }, ` (${t("new_tab")})`));
}
