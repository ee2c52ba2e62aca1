/** The sandbox page: holds the workspace's state and shows it as one of its people. */

import { updateCall } from "./calls.js";
import { Composer, examplesFor } from "./composer.js";
import { icon } from "./dom.js";
import { setEmoji } from "./emoji.js";
import { invitation } from "./invitation.js";
import { opensMenu } from "./menu.js";
import { Conversation } from "./messages.js";
import { Modal } from "./modal.js";
import { Panel } from "./panels.js";
import { connect, post } from "./server.js";
import { ICONS, Sidebar } from "./sidebar.js";
import { Versions } from "./versions.js";
import { Wire } from "./wire.js";

const byId = (id) => document.getElementById(id);

const workspace = { users: [], channels: [], commands: [], shortcuts: [], calls: {}, views: {} };
const messages = new Map();
const exchanges = new Map();
const unread = new Map();
let me = sessionStorage.getItem("me");
let place = sessionStorage.getItem("place");

const names = { user: (id) => user(id)?.name, channel: (id) => channel(id)?.name };
const view = { names, user, bot: () => workspace.bot, call: (id) => workspace.calls[id] };
const shortcuts = (type) => workspace.shortcuts.filter((one) => one.type === type);
const conversation = new Conversation({
  ...view,
  click,
  run,
  copied: (words) => composer.note(words),
  shortcuts: () => shortcuts("message"),
});
const modal = new Modal({
  submit,
  closed,
  view: {
    ...view,
    click: () => "This page reports no clicks from modals.",
    conversations: () => channels().map((one) => ({ ...one, title: titleOf(one) })),
    users: () => workspace.users,
    place: () => place,
  },
});
const wire = new Wire({ arm: (fault) => post("fault", { fault }) });
const composer = new Composer({ send, swap: () => become(other().id) });
const sidebar = new Sidebar({ onUser: become, onChannel: enter });
const versions = new Versions({ choose: use });
const places = new Panel({ panel: "sidebar", toggle: "open-sidebar", below: "48rem" });
new Panel({ panel: "wire", toggle: "open-wire", below: "72rem" });

opensMenu(byId("shortcuts"), () =>
  shortcuts("global").map((one) => ({
    text: one.name,
    description: workspace.bot.name,
    choose: () => run(one),
  })),
);

connect({
  state: load,
  message: receive,
  removed: ({ id }) => {
    messages.delete(id);
    refresh();
  },
  exchange: (exchange) => {
    exchanges.set(exchange.id, exchange);
    if (exchange.target === "VideoSDK") wire.called(exchange);
    wire.update(exchanges.values());
  },
  call: (call) => {
    workspace.calls[call.id] = call;
    updateCall(call);
  },
  view: ({ user: reader, view: shown, errors }) => {
    workspace.views[reader] = shown;
    if (reader === me) modal.show(shown, errors);
  },
  version: ({ version }) => versions.mark(version),
  connected: (yes) => {
    byId("notice").textContent = yes ? "" : "The sandbox does not answer. Trying again…";
  },
});

function user(id) {
  return workspace.users.find((one) => one.id === id);
}

function channel(id) {
  return workspace.channels.find((one) => one.id === id);
}

/** Returns the current person's conversations. */
function channels() {
  return workspace.channels.filter(({ members }) => !members.length || members.includes(me));
}

/** Returns the person that the composer's avatar switches to. */
function other() {
  const at = workspace.users.findIndex(({ id }) => id === me);
  return workspace.users[(at + 1) % workspace.users.length];
}

/** Returns a conversation's name; a direct message has the other person's. */
function nameOf({ kind, name, members }) {
  return kind === "im" ? (user(members.find((id) => id !== me))?.name ?? name) : name;
}

function titleOf(one) {
  return `${one.kind === "public" ? "#" : ""}${nameOf(one)}`;
}

function visible(message) {
  return message.visible_to === null || message.visible_to === me;
}

function here() {
  return [...messages.values()].filter((message) => message.channel === place && visible(message));
}

