// A stand-in for the program that fails on demand: streams that break, refusals, hostile answers. It serves the widget's real files,
// and pages of a shop that lives on another origin. What it does is chosen by the words of the question.

import { createServer } from "node:http";
import { readBuiltWidget } from "./built-widget.mjs";
import { answerVisitor, rememberTurn } from "./mock-visitor.mjs";

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
    followUps: ["Какой размер рюкзака выбрать?", "Можно ли вернуть товар?"],
    cards: (pictures) => [
      { sourceId: "PL-BP101", title: "Рюкзак походный «Тропа 30»", url: "https://paloma.example/p/tropa-30", image: pictures?.[0] ?? null, price: 6490, oldPrice: 7990, currency: "RUB", inStock: true },
      { sourceId: "PL-BP102", title: "Рюкзак городской «Квартал 22» с отделением для ноутбука и дождевым чехлом", url: "https://paloma.example/p/kvartal", image: pictures?.[1] ?? null, price: 4990.5, oldPrice: null, currency: "RUB", inStock: false },
      { sourceId: "PL-TB201", title: "Термос «Норд» 0,75 л", url: null, image: null, price: 2190, oldPrice: null, currency: "RUB", inStock: null },
      { sourceId: "PL-TB202", title: "Кружка «Норд»", url: "https://paloma.example/p/nord", image: null, price: 990, oldPrice: null, currency: "RUB", inStock: true },
    ],
  },
  en: {
    answer: "Standard shipping is **$6.95**, and orders over $75 ship free [1].\n\nFor eggs, take:\n- *Cove Ceramic Nonstick Egg Pan* for $38 [2]",
    refusal: "The shop’s information has no answer to this question.",
    sources: [
      { n: 1, source_type: "policy", source_id: "policy-shipping", title: "Shipping policy", url: null },
      { n: 2, source_type: "product", source_id: "TK-106", title: "Cove Ceramic Nonstick Egg Pan, 8 in", url: "https://tideline.example/p/egg-pan" },
    ],
    followUps: ["Is it oven safe?", "How do I return it?"],
    cards: (pictures) => [
      { sourceId: "TK-106", title: "Cove Ceramic Nonstick Egg Pan, 8 in", url: "https://tideline.example/p/egg-pan", image: pictures?.[0] ?? null, price: 38, oldPrice: 49, currency: "USD", inStock: true },
      { sourceId: "TK-107", title: "Cove Ceramic Skillet, 10 in", url: "https://tideline.example/p/skillet", image: pictures?.[1] ?? null, price: 64.5, oldPrice: null, currency: "USD", inStock: false },
    ],
  },
};

/**
 * @param {{ pages?: Record<string, string>, headers?: Record<string, string>, pauseMs?: number, language?: "ru" | "en",
 *   hostileTexts?: string[], modules?: Record<string, string>, config?: object }} [options] `modules` stand in for parts of the widget, which they find as `real-NAME`
 */
