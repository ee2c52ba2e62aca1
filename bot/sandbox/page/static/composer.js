/** The composer: a message box with command suggestions. */

import { avatar, h } from "./dom.js";

const ID = /`([a-z0-9]{4}(?:-[a-z0-9]{4}){2})`/g;

/** Takes text, suggests commands, and shows the status of requests. */
export class Composer {
  /** `send(text)` resolves to "", or to the reason why the line was not sent. */
  constructor({ send, swap }) {
    this.send = send;
    this.commands = [];
    this.people = [];
    this.examples = () => [];
    this.shown = [];
    this.active = 0;
    this.dismissed = false;
    this.pending = new Set();
    this.hinted = "";
    this.composer = document.getElementById("composer");
    this.input = document.getElementById("input");
    this.list = document.getElementById("commands");
    this.hint = document.getElementById("hint");
    this.working = document.getElementById("working");
    this.me = document.getElementById("me");
    this.sender = document.getElementById("send"); // disabled, as is Enter, until `address`
    this.composer.addEventListener("submit", (event) => this.submit(event));
    this.input.addEventListener("input", () => this.edited());
    this.input.addEventListener("input", () => this.showStatus());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.dismiss());
    this.me.addEventListener("click", swap);
    document.addEventListener("keydown", (event) => this.typeAnywhere(event));
  }

  /** Sets the user and the place; `examples(command)` returns arguments to suggest. */
  address({ user, other, place, commands, people, examples }) {
    this.commands = commands;
    this.people = people;
    this.examples = examples;
    const label = ["Message ", h("bdi", {}, place), " as ", h("bdi", {}, user.name)];
    document.getElementById("input-label").replaceChildren(...label);
    const spoken = `You are ${user.name}. Switch to ${other.name}`;
    const forReaders = h("span", { class: "for-readers" }, spoken);
    this.me.replaceChildren(avatar(user.name, user.color), forReaders);
    this.me.title = `You are ${user.name}. Click to be ${other.name}.`;
    this.me.disabled = this.sender.disabled = false;
    this.edited();
    this.showStatus();
  }

  /** Puts a line into the box without sending it. */
  fill(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.edited();
  }

  edited() {
    this.dismissed = false;
    this.active = 0;
    this.grow();
    this.draw();
  }

  /** Grows the box to fit its lines, up to the style sheet's limit. */
  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  dismiss() {
    this.dismissed = true;
    this.draw();
  }

  draw() {
    const text = this.input.value;
    this.shown = this.dismissed ? [] : [...this.commandsFor(text), ...this.peopleFor(text)];
    this.list.replaceChildren(...this.shown.map((one, at) => this.option(one, at)));
    this.list.hidden = !this.shown.length;
    if (this.list.hidden) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `command-${this.active}`);
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
    const typed = this.commands.find(({ command }) => text.match(/^\S+(?=\s)/)?.[0] === command);
    this.drawHint(typed, text.slice(typed?.command.length));
  }

  /** Returns the commands that complete a line, each with the completed line. */
  commandsFor(text) {
    if (!text.startsWith("/")) return [];
    const fitting = this.commands.filter(({ command }) => command.startsWith(text));
    return fitting.map((one) => ({ ...one, word: one.command, line: `${one.command} ` }));
  }

  /** Returns the people whose mention a line may be starting. */
  peopleFor(text) {
    const [tail, typed] = text.match(/(?<=^|\s)@([\p{L}\p{N}._-]*)$/u) ?? [];
    if (typed === undefined) return [];
    const before = text.slice(0, text.length - tail.length);
    const fits = (name) => name.toLowerCase().startsWith(typed.toLowerCase());
    const fitting = this.people.filter(({ name, handle }) => fits(name) || fits(handle));
    return fitting.map(({ name, handle }) => {
      return { word: `@${handle}`, hint: name, description: "", line: `${before}@${handle} ` };
    });
  }

  option({ word, hint, description, line }, at) {
    const attributes = {
      id: `command-${at}`,
      role: "option",
      "aria-selected": String(at === this.active),
      onmousedown: (event) => event.preventDefault(),
      onclick: () => this.fill(line),
    };
    const usage = h("span", { class: "usage" }, h("b", {}, word), ` ${hint}`);
    return h("li", attributes, usage, h("span", { class: "description" }, description));
  }

  /** Shows the usage of the typed command, with examples until there is an argument. */
  drawHint(command, argument = "") {
    const name = command?.command ?? "";
    const examples = command && !argument.trim() ? this.examples(name) : [];
    const key = [name, ...examples].join("\n");
    if (key === this.hinted) return; // screen readers announce the hint once, not at every letter
    this.hinted = key;
    this.hint.hidden = !command;
    if (!command) return;
    const description = h("span", {}, command.description);
    const usage = h("p", {}, h("b", {}, name), ` ${command.hint} `, description);
    const chips = examples.map((example) => this.chip(name, example));
    this.hint.replaceChildren(usage, chips.length ? h("div", { class: "chips" }, ...chips) : "");
  }

  chip(name, example) {
    const fill = () => this.fill(`${name} ${example}`);
    return h("button", { type: "button", class: "chip", onclick: fill }, example);
  }

  key(event) {
    if (event.isComposing) return;
    const sends = event.key === "Enter" && !event.shiftKey;
    if (!this.shown.length && !sends) return;
    const { line } = this.shown[this.active] ?? {};
    const complete = sends && (!line || this.input.value === line.trimEnd());
    if (complete) {
      if (!this.sender.disabled) this.composer.requestSubmit();
    } else if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (event.key === "Escape") this.dismiss();
    else if ((event.key === "Tab" && !event.shiftKey) || sends) this.fill(line);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(step) {
    this.active = (this.active + step + this.shown.length) % this.shown.length;
    this.draw();
  }

  /** Focuses the box when somebody starts typing anywhere, like Slack. */
  typeAnywhere(event) {
    const letter = event.key.length === 1 && event.key !== " ";
    const shortcut = event.ctrlKey || event.metaKey || event.altKey;
    if (letter && !shortcut && document.activeElement === document.body) this.input.focus();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.edited();
    const refusal = await this.during(text.startsWith("/") ? text : "", this.send(text));
    if (refusal && !this.input.value) this.fill(text);
  }

  /** Shows that the bot is busy until `answer` resolves to "" or to an error, and returns that. */
  async during(what, answer) {
    const request = { what };
    this.pending.add(request);
    this.showStatus();
    const refusal = await answer;
    this.pending.delete(request);
    this.showStatus(refusal);
    return refusal;
  }

  /** Shows a short notice. */
  note(words) {
    this.showStatus();
    this.working.textContent = words;
  }

  /** Shows what the bot is working on, or why a line was not sent. */
  showStatus(refusal = "") {
    const [first, ...others] = [...this.pending].filter(({ what }) => what);
    const what = others.length ? `${others.length + 1} answers` : first?.what;
    this.working.textContent = refusal || (first ? `Waiting for the bot: ${what}` : "");
    this.working.classList.toggle("busy", Boolean(first) && !refusal);
    this.working.classList.toggle("refused", Boolean(refusal));
  }
}

/** Returns arguments to suggest: for a meeting, or the newest meeting IDs in the channel. */
export function examplesFor(command, messages) {
  if (!command.endsWith("-check")) return ["Weekly sync us001", "standup eu001", "help"];
  const seen = [...JSON.stringify(messages).matchAll(ID)].map(([, id]) => id);
  return [...new Set(seen.reverse())].slice(0, 3).concat("abcd-efgh-ijkl");
}
