/** Helpers that build the page's elements; text is only inserted as text nodes. */

/** Creates an element; `on…` attributes are listeners, empty attributes are omitted. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Draws one of the symbols in index.html. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Draws initials on the person's colour, in black or white, whichever has more contrast. */
export function avatar(name, color = "") {
  const words = name.trim().split(/\s+/u);
  const letters = [words[0], ...words.slice(1).slice(-1)].map((word) => [...word][0] ?? "");
  const initials = letters.join("").toUpperCase();
  const node = h("span", { class: "avatar", "aria-hidden": "true" }, initials);
  if (/^#[0-9a-f]{6}$/i.test(color)) {
    node.style.backgroundColor = color;
    node.style.color = luminance(color) > 0.179 ? "#000000" : "#ffffff";
  }
  return node;
}

function luminance(color) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const drawn = new WeakMap();

/**
 * Makes a list's children match the items. It keeps the nodes of unchanged items, so that focus,
 * open details and a screen reader's position don't change. Items have a unique `key`.
 */
export function sync(list, items, draw) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const known = old.get(item.key);
    if (known && drawn.get(known) === item.source) return known;
    const node = draw(item);
    node.dataset.key = item.key;
    drawn.set(node, item.source);
    return node;
  });
  const kept = new Set(nodes);
  for (const node of [...list.children]) if (!kept.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
}
