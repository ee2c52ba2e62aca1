/** Block Kit, drawn as Slack lays it out. */

import { h, icon } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

const DRAW = { header, section, actions, context, divider: () => h("hr") };

/**
 * Draws a message's blocks.
 *
 * `view.names` finds the names behind mentions; `view.click(block, element)` reports a click and
 * resolves to "" or to Slack's error.
 */
export function drawBlocks(blocks, view) {
  const nodes = blocks.map((block) => (DRAW[block.type] ?? unknown)(block, view));
  return h("div", { class: "blocks" }, ...nodes);
}

function header(block) {
  return h("h3", { class: "block-header" }, block.text.text);
}

function section(block, view) {
  const text = block.text && words(block.text, view);
  const fields = block.fields?.map((field) => words(field, view));
  const columns = fields && h("div", { class: "fields" }, ...fields);
  const accessory = block.accessory && element(block, block.accessory, view);
  return h("div", { class: "block-section" }, h("div", {}, text, columns), accessory);
}

function actions(block, view) {
  const controls = block.elements.map((item) => element(block, item, view));
  return h("div", { class: "block-actions" }, ...controls);
}

function context(block, view) {
  const parts = block.elements.map((item) => words(item, view));
  return h("div", { class: "block-context" }, ...parts);
}

function unknown(block) {
  return h("p", { class: "undrawn" }, `A “${block.type}” block, which this page does not draw.`);
}

/** Draws a text object; an image among them is told by its description alone. */
function words(text, view) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, view.names, text.verbatim);
  return h("div", { class: "plain" }, text.text ?? text.alt_text);
}

function element(block, item, view) {
  return item.type === "button" ? button(block, item, view) : unknown(item);
}

/** Draws a button; one with a url is a link that opens a tab, and Slack still reports the click. */
function button(block, item, view) {
  const link = /^https?:\/\//i.test(item.url ?? "");
  const attributes = link
    ? { href: item.url, target: "_blank", rel: "noopener noreferrer", title: "Opens in a new tab" }
    : { type: "button" };
  const control = h(link ? "a" : "button", attributes, item.text.text);
  control.className = `button ${item.style ?? ""}`;
  if (item.accessibility_label) control.setAttribute("aria-label", item.accessibility_label);
  control.addEventListener("click", () => report(control, view.click(block, item)));
  return control;
}

/** Shows that a click is on its way, and Slack's warning where the bot did not acknowledge it. */
async function report(control, answer) {
  control.setAttribute("aria-busy", "true");
  const error = await answer;
  control.removeAttribute("aria-busy");
  control.parentElement?.querySelector(".unacknowledged")?.remove();
  if (!error) return;
  const warning = h("span", { class: "unacknowledged", role: "alert" }, icon("alert"), error);
  control.after(warning);
}
