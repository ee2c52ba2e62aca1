/** The sidebar: people and channels to choose from. */

import { avatar, h, icon } from "./dom.js";

/** The icon for each kind of channel. */
export const ICONS = { public: "hash", private: "lock", im: "person", app: "video" };
const KINDS = {
  public: "channel",
  private: "private channel",
  im: "direct message",
  app: "messages from the app",
};
const DIRECT = ["im", "app"];

/** Draws the people as radio buttons and the channels as a list. */
export class Sidebar {
  constructor({ onUser, onChannel }) {
    this.onUser = onUser;
    this.onChannel = onChannel;
    this.people = document.getElementById("people");
    this.channels = document.getElementById("channels");
  }

  /** Draws a workspace; `nameOf(channel)` returns the name that the current person sees. */
  fill({ team, mode, users, channels }, nameOf) {
    document.getElementById("team").textContent = `${team.name} · sandbox`;
    document.getElementById("mode").textContent = `Slack reaches the bot by ${mode}.`;
    this.people.replaceChildren(...users.map((user) => this.person(user)));
    this.nameOf = nameOf;
    this.channels.replaceChildren(
      ...this.group("Channels", channels.filter(({ kind }) => !DIRECT.includes(kind))),
      ...this.group("Direct messages", channels.filter(({ kind }) => DIRECT.includes(kind))),
    );
  }

  person(user) {
    const choose = () => this.onUser(user.id);
    const radio = h("input", { type: "radio", name: "me", value: user.id, onchange: choose });
    const names = h("span", {}, h("bdi", {}, user.name), h("small", {}, `@${user.handle}`));
    return h("label", { class: "person" }, radio, avatar(user.name, user.color), names);
  }

  group(title, channels) {
    const items = channels.map((channel) => h("li", {}, this.channel(channel)));
    return items.length ? [h("h2", {}, title), h("ul", {}, ...items)] : [];
  }

  channel(channel) {
    const name = h("bdi", { class: "name" });
    const kind = h("span", { class: "for-readers" }, ` ${KINDS[channel.kind]}`);
    const unread = h("span", { class: "unread" });
    const open = () => this.onChannel(channel.id);
    const attributes = { type: "button", "data-id": channel.id, onclick: open };
    const button = h("button", attributes, icon(ICONS[channel.kind]), name, kind, unread);
    button.channel = channel;
    return button;
  }

  /** Marks the current person and place; `unread(id)` returns a channel's unread count. */
  mark(me, place, channels, unread) {
    for (const radio of this.people.querySelectorAll("input")) radio.checked = radio.value === me;
    for (const button of this.channels.querySelectorAll("button")) {
      const count = unread(button.dataset.id);
      button.parentElement.hidden = !channels.includes(button.channel);
      button.toggleAttribute("aria-current", false);
      if (button.dataset.id === place) button.setAttribute("aria-current", "page");
      button.classList.toggle("has-unread", count > 0);
      button.querySelector(".name").textContent = this.nameOf(button.channel);
      button.querySelector(".unread").replaceChildren(
        ...(count ? [String(count), h("span", { class: "for-readers" }, " unread")] : []),
      );
    }
  }
}
