/** Draws Block Kit blocks, laid out as in Slack. */

import { callCard } from "./calls.js";
import { ask } from "./confirm.js";
import { h, icon } from "./dom.js";
import { opensMenu } from "./menu.js";
import { label, words } from "./mrkdwn.js";

const DRAW = { header, section, actions, context, call: callCard, divider: () => h("hr") };
const ELEMENTS = { button, overflow };

/**
 * Draws a message's blocks.
 *
 * `view.names` looks up the names of mentions; `view.call` and `view.user` look up calls and their
 * participants. `view.click(block, element, value)` sends a click, with the value of the chosen
 * option, and resolves to "" or to Slack's error.
 */
export function drawBlocks(blocks, view) {
  const nodes = blocks.map((block) => (DRAW[block.type] ?? unknown)(block, view));
  return h("div", { class: "blocks" }, ...nodes);
}

function header(block) {
  return h("h3", { class: "block-header" }, label(block.text));
}

function section(block, view) {
  const text = block.text && words(block.text, view.names);
  const fields = block.fields?.map((field) => words(field, view.names));
  const columns = fields && h("div", { class: "fields" }, ...fields);
  const accessory = block.accessory && element(block, block.accessory, view);
  return h("div", { class: "block-section" }, h("div", {}, text, columns), accessory);
}

function actions(block, view) {
  const controls = block.elements.map((item) => element(block, item, view));
  return h("div", { class: "block-actions" }, ...controls);
}

function context(block, view) {
  const parts = block.elements.map((item) => words(item, view.names));
  return h("div", { class: "block-context" }, ...parts);
}

function unknown({ type }) {
  return h("p", { class: "undrawn" }, `A part of type “${type}”, which this page does not draw.`);
}

function element(block, item, view) {
  return (ELEMENTS[item.type] ?? unknown)(item, block, view);
}

/** Draws a button; one with a URL is a link to a new tab, whose click Slack also reports. */
function button(item, block, view) {
  const link = /^https?:\/\//i.test(item.url ?? "");
  const attributes = link
    ? { href: item.url, target: "_blank", rel: "noopener noreferrer", title: "Opens in a new tab" }
    : { type: "button" };
  const control = h(link ? "a" : "button", attributes, label(item.text));
  control.className = `button ${item.style ?? ""}`;
  if (item.accessibility_label) control.setAttribute("aria-label", item.accessibility_label);
  control.addEventListener("click", () => {
    press(control, item, view, () => view.click(block, item));
  });
  return control;
}

/** Draws an overflow menu, each option of which is a click. */
function overflow(item, block, view) {
  const attributes = { type: "button", class: "button overflow", "aria-label": "More options" };
  const control = h("button", attributes, icon("more"));
  const offer = ({ text, description, url, value }) => ({
    text: label(text),
    description: description && label(description),
    href: /^https?:\/\//i.test(url ?? "") ? url : null,
    choose: () => press(control, item, view, () => view.click(block, item, value)),
  });
  opensMenu(control, () => item.options.map(offer));
  return control;
}

/** Sends a click, after a confirmation if the bot requests one. */
async function press(control, { confirm }, view, click) {
  if (!confirm || (await ask(confirm, view.names))) await report(control, click());
}

/** Shows that a click is being sent, and Slack's warning if the bot doesn't acknowledge it. */
async function report(control, answer) {
  control.setAttribute("aria-busy", "true");
  const error = await answer;
  control.removeAttribute("aria-busy");
  control.parentElement?.querySelector(".unacknowledged")?.remove();
  if (!error) return;
  const warning = h("span", { class: "unacknowledged", role: "alert" }, icon("alert"), error);
  control.after(warning);
}
