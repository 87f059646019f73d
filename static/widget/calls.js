// @ts-check
// The widget's plain calls: JSON there, JSON back, the visitor's token as a header. The chat stream has a module of its own.

const LIMIT_MS = 20_000;

/**
 * @typedef {{ status: number, body: any }} Reply `body` is null where the answer has none or it is no JSON
 * @typedef {(method: "GET" | "POST" | "DELETE", path: string, body?: object) => Promise<Reply>} Call rejects when there is no answer
 */

/** The header that proves who the visitor is, where there is a proof. @param {string | null} token @returns {Record<string, string>} */
export function visitorHeader(token) {
  return token ? { "X-Palompy-Visitor": token } : {};
}

/** @param {string} base @param {() => string | null} token @returns {Call} `path` is what follows `/api/` */
export function createCall(base, token) {
  return async (method, path, body) => {
    /** @type {Record<string, string>} */
    const headers = body ? { ...visitorHeader(token()), "Content-Type": "application/json" } : visitorHeader(token());
    const response = await fetch(`${base}/api/${path}`, {
      method, headers, credentials: "omit", body: body && JSON.stringify(body), signal: AbortSignal.timeout(LIMIT_MS),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  };
}
