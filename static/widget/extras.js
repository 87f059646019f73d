// @ts-check
// What a visitor may ask of the panel and most never do: the menu, the reasons of a bad vote, the form for contacts. One file, which
// is smaller than three.

import { createLeadForm } from "./lead-form.js";
import { askForget, toggleMenu } from "./menu.js";
import { createVoteForm } from "./vote-form.js";

export const extras = { askForget, createLeadForm, createVoteForm, toggleMenu };