/** Loads the sandbox's state, at the start and after a lost connection. */
function load(state) {
  Object.assign(workspace, state);
  setEmoji(state.emoji);
  fill(messages, state.messages);
  fill(exchanges, state.exchanges);
  me = user(me)?.id ?? workspace.users[0].id;
  byId("shortcuts").hidden = !shortcuts("global").length;
  sidebar.fill(workspace, nameOf);
  versions.fill(workspace);
  wire.offer(workspace.faults);
  wire.update(exchanges.values());
  byId("skeleton").hidden = true;
  byId("log").setAttribute("aria-busy", "false");
  open();
}

function fill(map, items) {
  map.clear();
  for (const item of items) map.set(item.id, item);
}

function receive(message) {
  const seen = message.channel === place && visible(message);
  if (!seen && !messages.has(message.id)) count(message);
  messages.set(message.id, message);
  refresh();
}

/** Counts a message as unread, for its only reader if there is one. */
function count(message) {
  const { kind, members } = channel(message.channel);
  const reader = message.visible_to ?? (kind === "app" ? members[0] : me);
  const key = `${reader} ${message.channel}`;
  if (message.user !== reader) unread.set(key, (unread.get(key) ?? 0) + 1);
}

function become(id) {
  me = id;
  sessionStorage.setItem("me", me);
  open();
}

function enter(id) {
  place = id;
  sessionStorage.setItem("place", place);
  places.closeDrawer();
  open();
}

/** Shows the current place, scrolled to its newest message. */
function open() {
  const one = channels().find(({ id }) => id === place) ?? channels()[0];
  place = one.id;
  unread.delete(`${me} ${place}`);
  const sign = one.kind === "public" ? "" : icon(ICONS[one.kind]);
  byId("channel-name").replaceChildren(sign, titleOf(one));
  byId("channel-topic").textContent = one.topic;
  byId("log").setAttribute("aria-label", `Messages in ${titleOf(one)}`);
  document.title = `${titleOf(one)} · Meet for Slack sandbox`;
  conversation.open(here());
  invite(one);
  mark();
  modal.show(workspace.views[me]);
  composer.address({
    user: user(me),
    other: other(),
    place: titleOf(one),
    commands: workspace.commands,
    people: workspace.users.filter(({ id }) => id !== me),
    examples: (command) => examplesFor(command, here()),
  });
}

/** Updates the current place. */
function refresh() {
  conversation.update(here());
  byId("empty").hidden = here().length > 0;
  mark();
}

function mark() {
  sidebar.mark(me, place, channels(), (id) => unread.get(`${me} ${id}`) ?? 0);
}

/** Shows or hides the content of an empty conversation. */
function invite(one) {
  byId("empty").hidden = here().length > 0;
  const fill = (text) => composer.fill(text);
  byId("empty").replaceChildren(...invitation(workspace, titleOf(one), one.kind, fill));
}

async function send(text) {
  conversation.toEnd();
  const { refused } = await post("command", { user: me, channel: place, text });
  return refused;
}

function click(message, { block_id = "" }, { action_id = "" }, value) {
  return ask("click", { user: me, message: message.id, action_id, block_id, value });
}

/** Runs a global shortcut, or one on a message. */
function run({ callback_id, name }, message = null) {
  const body = { user: me, channel: place, message: message?.id ?? null, callback_id };
  composer.during(name, ask("shortcut", body));
}

function submit(view_id, values) {
  return ask("submit", { user: me, view_id, values });
}

/** Closes the current person's modal. */
function closed(view_id) {
  workspace.views[me] = null;
  post("close", { user: me, view_id });
}

/** Restarts the bot with another version; returns "" or an error. */
function use(version) {
  const answer = post("version", { version });
  return composer.during("a restart", answer.then(({ refused }) => refused));
}

/** Sends a request that the sandbox passes on to the bot; returns "" or an error. */
async function ask(what, body) {
  const answer = await post(what, body);
  return answer.refused || (answer.error && `Slack says ${answer.error}`);
}
