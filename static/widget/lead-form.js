// @ts-check
// The form in which a visitor leaves contacts or asks for a person. Loaded when it is first wanted; what it needs of the panel comes
// in through the host. The server checks every field; its words about them are shown where they belong.

import { element } from "./dom.js";

export const CATALOGS = {
  ru: {
    title: "Оставьте контакты",
    title_handoff: "Позвать человека",
    hint: "Сотрудник увидит переписку. Контакты не обязательны.",
    name: "Имя",
    phone: "Телефон",
    email: "Эл. почта",
    way: "Как лучше связаться",
    notes: "Комментарий",
    consent: "Я согласен на обработку моих данных",
    policy: "Подробнее",
    send: "Отправить",
    cancel: "Отмена",
    failed: "Не получилось отправить. Попробуйте ещё раз.",
    wait: "Слишком много попыток. Подождите минуту.",
  },
  en: {
    title: "Leave your contacts",
    title_handoff: "Talk to a person",
    hint: "The staff will see this chat. Contacts are optional.",
    name: "Name",
    phone: "Phone",
    email: "E-mail",
    way: "How to reach you",
    notes: "Comment",
    consent: "I agree to the processing of my data",
    policy: "More about it",
    send: "Send",
    cancel: "Cancel",
    failed: "It could not be sent. Please try again.",
    wait: "Too many attempts. Wait a minute.",
  },
};

const MESSENGERS = { telegram: "Telegram", whatsapp: "WhatsApp", viber: "Viber", sms: "SMS", vk: "VK", max: "MAX" };
// The server takes a form that comes sooner for a program's; nobody is that fast, but a browser's autofill may be.
const LEAST_MS = 1000;
const LIMIT_MS = 20_000;

/**
 * @typedef {{ language: "ru" | "en", base: string, publicKey: string, sessionId: () => string, token?: () => string | null,
 *   announce: (text: string) => void, emit: (name: string, detail?: object) => void, track?: (name: string, metadata?: object) => void,
 *   note?: (name: string) => unknown, config?: { consent?: Consent | null } | null }} Host
 * @typedef {{ required: boolean, version: string, text: string, url: string | null }} Consent
 * @typedef {Partial<Record<"name" | "phone" | "email" | "notes" | "orderNumber" | "preferredContact", string | null>>} Prefill
 * @typedef {{ isSent: boolean, message?: string }} Result `message` is the server's sentence for the visitor
 */

/**
 * @param {Host} host
 * @param {{ intent: string | null, prefill?: Prefill, onDone: (result: Result) => void }} options
 * @returns {HTMLFormElement}
 */
export function createLeadForm(host, { intent, prefill = {}, onDone }) {
  const words = CATALOGS[host.language];
  const isHandoff = intent === "handoff";
  const openedAt = performance.now();
  const fields = {
    name: field("name", words.name, "input", { autocomplete: "name", maxlength: 100 }, prefill),
    phone: field("phone", words.phone, "input", { type: "tel", inputmode: "tel", autocomplete: "tel", maxlength: 40 }, prefill),
    email: field("email", words.email, "input", { type: "email", inputmode: "email", autocomplete: "email", maxlength: 254 }, prefill),
    preferredContact: field("preferredContact", words.way, "select", {}, prefill, wayOptions(words)),
    notes: field("notes", words.notes, "textarea", { rows: 2, maxlength: 2000 }, prefill),
  };
  let consent = consentBox(host.config?.consent, host, words);
  const trap = element("input", { name: "website", tabindex: "-1", autocomplete: "off" });
  const problem = element("p", { class: "form-error", role: "alert" });
  const send = element("button", { class: "primary", type: "submit" }, words.send);
  const title = isHandoff ? words.title_handoff : words.title;
  const form = element("form", { class: "form lead-form", novalidate: true, "aria-label": title, lang: host.language },
    element("p", { class: "form-title" }, title),
    isHandoff && element("p", {}, words.hint),
    ...Object.values(fields).map((it) => it.box), consent.box,
    element("div", { class: "hidden-text", "aria-hidden": "true" }, trap), problem,
    element("div", { class: "form-row" }, send,
      element("button", { class: "ghost", type: "button", onclick: () => onDone({ isSent: false }) }, words.cancel)));

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-disabled") !== "true") void submit();
  });

  async function submit() {
    show([]);
    // Not `disabled`: that would take the focus away from under a keyboard.
    send.setAttribute("aria-disabled", "true");
    try {
      await new Promise((resolve) => setTimeout(resolve, openedAt + LEAST_MS - performance.now()));
      const { status, body } = await post(host, request());
      if (status === 201) return done(body);
      const problems = body?.error?.fields ?? [];
      if (problems.some((/** @type {Problem} */ it) => it.path === "consent.version")) await renewConsent();
      if (problems.length > 0) show(problems);
      else problem.textContent = status === 429 ? words.wait : words.failed;
    } catch {
      problem.textContent = words.failed;
    } finally {
      send.removeAttribute("aria-disabled");
    }
  }

  function request() {
    const values = Object.fromEntries(Object.entries(fields).map(([name, it]) => [name, it.input.value.trim() || null]));
    return {
      shopPublicKey: host.publicKey, sessionId: host.sessionId(), ...values, intent, orderNumber: prefill.orderNumber ?? null,
      consent: consent.answer(), website: trap.value, pageUrl: location.href, lang: host.language,
      elapsedMs: Math.round(performance.now() - openedAt),
    };
  }

  /** @param {{ collectedData: object, message?: string }} answer */
  function done({ collectedData, message }) {
    host.emit("lead", { ...collectedData, sessionId: host.sessionId(), pageUrl: location.href });
    host.track?.("lead_sent", { intent: intent ?? "none" });
    onDone({ isSent: true, message });
  }

  /** Each problem at its field, the first one focused; what belongs to no field stands below. @param {Problem[]} problems */
  function show(problems) {
    problem.textContent = "";
    const places = { ...fields, "consent.accepted": consent, "consent.version": consent };
    for (const place of Object.values(places)) place.tell("");
    /** @type {HTMLElement | undefined} */
    let first;
    for (const { path, message } of problems) {
      const place = places[/** @type {keyof typeof places} */ (path)];
      if (place?.input) (place.tell(message), first ??= place.input);
      else problem.textContent = `${problem.textContent} ${message}`.trim();
    }
    first?.focus();
  }

  /** The shop has changed the words meanwhile. */
  async function renewConsent() {
    const response = await fetch(`${host.base}/api/shops/public/${host.publicKey}/widget`, { credentials: "omit", cache: "reload" });
    const fresh = consentBox((await response.json()).consent, { ...host, note: undefined }, words);
    consent.box.replaceWith(fresh.box);
    consent = fresh;
  }
  return form;
}

