/** The conversation: the messages of one channel as one person sees them. */

import { drawBlocks } from "./blockkit.js";
import { dayOf, momentOf, timeOf } from "./dates.js";
import { avatar, h, icon, sync } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

const NEAR_THE_END = 64;

/** Draws messages, keeps the newest in view, and stays put for a reader who scrolled up. */
export class Conversation {
  /** `view` has what drawing needs: `names`, `user(id)`, `bot()`, `click(message, block, item)`. */
  constructor(view) {
    this.view = view;
    this.log = document.getElementById("log");
    this.list = document.getElementById("messages");
    this.newer = document.getElementById("newer");
    this.atEnd = true;
    this.log.addEventListener("scroll", () => this.noticeScroll());
    this.newer.addEventListener("click", () => this.toEnd());
    const keep = new ResizeObserver(() => this.atEnd && this.toEnd());
    keep.observe(this.log);
    keep.observe(this.list);
  }

  /** Shows another channel or person's view from its end; a screen reader is not read all of it. */
  open(messages) {
    this.log.setAttribute("aria-live", "off");
    this.list.replaceChildren();
    this.atEnd = true;
    this.update(messages);
    this.toEnd();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
  }

  /** Shows the channel's messages as they are now. */
  update(messages) {
    const before = this.list.lastElementChild;
    const focused = this.list.contains(document.activeElement);
    sync(this.list, withDays(messages), (item) =>
      item.day ? h("li", { class: "day" }, item.day) : this.draw(item.source),
    );
    if (focused && !this.list.contains(document.activeElement)) this.log.focus();
    if (this.atEnd) this.toEnd();
    else if (this.list.lastElementChild !== before) this.newer.hidden = false;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.atEnd = true;
    this.newer.hidden = true;
  }

  noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    if (this.atEnd) this.newer.hidden = true;
  }

  draw(message) {
    const ephemeral = message.visible_to !== null;
    const { picture, name, badge } = this.author(message);
    const byline = h(
      "p",
      { class: "byline" },
      h("bdi", { class: "author" }, name),
      badge,
      h("time", { title: momentOf(message.at) }, timeOf(message.at)),
    );
    return h(
      "li",
      { class: `message ${message.kind} ${ephemeral ? "ephemeral" : ""}` },
      ephemeral ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      picture,
      h("div", { class: "body" }, byline, this.content(message)),
    );
  }

  author(message) {
    if (message.kind === "app") {
      const { name, initials } = this.view.bot();
      return { picture: sign("bot", initials), name, badge: h("span", { class: "badge" }, "APP") };
    }
    if (message.kind === "error") {
      return { picture: sign("slackbot", icon("alert")), name: "Slackbot" };
    }
    const { name, color } = this.view.user(message.user) ?? { name: "Somebody" };
    return { picture: avatar(name, color), name };
  }

  content(message) {
    if (message.kind !== "app") return h("p", { class: "plain" }, message.text);
    if (!message.blocks?.length) return mrkdwn(message.text, this.view.names);
    return drawBlocks(message.blocks, {
      names: this.view.names,
      click: (block, item) => this.view.click(message, block, item),
    });
  }
}

function sign(kind, content) {
  return h("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, content);
}

/** Puts a line before the first message of each day. */
function withDays(messages) {
  const items = [];
  let last = "";
  for (const message of messages) {
    const day = dayOf(message.at);
    if (day !== last) items.push({ key: `day ${day}`, source: day, day });
    items.push({ key: `message ${message.id}`, source: message });
    last = day;
  }
  return items;
}
