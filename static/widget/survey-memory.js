// @ts-check
// One small object in the browser's storage. A browser that refuses storage remembers it as long as the page.

/**
 * @template {object} T
 * @param {string} key @param {() => Storage} open may throw, as `localStorage` itself does when it is blocked
 */
export function createMemory(key, open) {
  /** @type {T} */
  let page = /** @type {T} */ ({});
  return {
    /** What another page wrote meanwhile counts more. @returns {T} */
    read() {
      try {
        const stored = JSON.parse(open().getItem(key) ?? "null");
        if (stored && typeof stored === "object") page = { ...page, ...stored };
      } catch {
        // What this page knows must do.
      }
      return page;
    },
    /** @param {Partial<T>} changes */
    write(changes) {
      page = { ...this.read(), ...changes };
      try {
        open().setItem(key, JSON.stringify(page));
      } catch {
        // It is then remembered as long as the page.
      }
    },
  };
}

/**
 * What this tab remembers: the answers so far, so that a reload or another page goes on where the visitor was, and how many answers
 * of the assistant were seen.
 * @typedef {{ messages?: number, survey?: number | null, version?: number, session?: string, answers?: Record<string, any> }} Progress
 * @param {string} publicKey
 */
export function createProgress(publicKey, open = () => sessionStorage) {
  return /** @type {{ read: () => Progress, write: (changes: Progress) => void }} */ (createMemory(`palompy:${publicKey}:survey`, open));
}
