// @ts-check
// The two thumbs under an answer. Which one is pressed can be changed; the reasons for a bad vote are loaded when they are asked for.

import { element, icon } from "./dom.js";

/**
 * @typedef {import("./conversation.js").Message} Message
 * @typedef {import("./conversation.js").Vote} Vote
 */

/** @param {Message} message @param {import("./view-message.js").Surroundings} surroundings */
export function renderVotes(message, { t, language, onVote }) {
  let vote = message.vote;
  /** @type {HTMLElement | null} */
  let form = null;
  const said = element("span", { class: "said", role: "status" });
  const up = thumb("up");
  const down = thumb("down");
  const row = element("div", { class: "votes" }, up, down, said);
  const whole = element("div", { class: "vote" }, row);

  /** @param {"up" | "down"} value */
  function thumb(value) {
    return element("button", { class: `thumb ${value}`, type: "button", "aria-label": t(`vote_${value}`), title: t(`vote_${value}`), onclick: () => press(value) }, icon("up"));
  }
  function draw() {
    up.setAttribute("aria-pressed", String(vote.value === "up"));
    down.setAttribute("aria-pressed", String(vote.value === "down"));
  }

  /** Shown as pressed at once and taken back when the server did not take it. @param {Vote} next @returns {Promise<boolean>} */
  async function save(next) {
    const before = vote;
    vote = next;
    draw();
    said.replaceChildren();
    try {
      await onVote(message, next);
      if (vote === next) said.replaceChildren(next.value === "none" ? "" : t("vote_thanks"));
      return true;
    } catch {
      if (vote === next) vote = before;
      draw();
      said.replaceChildren(t("failed"));
      return false;
    }
  }

  /** @param {"up" | "down"} value */
  async function press(value) {
    const isSame = vote.value === value;
    form?.remove();
    form = null;
    const isSaved = await save(isSame ? { value: "none", reasons: [], comment: "" } : { value, reasons: [], comment: "" });
    if (!isSaved || isSame || value !== "down") return;
    const { extras } = await import("./extras.js");
    if (vote.value !== "down" || form) return;
    form = extras.createVoteForm(language, async (reasons, comment) => {
      if (!await save({ value: "down", reasons, comment })) return false;
      form?.remove();
      form = null;
      down.focus();
      return true;
    });
    whole.append(form);
    form.scrollIntoView({ block: "nearest" });
  }

  draw();
  return whole;
}
