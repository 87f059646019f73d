// @ts-check
// What the shop and its page say before the first message, read with suspicion: prompts, advantages, the consent that is asked for.

/** @typedef {{ version: string, text: string | null, url: string | null }} Consent */

/** @param {unknown} prompts @returns {string[]} */
export function readPrompts(prompts) {
  if (!Array.isArray(prompts)) return [];
  return prompts.filter((it) => typeof it === "string" && it.trim() !== "").slice(0, 6);
}

/** `{"Delivery": "1–3 days"}` or `["Free returns"]`. @param {unknown} perks @returns {[string, string][]} */
export function readPerks(perks) {
  if (Array.isArray(perks)) return perks.slice(0, 4).map((it) => [String(it), ""]);
  if (typeof perks !== "object" || perks === null) return [];
  return Object.entries(perks).slice(0, 4).map(([title, text]) => [title, String(text)]);
}

/**
 * The consent to ask for before the first message, or null. The page's attribute wins over the shop's setting.
 * @param {{ options?: Record<string, any>, config?: Record<string, any> }} context
 * @returns {Consent | null}
 */
export function readConsent({ options = {}, config = {} }) {
  const wish = options.consent;
  const { consent } = config;
  if (wish === "off" || (wish !== "required" && !consent?.required)) return null;
  const text = typeof consent?.text === "string" && consent.text.trim() ? consent.text : null;
  return { version: String(consent?.version ?? "page"), text, url: typeof consent?.url === "string" ? consent.url : null };
}
