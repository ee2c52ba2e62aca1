/** Draws the cards of calls: state, participants and duration. */

import { lengthOf, momentOf, timeOf } from "./dates.js";
import { avatar, h, icon, sync } from "./dom.js";

const MAX_PEOPLE = 12;
const COLORS = ["#5b21b6", "#115e59", "#8a3a17", "#17558f", "#862a5a", "#425a10"];

/** Draws the card of a call block; `view.call(id)` and `view.user(id)` look up its data. */
export function callCard({ call_id }, view) {
  const card = h(
    "div",
    { class: "call", role: "group", "data-call": call_id },
    h("span", { class: "sign" }, icon("video")),
    h("div", { class: "what" }, h("h3"), h("p", { class: "state" })),
    h("ul", { class: "people-in", "aria-label": "In the call" }),
  );
  card.user = view.user;
  fill(card, view.call(call_id));
  return card;
}

/** Updates every card of a call in place. */
export function updateCall(call) {
  for (const card of document.querySelectorAll(".call")) {
    if (card.dataset.call === call.id) fill(card, call);
  }
}

function fill(card, call) {
  const { title = "", participants = [] } = call ?? {};
  const ended = Boolean(call?.ended_at);
  const people = ended ? [] : participants;
  const phase = ended ? "ended" : people.length ? "live" : "";
  card.className = `call ${phase}`;
  card.setAttribute("aria-label", `Call ${title}`);
  setText(card.querySelector("h3"), title || "Call");
  showState(card.querySelector(".state"), call, people.length);
  updateJoin(card, ended ? null : call);
  const list = card.querySelector("ul");
  list.hidden = !people.length;
  sync(list, rows(people), ({ source }) => row(source, card.user));
}

/** Sets a node's text only if it differs: screen readers announce every change. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows a call's state and since when; keeps the spans and only changes their text. */
function showState(state, call, count) {
  if (!state.firstChild) state.append(h("span"), h("span"), h("bdi"));
  const [now, when, display] = state.children;
  if (!call) return setText(now, "Slack does not know this call.");
  const { date_start: start, ended_at: end, duration, external_display_id: id } = call;
  const people = `${count} ${count === 1 ? "person" : "people"}`;
  const length = duration === null ? "" : ` · lasted ${lengthOf(duration)}`;
  setText(now, end ? `Ended at ${timeOf(end)}` : count ? `Live · ${people}` : "Nobody is in it now");
  setText(when, end ? length : ` · started ${timeOf(start)}`);
  setText(display, id ? ` · ID ${id}` : "");
  state.title = momentOf(end || start);
}

/** Adds, updates or removes the Join button; if it had the focus, the log gets it. */
function updateJoin(card, call) {
  const known = card.querySelector("a");
  if (call && /^https?:\/\//i.test(call.join_url)) {
    const join = known ?? h("a", { class: "button primary", target: "_blank" }, "Join");
    join.rel = "noopener noreferrer";
    join.title = "Opens in a new tab";
    join.href = call.join_url;
    join.setAttribute("aria-label", `Join ${call.title ?? "the call"}`);
    if (!known) card.querySelector(".what").after(join);
  } else if (known) {
    if (known === document.activeElement) card.closest(".log")?.focus();
    known.remove();
  }
}

/** Returns a row per person, with a stable key, and a last one that counts those not shown. */
function rows(people) {
  const shown = people.length > MAX_PEOPLE ? people.slice(0, MAX_PEOPLE - 1) : people;
  const items = shown.map(({ slack_id, external_id, name }, at) => {
    const key = slack_id ?? external_id ?? `${at} ${name}`;
    return { key, source: JSON.stringify({ slack_id, key, name }) };
  });
  const rest = people.length - shown.length;
  return rest ? [...items, { key: "rest", source: JSON.stringify({ rest }) }] : items;
}

function row(source, user) {
  const { rest, slack_id, key, name } = JSON.parse(source);
  if (rest) return h("li", {}, `and ${rest} more`);
  const member = user(slack_id);
  const shown = name || member?.name || "Somebody";
  const face = avatar(shown, member?.color ?? colorOf(key));
  const profile = member && { class: "member", title: `@${member.handle}` };
  return h("li", profile ?? {}, face, h("bdi", {}, shown));
}

function colorOf(key) {
  const sum = [...key].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return COLORS[sum % COLORS.length];
}
