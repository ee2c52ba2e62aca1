/** The conversation: the messages of a channel as one person sees them. */

import { drawBlocks } from "./blockkit.js";
import { dayOf, momentOf, timeOf } from "./dates.js";
import { avatar, h, icon, sync } from "./dom.js";
import { opensMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";

const NEAR_THE_END = 64;

/** Draws messages, and follows the newest unless the reader has scrolled up. */
export class Conversation {
  /**
   * `view` has `names`, `user(id)`, `bot()`, `call(id)`, `shortcuts()` for messages,
   * `click(message, block, item, value)`, `run(shortcut, message)` and `copied(words)`, which shows
   * a notice after copying.
   */
  constructor(view) {
    this.view = view;
    this.log = document.getElementById("log");
    this.list = document.getElementById("messages");
    this.newer = document.getElementById("newer");
    this.atEnd = true;
    this.unseen = null; // a new reply out of view, possibly above
    this.log.addEventListener("scroll", () => this.noticeScroll());
    this.newer.addEventListener("click", () => this.toUnseen());
    const resized = new ResizeObserver(() => this.atEnd && this.stick());
    resized.observe(this.log);
    resized.observe(this.list);
  }

  /** Shows another channel or person's view from its end, without announcing all of it. */
  open(messages) {
    this.log.setAttribute("aria-live", "off");
    this.list.replaceChildren();
    this.atEnd = true;
    this.update(messages);
    this.toEnd();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
  }

  /** Updates the channel's messages. */
  update(messages) {
    const before = this.list.lastElementChild;
    const known = new Set([...this.list.children].map((node) => node.dataset.key));
    const focused = this.list.contains(document.activeElement);
    sync(this.list, arrange(messages), (item) =>
      item.rule ? h("li", { class: item.rule }, item.source) : this.draw(item.source, item.reply),
    );
    if (focused && !this.list.contains(document.activeElement)) this.log.focus();
    if (this.atEnd) this.stick();
    const replies = [...this.list.querySelectorAll(":scope > .reply")];
    const reply = replies.findLast(({ dataset }) => !known.has(dataset.key));
    if (reply && !this.shows(reply)) this.offer("New reply", reply);
    else if (!this.atEnd && this.list.lastElementChild !== before) this.offer("New messages");
  }

  /** Shows a button that scrolls to new messages out of view. */
  offer(words, unseen = null) {
    this.unseen = unseen;
    this.newer.querySelector("span").textContent = words;
    this.newer.querySelector("svg").toggleAttribute("hidden", unseen !== null); // may be above
    this.newer.hidden = false;
  }

  toUnseen() {
    if (!this.unseen) return this.toEnd();
    this.unseen.scrollIntoView({ block: "center" });
    this.settle();
  }

  toEnd() {
    this.stick();
    this.atEnd = true;
    this.settle();
  }

  stick() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  settle() {
    this.unseen = null;
    this.newer.hidden = true;
  }

  shows(node) {
    const [view, box] = [this.log.getBoundingClientRect(), node.getBoundingClientRect()];
    return box.top < view.bottom && box.bottom > view.top;
  }

  noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    if (this.unseen ? this.shows(this.unseen) : this.atEnd) this.settle();
  }

  draw(message, reply) {
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
      {
        class: `message ${message.kind} ${ephemeral ? "ephemeral" : ""} ${reply ? "reply" : ""}`,
        "aria-label": reply ? "Reply" : null,
      },
      ephemeral ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you") : null,
      picture,
      h("div", { class: "body" }, byline, this.content(message)),
      this.more(message),
    );
  }

  /** Draws a message's menu; Slack has no shortcuts on ephemeral messages. */
  more(message) {
    const isShared = message.visible_to === null && message.kind !== "error";
    const attributes = { type: "button", class: "icon-button more", "aria-label": "More actions" };
    const button = h("button", { ...attributes, title: "More actions" }, icon("more"));
    opensMenu(button, () => [
      ...(isShared ? this.view.shortcuts().map((one) => this.shortcutItem(one, message)) : []),
      {
        text: "Copy blocks",
        description: "JSON for Block Kit Builder",
        choose: () => this.copy(message),
      },
    ]);
    return button;
  }

  /** Returns a shortcut's menu item, with the app's name. */
  shortcutItem(shortcut, message) {
    const choose = () => this.view.run(shortcut, message);
    return { text: shortcut.name, description: this.view.bot().name, choose };
  }

  /** Copies the JSON that the app sent for a message. */
  async copy({ blocks, text }) {
    try {
      await navigator.clipboard.writeText(JSON.stringify({ blocks: blocks ?? [], text }, null, 2));
      this.view.copied("Copied.");
    } catch {
      this.view.copied("The browser does not allow copying.");
    }
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
    const { kind, blocks, text } = message;
    if (kind === "command" || kind === "error") return h("p", { class: "plain" }, text);
    if (kind === "user" || !blocks?.length) return mrkdwn(text, this.view.names);
    return drawBlocks(blocks, {
      ...this.view,
      click: (...what) => this.view.click(message, ...what),
    });
  }
}

function sign(kind, content) {
  return h("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, content);
}

/** Arranges messages, with a line before each day's first one, and replies below their parent. */
function arrange(messages) {
  const threads = groupByThread(messages);
  const items = [];
  let last = "";
  for (const [message, ...replies] of threads) {
    const day = dayOf(message.at);
    if (day !== last) items.push({ key: `day ${day}`, source: day, rule: "day" });
    items.push({ key: `message ${message.id}`, source: message });
    last = day;
    if (!replies.length) continue;
    const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
    items.push({ key: `replies ${message.id}`, source: count, rule: "replies" });
    for (const reply of replies) {
      items.push({ key: `reply ${reply.id}`, source: reply, reply: true });
    }
  }
  return items;
}

/** Groups messages by thread; a reply whose parent is not visible is a thread of its own. */
function groupByThread(messages) {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const rootOf = (message) => {
    const parent = message.thread !== message.id && byId.get(message.thread);
    return parent ? rootOf(parent) : message;
  };
  const threads = new Map();
  for (const message of messages) {
    const root = rootOf(message);
    if (root === message) threads.set(message, [message]);
    else threads.get(root).push(message);
  }
  return threads.values();
}
