// @ts-check
// What a lazily loaded card (lead form, survey, question before deletion) may use of the panel, and how such cards are put into the
// conversation. A card gets this object and no other way in.

/**
 * @typedef {ReturnType<typeof createHost>} Host
 * @typedef {{ context: import("./panel.js").Context, session: import("./session.js").Session, view: ReturnType<typeof import("./view.js").createView>,
 *   t: import("./i18n.js").Translate, call: import("./calls.js").Call, track: (name: string, metadata?: object) => void,
 *   say: (text: string) => void }} Parts
 */

/** @param {Parts} parts */
export function createHost({ context, session, view, t, call, track, say }) {
  const { language, base, publicKey, emit, config = {}, options = {} } = context;
  const { insertCard, announce } = view;
  /** @type {Map<string, HTMLElement>} */
  const shown = new Map();

  /**
   * Puts a card in once; a second wish leads to the one that is there.
   * @param {string} name
   * @param {(done: () => void) => Promise<HTMLElement>} make
   * @param {boolean} [isQuiet] neither the focus nor the end of the conversation moves to it
   */
  async function showOnce(name, make, isQuiet = false) {
    const there = shown.get(name);
    if (there?.isConnected) return isQuiet || focusCard(there);
    try {
      const card = await make(() => {
        const hadFocus = card.matches(":focus-within");
        remove();
        if (hadFocus) view.focusInput();
      });
      if (shown.get(name)?.isConnected) return;
      shown.set(name, card);
      const remove = insertCard(card, isQuiet);
      if (!isQuiet) focusCard(card);
    } catch {
      if (!isQuiet) say(t("failed"));
    }
  }

  async function findSurvey(/** @type {number} */ id) {
    const { body } = await call("GET", `shops/public/${encodeURIComponent(publicKey)}/surveys/active?survey=${Number(id)}`);
    if (!body?.survey) throw new Error(`survey ${id} is not active`);
    return body.survey;
  }

  const host = {
    root: context.root,
    t, language, base, publicKey, config, options, emit, track, announce, call, say,
    sessionId: session.id,
    token: session.token,
    /** Small values kept with the visitor, such as when something was last asked. */
    note: session.note,
    setNote: session.setNote,
    /** The visitor has left something on the server: remember who they are. @param {unknown} [token] */
    keep: session.keep,
    /** Puts a card at the end of the conversation; call what comes back to take it out. @param {HTMLElement} card @returns {() => void} */
    insertCard,
    /** @param {string} intent "handoff" is "human, please" @param {Record<string, string>} [prefill] */
    openLead: (intent, prefill = {}) => showOnce("lead", async (remove) => {
      const { extras } = await import("./extras.js");
      const onDone = (/** @type {{ isSent: boolean, message?: string }} */ { isSent, message }) => {
        remove();
        if (!isSent) return;
        session.keep();
        if (message) say(message);
        if (intent === "handoff") emit("handoff", { sessionId: session.id() });
      };
      return extras.createLeadForm(host, { intent, prefill, onDone });
    }),
    /** @param {number} id of an active survey @param {{ trigger?: string, isQuiet?: boolean }} [options] */
    showSurvey: (id, { trigger, isQuiet } = {}) => showOnce("survey", async (remove) => {
      const [survey, { createSurvey }] = await Promise.all([findSurvey(id), import("./survey.js")]);
      return createSurvey(host, survey, { onDone: remove, trigger });
    }, isQuiet),
    /**
     * Asks beside the launcher whether the visitor would answer; what comes back takes the question away.
     * @param {number} id @param {string} trigger @param {() => void} onWanted
     */
    inviteToSurvey: async (id, trigger, onWanted) => {
      const [survey, { inviteToSurvey }] = await Promise.all([findSurvey(id), import("./survey.js")]);
      return inviteToSurvey(host, survey, trigger, onWanted);
    },
  };
  return host;
}

/** A card that is higher than the panel is read from its beginning. @param {HTMLElement} card */
function focusCard(card) {
  const first = /** @type {HTMLElement | null} */ (card.querySelector("input:not([type=hidden]):not([tabindex='-1']), textarea, select, button"));
  card.scrollIntoView({ block: "start" });
  first?.focus({ preventScroll: true });
}
