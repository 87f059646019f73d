// The stand-in's memory of a visitor: tokens, history, votes, prompts of a page. It answers as the program's own routes do.

/** Keeps the turn and gives what identifies it; each answer brings a new token. */
export function rememberTurn(state, { sessionId, message }, answer, rest) {
  const turns = state.turns.get(sessionId) ?? [];
  const messageId = `018f0000-0000-7000-8000-${String(state.questions.length).padStart(12, "0")}`;
  const { sources = [], cards = [], refused = false, status = "complete" } = rest;
  turns.push({ messageId, question: message, answer, at: "2026-01-01T10:00:00Z", status, sources, cards, refused, degraded: false, vote: null });
  state.turns.set(sessionId, turns);
  return { messageId, visitorToken: `token-${state.questions.length}` };
}

/** @returns {Promise<{ status: number, body: any } | null>} null where the path is none of a visitor's */
export async function answerVisitor(request, state) {
  const { pathname, searchParams } = new URL(request.url, "http://mock");
  const isVisitors = /^\/api\/(chat\/|shops\/public\/[^/]+\/prompts$)/.test(pathname);
  if (!isVisitors) return null;
  const token = request.headers["x-palompy-visitor"] ?? null;
  let raw = "";
  for await (const piece of request) raw += piece;
  const body = raw ? JSON.parse(raw) : null;
  state.calls.push({ method: request.method, pathname, token, body });
  if (state.isDown) return { status: 503, body: { error: { code: "internal" } } };
  if (pathname.endsWith("/prompts")) return { status: 200, body: { prompts: state.prompts[searchParams.get("productId")] ?? [] } };
  const vote = /^\/api\/chat\/([^/]+)\/vote$/.exec(pathname);
  if (vote) return takeVote(state, vote[1], body);
  if (!token?.startsWith("token-")) return { status: 401, body: { error: { code: "unauthorized" } } };
  if (request.method === "DELETE") {
    state.turns.clear();
    return { status: 204, body: null };
  }
  const sessionId = searchParams.get("sessionId");
  return { status: 200, body: { sessionId, messages: state.turns.get(sessionId) ?? [] } };
}

function takeVote(state, messageId, { sessionId, value, reasons, comment }) {
  const turn = (state.turns.get(sessionId) ?? []).find((it) => it.messageId === messageId);
  if (!turn) return { status: 404, body: { error: { code: "not_found" } } };
  turn.vote = value === "none" ? null : { value, reasons, comment };
  state.votes.push({ messageId, value, reasons, comment });
  return { status: 204, body: null };
}