export async function startMock(options = {}) {
  const { pages = {}, headers = {}, pauseMs = 25, language = "ru", hostileTexts = [], modules = {}, config = {} } = options;
  const { files, version: assets } = readBuiltWidget();
  for (const [name, text] of Object.entries(modules)) {
    for (const folder of ["ru", "en"]) {
      files.set(`${folder}/real-${name}`, files.get(`${folder}/${name}`));
      files.set(`${folder}/${name}`, Buffer.from(text));
    }
  }
  const state = { questions: [], aborted: 0, assetRequests: [], failsLeft: new Map(), hostileTexts, pauseMs, language, assets, files, turns: new Map(), votes: [], calls: [], prompts: {}, isDown: false, batches: [] };
  const name = language === "ru" ? "Палома" : "Tideline Kitchen";
  const settings = {
    name, language, greeting: null, state: "live", title: null, color: null, scheme: null, position: null, prompts: null, perks: null,
    consent: null, survey: null, ...config,
  };

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://mock");
    const page = pages[pathname];
    if (page) return send(response, 200, page, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type, X-Palompy-Visitor");
    response.setHeader("Access-Control-Allow-Methods", "GET, POST, DELETE");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    if (request.method === "OPTIONS") return send(response, 204, "");
    if (pathname === "/widget.js") return send(response, 200, files.get("widget.js"), { "Content-Type": SCRIPT });
    if (pathname.startsWith(`/widget/${assets}/`)) return sendAsset(response, pathname.split("/").slice(-2), state);
    if (pathname === `/api/shops/public/${PUBLIC_KEY}/widget`) return sendJson(response, 200, settings);
    if (pathname === "/api/analytics/events") return takeEvents(request, response, state);
    if (pathname === "/api/chat") return chat(request, response, state);
    const told = await answerVisitor(request, state);
    if (told) return told.body === null ? send(response, told.status, "") : sendJson(response, told.status, told.body);
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

function sendAsset(response, [folder, name], state) {
  state.assetRequests.push(name);
  const body = state.files.get(`${folder}/${name}`);
  if (!body) return send(response, 404, "");
  return send(response, 200, body, { "Content-Type": SCRIPT, "Cache-Control": "public, max-age=31536000, immutable" });
}

async function takeEvents(request, response, state) {
  let raw = "";
  for await (const piece of request) raw += piece;
  state.batches.push({ type: request.headers["content-type"], ...JSON.parse(raw) });
  return sendJson(response, 202, { accepted: 1, dropped: 0 });
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
  if (/whole/.test(message)) return sendJson(response, 200, done(reply.answer, { sources: reply.sources, ...rememberTurn(state, body, reply.answer, { sources: reply.sources }) }));
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store" });
  response.on("close", () => { if (!response.writableEnded) state.aborted += 1; });
  const answer = answerTo(message, reply, state);
  const isCut = /die once/.test(message) && takeFailure(state, message);
  await stream(response, answer.text, { isCut, hangs: /never end/.test(message), pauseMs: state.pauseMs });
  if (isCut) rememberTurn(state, body, answer.text.slice(0, 27), { status: "interrupted" });
  if (isCut || response.destroyed || response.writableEnded) return;
  const { text, ...rest } = answer;
  emit(response, "sources", { sources: rest.sources });
  emit(response, "done", done(text, { ...rest, ...rememberTurn(state, body, text, rest) }));
  if (/collect later/.test(message)) {
    await new Promise((resolve) => setTimeout(resolve, 10 * state.pauseMs));
    emit(response, "collected", { collectedData: { email: "anna@example.ru", intent: "question" } });
  }
  response.end();
}

/** What is answered to the words of a question. */
function answerTo(message, reply, state) {
  const hostile = /hostile (\d+)/.exec(message);
  const isRefusal = /Войну и мир|War and Peace/.test(message);
  const common = { refused: isRefusal, collectedData: /\+7/.test(message) ? { phone: "+79001234567", intent: "order" } : null };
  if (hostile) {
    const text = state.hostileTexts[Number(hostile[1])];
    const card = { sourceId: text, title: text, url: text, image: text, price: text, oldPrice: text, currency: text, inStock: true };
    return { ...common, text, sources: [{ n: 1, source_type: text, source_id: text, title: text, url: text }], cards: [card], followUps: [text] };
  }
  if (isRefusal) return { ...common, text: reply.refusal, sources: [] };
  const { answer, sources, cards, followUps } = reply;
  if (/cards/.test(message)) return { ...common, text: answer, sources, cards: cards(state.pictures), followUps };
  if (/long/.test(message)) return { ...common, text: Array(12).fill(answer).join("\n\n"), sources };
  return { ...common, text: answer, sources };
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
  return { answer, language: "ru", sources: [], collectedData: null, degraded: false, refused: false, ...rest };
}
