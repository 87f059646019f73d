// @ts-check
// Where links open. The conversation outlives the page, so the shop's own pages open in the same tab, and strangers' in a new one.

/** @param {string} href what `safeUrl` let through @param {string} [here] the host that the visitor is on @returns {Record<string, string>} */
export function linkAttributes(href, here = location.hostname) {
  return opensNewTab(href, here) ? { target: "_blank", rel: "noopener nofollow" } : {};
}

/** @param {string} href @param {string} [here] */
export function opensNewTab(href, here = location.hostname) {
  if (!/^https?:/i.test(href)) return false;
  const bare = (/** @type {string} */ host) => host.replace(/^www\./, "");
  return bare(new URL(href).hostname) !== bare(here);
}
