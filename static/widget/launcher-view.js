// @ts-check
// The widget's own element on the page and the round button in it. It keeps its place when the page swaps its body.

import launcherSheet from "./launcher.css" with { type: "css" };
import { inkOn } from "./color.js";

const LABELS = {
  ru: ["Открыть чат с ИИ-ассистентом", "Закрыть чат"],
  en: ["Open the AI assistant chat", "Close the chat"],
};

const ICONS = {
  chat: "M20.5 11.4c0 4.2-3.8 7.6-8.5 7.6-1 0-2-.16-2.9-.45L4 20.5l1.3-3.9a7.1 7.1 0 0 1-1.8-5.2C3.5 7.2 7.3 3.8 12 3.8M17.4 2.4l.85 2.15"
    + " 2.15.85-2.15.85-.85 2.15-.85-2.15-2.15-.85 2.15-.85z",
  down: "M6 9.5l6 6 6-6",
};

/** @param {[string, string]} icon class and path */
function draw([name, path]) {
  const [svg, shape] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("class", name);
  svg.setAttribute("viewBox", "0 0 24 24");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** Draws the button. @param {import("./options.js").Options} options @param {"ru" | "en"} language */
export function createLauncher({ color, scheme = "auto", position = "right", launcher, inline, offsetX = "20", offsetY = "20", zIndex }, language) {
  const host = document.createElement("palompy-widget");
  const root = host.attachShadow({ mode: "open" });
  const looks = new CSSStyleSheet();
  looks.replaceSync(`:host{--plm-x:${offsetX}px;--plm-y:${offsetY}px${zIndex ? `;z-index:${zIndex}!important` : ""}`
    + `${color ? `;--plm-accent:${color}!important;--plm-accent-ink:${inkOn(color)}!important` : ""}}`);
  root.adoptedStyleSheets = [launcherSheet, looks];
  Object.assign(host.dataset, { scheme, position });

  const button = document.createElement("button");
  button.type = "button";
  button.className = "launcher";
  button.hidden = Boolean(inline) || launcher === "none";
  button.setAttribute("aria-haspopup", "dialog");
  button.append(...Object.entries(ICONS).map(draw));
  root.append(button);
  // The page sees the widget's element as the target of every key, so its shortcuts would fire while a visitor types.
  for (const type of ["keydown", "keypress", "keyup"]) root.addEventListener(type, (event) => event.stopPropagation());

  let isOpen = false;
  const view = {
    host, root, button,
    /** Where an inline panel stands. @type {Element | null} */
    place: null,
    setExpanded(/** @type {boolean} */ expanded) {
      isOpen = expanded;
      button.setAttribute("aria-expanded", String(isOpen));
      button.setAttribute("aria-label", LABELS[language][Number(isOpen)]);
    },
    setLanguage(/** @type {"ru" | "en"} */ next) {
      language = button.lang = next;
      view.setExpanded(isOpen);
    },
    /** A page that swaps its body, as Turbo does, takes the element with it. */
    stay() {
      if (host.isConnected) return;
      const home = view.place ?? document.body;
      home.append(host);
      for (const parent of [document.documentElement, home]) observer.observe(parent, { childList: true });
    },
    remove() {
      observer.disconnect();
      host.remove();
    },
  };
  const observer = new MutationObserver(view.stay);
  view.setLanguage(language);
  view.stay();
  return view;
}
