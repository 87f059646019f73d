// @ts-check
// What this browser remembers of a visitor: one entry in `localStorage` (session, visitor token, small notes), kept for thirty days
// after the last message, and the draft, which lives as long as the tab. Nothing is written before the visitor writes, and a
// browser that refuses storage costs only the memory of this page.

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LIFE_MS = 30 * 86_400_000;

/** @typedef {{ session: string, token: string | null, at: number, notes: Record<string, unknown> }} Entry */
/** @typedef {ReturnType<typeof createSession>} Session */

/**
 * @param {string} publicKey
 * @param {{ local?: () => Storage, tab?: () => Storage, now?: () => number }} [ports] the storages may throw when they are opened,
 *   as `localStorage` itself does when it is blocked
 */
export function createSession(publicKey, { local = () => localStorage, tab = () => sessionStorage, now = Date.now } = {}) {
  const key = `palompy:${publicKey}`;
  const first = readEntry(local, key, now());
  let id = first?.session ?? randomUuid();
  let token = first?.token ?? null;
  let notes = first?.notes ?? {};
  let isKept = first !== null;
  let draft = read(tab, key) ?? "";

  function save() {
    if (isKept) write(local, key, JSON.stringify({ session: id, token, at: now(), notes }));
  }

  return {
    key,
    /** The session's id. It is only made here; `keep` writes it down. */
    id: () => id,
    /** Whether an earlier message made the browser remember this visitor. */
    isKept: () => isKept,
    /** The newest token, which another tab may have got. */
    token: () => (isKept && readEntry(local, key, now())?.token) || token,
    /** Remembers the visitor from now on: they have written something. @param {unknown} [newToken] */
    keep(newToken) {
      isKept = true;
      if (typeof newToken === "string" && newToken) token = newToken;
      save();
    },
    /** Starts another conversation of the same visitor. */
    begin() {
      id = randomUuid();
      save();
    },
    /** Clears everything that this browser remembers. */
    forget() {
      id = randomUuid();
      token = null;
      notes = {};
      isKept = false;
      draft = "";
      for (const name of [key, `${key}:asked`]) write(local, name, "");
      for (const name of [key, `${key}:survey`]) write(tab, name, "");
    },
    /** A small note, such as when a survey was last shown; it is written down once the visitor is kept. @param {string} name */
    note: (name) => notes[name],
    /** @param {string} name @param {unknown} value JSON */
    setNote(name, value) {
      notes = { ...readEntry(local, key, now())?.notes, ...notes, [name]: value };
      save();
    },
    draft: () => draft,
    /** What only this tab remembers. @param {string} text */
    setDraft(text) {
      if (text === draft) return;
      draft = text;
      write(tab, key, text);
    },
  };
}

/** The entry when it is whole and young enough. @param {() => Storage} open @param {string} key @param {number} now @returns {Entry | null} */
function readEntry(open, key, now) {
  const entry = readObject(open, key);
  if (!entry || typeof entry.session !== "string" || !UUID.test(entry.session)) return null;
  if (typeof entry.at !== "number" || now - entry.at > LIFE_MS) return null;
  const notes = typeof entry.notes === "object" && entry.notes ? /** @type {Record<string, unknown>} */ (entry.notes) : {};
  return { session: entry.session, token: typeof entry.token === "string" ? entry.token : null, at: entry.at, notes };
}

/** @param {() => Storage} open @param {string} key @returns {Record<string, unknown> | null} */
function readObject(open, key) {
  try {
    const value = JSON.parse(read(open, key) ?? "null");
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** @param {() => Storage} open @param {string} key */
function read(open, key) {
  try {
    return open().getItem(key);
  } catch {
    return null;
  }
}

/** @param {() => Storage} open @param {string} key @param {string} text an empty one takes the entry away */
function write(open, key, text) {
  try {
    if (text) open().setItem(key, text);
    else open().removeItem(key);
  } catch {
    // It is then remembered as long as the page.
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
