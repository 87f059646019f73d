// A stand-in for the program that fails on demand: streams that break, refusals, hostile answers. It serves the widget's real files,
// and pages of a shop that lives on another origin. What it does is chosen by the words of the question.

import { createServer } from "node:http";
import { readBuiltWidget } from "./built-widget.mjs";

const SCRIPT = "text/javascript; charset=utf-8";
export const PUBLIC_KEY = "6f1c2f0e-5f5e-4d0a-9d7e-0a4a2f1d9c11";

const REPLIES = {
  ru: {
    answer: "Курьером по Москве — **350 ₽**, а заказ от 5 000 ₽ привезём бесплатно [1].\n\nК походу подойдёт:\n- *«Тропа 30»* за 6 490 ₽ [2]",
    refusal: "В данных магазина нет ответа на этот вопрос.",
    sources: [
      { n: 1, source_type: "faq", source_id: "faq-delivery-cost", title: "Сколько стоит доставка и с какой суммы она бесплатная?", url: null },
      { n: 2, source_type: "product", source_id: "PL-BP101", title: "Рюкзак походный «Тропа 30»", url: "https://paloma.example/p/tropa-30" },
    ],
  },
  en: {
    answer: "Standard shipping is **$6.95**, and orders over $75 ship free [1].\n\nFor eggs, take:\n- *Cove Ceramic Nonstick Egg Pan* for $38 [2]",
    refusal: "The shop’s information has no answer to this question.",
    sources: [
      { n: 1, source_type: "policy", source_id: "policy-shipping", title: "Shipping policy", url: null },
      { n: 2, source_type: "product", source_id: "TK-106", title: "Cove Ceramic Nonstick Egg Pan, 8 in", url: "https://tideline.example/p/egg-pan" },
    ],
  },
};

/**
 * @param {{ pages?: Record<string, string>, headers?: Record<string, string>, pauseMs?: number, language?: "ru" | "en",
 *   hostileTexts?: string[] }} [options]
 */
export async function startMock(options = {}) {
  const { pages = {}, headers = {}, pauseMs = 25, language = "ru", hostileTexts = [] } = options;
  const { files, version: assets } = readBuiltWidget();
  const state = { questions: [], aborted: 0, assetRequests: [], failsLeft: new Map(), hostileTexts, pauseMs, language, assets, files };

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://mock");
    const page = pages[pathname];
    if (page) return send(response, 200, page, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    if (request.method === "OPTIONS") return send(response, 204, "");
    if (pathname === "/widget.js") return send(response, 200, files.get("widget.js"), { "Content-Type": SCRIPT });
    if (pathname.startsWith(`/widget/${assets}/`)) return sendAsset(response, pathname.split("/").at(-1), state);
    if (pathname === `/api/shops/public/${PUBLIC_KEY}/widget`) return sendJson(response, 200, { name: language === "ru" ? "Палома" : "Tideline Kitchen", language, greeting: null });
    if (pathname === "/api/chat") return chat(request, response, state);
    return sendJson(response, 404, { error: { code: "not_found", message: "not found", request_id: "r1", fields: {} } });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...state,
    state,
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, headers);
  response.end(body);
}

function sendJson(response, status, value, headers = {}) {
  send(response, status, JSON.stringify(value), { "Content-Type": "application/json", ...headers });
}

function sendAsset(response, name, state) {
  state.assetRequests.push(name);
  const body = state.files.get(name);
  if (!body) return send(response, 404, "");
  return send(response, 200, body, { "Content-Type": SCRIPT, "Cache-Control": "public, max-age=31536000, immutable" });
}

async function chat(request, response, state) {
  let raw = "";
  for await (const piece of request) raw += piece;
  const body = JSON.parse(raw);
  state.questions.push(body);
  const { message } = body;
  const reply = REPLIES[state.language];
  if (/too many/.test(message)) return sendJson(response, 429, { error: { code: "rate_limited" } }, { "Retry-After": "20" });
  if (/broken/.test(message)) return sendJson(response, 500, { error: { code: "internal" } });
  if (/whole/.test(message)) return sendJson(response, 200, done(reply.answer, { sources: reply.sources }));
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" });
  response.on("close", () => { if (!response.writableEnded) state.aborted += 1; });
  const hostile = /hostile (\d+)/.exec(message);
  const isRefusal = /Войну и мир|War and Peace/.test(message);
  const text = hostile ? state.hostileTexts[Number(hostile[1])] : isRefusal ? reply.refusal : reply.answer;
  const sources = isRefusal ? [] : hostile ? [{ n: 1, source_type: text, source_id: text, title: text, url: text }] : reply.sources;
  const isCut = /die once/.test(message) && takeFailure(state, message);
  await stream(response, text, { isCut, hangs: /never end/.test(message), pauseMs: state.pauseMs });
  if (isCut || response.destroyed || response.writableEnded) return;
  emit(response, "sources", { sources });
  emit(response, "done", done(text, { sources, refused: isRefusal, collectedData: /\+7/.test(message) ? { phone: "+79001234567", intent: "order" } : null }));
  response.end();
}

/** True the first time a question is asked and false after. */
function takeFailure(state, message) {
  if (state.failsLeft.has(message)) return false;
  state.failsLeft.set(message, 0);
  return true;
}

async function stream(response, text, { isCut, hangs, pauseMs }) {
  const pieces = text.match(/[\s\S]{1,9}/g) ?? [];
  response.write(": ping\n\n");
  for (const [at, piece] of pieces.entries()) {
    if (response.destroyed) return;
    if (isCut && at === 3) return void response.destroy();
    emit(response, "delta", { text: piece });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (hangs && at === 3) return void await new Promise((resolve) => response.once("close", resolve));
  }
}

function emit(response, event, data) {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function done(answer, rest) {
  return { answer, messageId: "018f0000-0000-7000-8000-000000000001", language: "ru", sources: [], collectedData: null, degraded: false, refused: false, ...rest };
}
