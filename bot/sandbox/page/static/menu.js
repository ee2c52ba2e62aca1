/** Menus: a button that opens a list of choices over the page. */

import { h } from "./dom.js";

const EDGE = 8; // pixels kept free around a menu
const GAP = 4;

/**
 * Makes a button open a menu, as an ARIA menu button does.
 *
 * `choices()` returns what the menu offers: each has its `text`, perhaps a `description` and an
 * `href` that opens a tab, and a function `choose`.
 */
export function opensMenu(button, choices) {
  let wasOpen = false; // the press that is to close the menu must not open it anew
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("pointerdown", () => {
    wasOpen = button.getAttribute("aria-expanded") === "true";
  });
  button.addEventListener("click", () => {
    if (!wasOpen) open(button, choices(), 0);
    wasOpen = false;
  });
  button.addEventListener("keydown", (event) => {
    const at = { ArrowDown: 0, ArrowUp: -1 }[event.key];
    if (at === undefined) return;
    event.preventDefault();
    open(button, choices(), at);
  });
}

/** Opens the menu with the focus on one of its choices. */
function open(button, choices, at) {
  const label = button.getAttribute("aria-label");
  const menu = h("div", { class: "popup", role: "menu", popover: "auto", "aria-label": label });
  menu.append(...choices.map((choice) => item(menu, choice)));
  const placing = new AbortController();
  menu.addEventListener("keydown", (event) => key(event, menu));
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    placing.abort();
    button.setAttribute("aria-expanded", "false");
    menu.remove();
  });
  (button.closest("main, dialog") ?? document.body).append(menu);
  button.focus(); // it gets the focus back from the popover, in Safari too
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  const follow = () => place(menu, button);
  document.addEventListener("scroll", follow, { capture: true, signal: placing.signal });
  window.addEventListener("resize", follow, { signal: placing.signal });
  follow();
  [...menu.children].at(at)?.focus();
}

function item(menu, { text, description, href, choose }) {
  const link = href ? { href, target: "_blank", rel: "noopener noreferrer" } : { type: "button" };
  const onclick = () => {
    menu.hidePopover();
    choose();
  };
  const attributes = { ...link, role: "menuitem", tabindex: "-1", onclick };
  const more = description && h("span", { class: "description" }, description);
  return h(href ? "a" : "button", attributes, text, more);
}

/** Moves through the choices by arrows, ends and first letters; Tab goes on from the button. */
function key(event, menu) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const starts = ({ textContent }) => textContent.toLowerCase().startsWith(event.key.toLowerCase());
  const moves = {
    ArrowDown: () => items[(at + 1) % items.length],
    ArrowUp: () => items.at(at - 1),
    Home: () => items[0],
    End: () => items.at(-1),
  };
  if (event.key === "Tab") return menu.hidePopover();
  const letter = event.key.length === 1 && event.key !== " ";
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  const next = moves[event.key]?.() ?? (letter && after.find(starts));
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Puts the menu below its button, or above it where there is more room. */
function place(menu, button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const fits = box.bottom + GAP + height <= window.innerHeight - EDGE;
  const top = fits ? box.bottom + GAP : Math.max(EDGE, box.top - GAP - height);
  const left = Math.min(Math.max(EDGE, box.right - width), window.innerWidth - width - EDGE);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}
