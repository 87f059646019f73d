// @ts-check
// The visitor's session id. Nothing is read from or written to the browser's storage before the first message, and a browser
// that refuses storage costs only the memory of this page.

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * @param {string} publicKey
 * @param {() => Storage} openStorage may throw, as `sessionStorage` itself does when it is blocked
 * @returns {() => string} the id, made or found at the first call and then the same
 */
export function createSession(publicKey, openStorage) {
  const key = `palompy:${publicKey}:session`;
  let id = "";
  return () => {
    if (id) return id;
    id = read(openStorage, key) ?? randomUuid();
    try {
      openStorage().setItem(key, id);
    } catch {
      // The id then lives as long as the page.
    }
    return id;
  };
}

/** @param {() => Storage} openStorage @param {string} key */
function read(openStorage, key) {
  try {
    const stored = openStorage().getItem(key);
    return stored && UUID.test(stored) ? stored : null;
  } catch {
    return null;
  }
}

/** `crypto.randomUUID` exists only on https pages, and some shops still have none. */
export function randomUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
