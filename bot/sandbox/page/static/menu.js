/** Menus: a button opens a list of choices over the page. */

import { h } from "./dom.js";

const EDGE = 8; // minimum distance between a menu and the window's edges, in pixels
const GAP = 4;

/**
 * Makes a button open a menu, following ARIA's menu button pattern.
 *
 * `choices()` returns the menu's items, each with its `text`, a function `choose`, and optionally a
 * `description` and an `href` that opens in a new tab.
 */
export function opensMenu(button, choices) {
  let wasOpen = false; // the click that closes the menu must not reopen it
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

/** Opens the menu with the focus on the item at an index. */
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
  button.focus(); // the popover returns the focus to it, also in Safari
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

/** Moves the focus with arrow keys, Home, End and first letters; Tab closes the menu. */
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

/** Places the menu below its button, or above it if it doesn't fit below. */
function place(menu, button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const fits = box.bottom + GAP + height <= window.innerHeight - EDGE;
  const top = fits ? box.bottom + GAP : Math.max(EDGE, box.top - GAP - height);
  const left = Math.min(Math.max(EDGE, box.right - width), window.innerWidth - width - EDGE);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}
