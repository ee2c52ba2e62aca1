/** The content of an empty conversation: commands to try, or how to install the app. */

import { h } from "./dom.js";

/** Returns the content for a place; `fill(text)` puts a line into the composer. */
export function invitation({ install_url: url, bot, commands }, place, kind, fill) {
  const sign = h("img", { src: "/static/favicon.svg", width: "44", height: "44", alt: "" });
  if (url) return [sign, ...install(url, bot.name)];
  if (kind === "app") return [sign, ...messagesFrom(bot.name)];
  return [
    sign,
    h("h3", {}, `Start a meeting ${kind === "im" ? "with" : "in"} ${place}`),
    h("p", {}, "Type a command below, or try one of these:"),
    h("ul", {}, ...ideas(commands[0]?.command ?? "/meet", fill)),
  ];
}

function messagesFrom(name) {
  return [
    h("h3", {}, `Messages from ${name}`),
    h("p", {}, "Nobody has invited you yet. Whoever does in a command sends you its card here."),
  ];
}

function install(url, name) {
  return [
    h("h3", {}, `Add ${name} to this workspace`),
    h("p", {}, "Nobody has installed it here yet. You’ll see what it may do, and then Slack asks you."),
    h("a", { class: "button primary", href: url }, "Add to Slack"),
  ];
}

function ideas(command, fill) {
  const lines = [
    [`${command} Weekly sync us001`, "a meeting with a name and a region"],
    [`${command} standup with @jonas`, "the region is up to you, and Jonas is invited"],
    [`${command} x uk001`, "a mistake, which only you will see"],
    [`${command} help`, "everything else you can say"],
  ];
  return lines.map(([text, what]) => {
    const chip = h("button", { type: "button", class: "chip", onclick: () => fill(text) }, text);
    return h("li", {}, chip, h("span", {}, what));
  });
}