/** @typedef {{ path: string, message: string }} Problem */

/** @param {Host} host @param {object} body */
async function post(host, body) {
  const token = host.token?.();
  const response = await fetch(`${host.base}/api/leads`, {
    method: "POST", credentials: "omit", body: JSON.stringify(body), signal: AbortSignal.timeout(LIMIT_MS),
    headers: { "Content-Type": "application/json", "Accept-Language": host.language, ...(token ? { "X-Palompy-Visitor": token } : {}) },
  });
  return { status: response.status, body: await response.json().catch(() => null) };
}

/**
 * @template {"input" | "select" | "textarea"} Tag
 * @param {string} name @param {string} label @param {Tag} tag @param {Record<string, unknown>} attributes @param {Record<string, unknown>} prefill
 * @param {HTMLOptionElement[]} [options]
 */
function field(name, label, tag, attributes, prefill, options = []) {
  const input = element(tag, { class: "input", name, ...attributes }, ...options);
  input.value = String(prefill[name] ?? "");
  return { ...withProblem(input, name, (error) => element("div", {}, element("label", { class: "form-label" }, label, input), error)), input };
}

/**
 * @template {HTMLElement} Input
 * @param {Input} input @param {string} name @param {(error: HTMLElement) => HTMLElement} wrap
 */
function withProblem(input, name, wrap) {
  const error = element("p", { class: "form-error", id: `palompy-lead-${name}` });
  const tell = (/** @type {string} */ message) => {
    error.textContent = message;
    input.toggleAttribute("aria-invalid", false);
    if (message) (input.setAttribute("aria-invalid", "true"), input.setAttribute("aria-describedby", error.id));
    else input.removeAttribute("aria-describedby");
  };
  return { box: wrap(error), tell };
}

/** @param {typeof CATALOGS["en"]} words */
function wayOptions(words) {
  const names = { "": "—", phone: words.phone, email: words.email, ...MESSENGERS };
  return Object.entries(names).map(([value, name]) => element("option", { value }, name));
}

/** The box for the shop's consent text; none when it asks for none, or when this version was agreed to before. @param {Consent | null | undefined} consent @param {Host} host @param {typeof CATALOGS["en"]} words */
function consentBox(consent, host, words) {
  const isGiven = Boolean(consent) && host.note?.("consent") === consent?.version;
  const answer = (/** @type {boolean} */ accepted) => consent ? { accepted, version: consent.version } : null;
  if (!consent || isGiven) return { box: element("span", { hidden: true }), input: null, tell: () => {}, answer: () => answer(isGiven) };
  const input = element("input", { type: "checkbox", name: "consent" });
  const link = /^https?:/i.test(consent.url ?? "")
    && element("a", { href: consent.url, target: "_blank", rel: "noopener noreferrer" }, words.policy);
  const parts = withProblem(input, "consent", (error) =>
    element("div", {}, element("label", { class: "check" }, input, element("span", {}, consent.text || words.consent)), link, error));
  return { ...parts, input, answer: () => answer(input.checked) };
}
