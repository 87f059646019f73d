// @ts-check
// Prices as people of the visitor's language write them.

/**
 * "6 490 ₽", "$6.95", or "" where there is no price. Whole sums have no decimals; a code that is no currency stays a word.
 * @param {unknown} price a number or a text with one
 * @param {unknown} currency ISO 4217
 * @param {"ru" | "en"} language
 */
export function formatPrice(price, currency, language) {
  const amount = typeof price === "string" && price.trim() !== "" ? Number(price) : price;
  if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) return "";
  const locale = language === "ru" ? "ru-RU" : "en-US";
  const digits = Number.isInteger(amount) ? 0 : 2;
  const common = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const code = typeof currency === "string" ? currency.trim().toUpperCase() : "";
  if (!/^[A-Z]{3}$/.test(code)) return new Intl.NumberFormat(locale, common).format(amount);
  return new Intl.NumberFormat(locale, { ...common, style: "currency", currency: code, currencyDisplay: "narrowSymbol" }).format(amount);
}
