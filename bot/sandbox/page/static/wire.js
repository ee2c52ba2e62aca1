/** The panel "On the wire": the requests between Slack, the bot and VideoSDK. */

import { momentOf, timeOf } from "./dates.js";
import { h, sync } from "./dom.js";

/** Lists exchanges by start time, and sets the fault of the next VideoSDK call. */
export class Wire {
  /** `arm(key)` sets the fault; "" removes it. */
  constructor({ arm }) {
    this.log = document.getElementById("wire-log");
    this.list = document.getElementById("exchanges");
    this.empty = document.getElementById("wire-empty");
    this.fault = document.getElementById("fault");
    this.armedAt = 0;
    this.fault.addEventListener("change", () => {
      this.armedAt = Date.now() / 1000;
      this.mark();
      arm(this.fault.value);
    });
  }

  /** Fills the list of faults. */
  offer(faults) {
    const chosen = this.fault.value;
    const choices = [{ key: "", label: "behaves" }, ...faults];
    const options = choices.map(({ key, label }) => h("option", { value: key }, label));
    this.fault.replaceChildren(...options);
    this.fault.value = choices.some(({ key }) => key === chosen) ? chosen : "";
    this.mark();
  }

  /** Handles a VideoSDK call: one that began after the fault was set has consumed it. */
  called(exchange) {
    if (exchange.at < this.armedAt) return;
    this.fault.value = "";
    this.mark();
  }

  mark() {
    this.fault.classList.toggle("armed", this.fault.value !== "");
  }

  /** Shows the exchanges, and follows the newest unless the reader has scrolled up. */
  update(exchanges) {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    const atEnd = scrollHeight - scrollTop - clientHeight < 48;
    const ordered = [...exchanges].sort((one, other) => one.at - other.at);
    const items = ordered.map((exchange) => ({ key: String(exchange.id), source: exchange }));
    const opened = new Set(this.list.querySelectorAll("details[open]"));
    const keys = new Set([...opened].map((details) => details.parentElement.dataset.key));
    sync(this.list, items, ({ key, source }) => draw(source, keys.has(key)));
    ordered.forEach((one, at) => {
      const inner = ordered.some((outer) => encloses(outer, one));
      this.list.children[at].classList.toggle("inner", inner);
    });
    this.empty.hidden = ordered.length > 0;
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }
}

/** Returns whether the bot made the inner request while it was answering the outer one. */
function encloses(outer, inner) {
  const end = outer.ms === null ? Infinity : outer.at + outer.ms / 1000;
  const during = outer.at <= inner.at && inner.at <= end;
  return outer.target === "bot" && inner.source === "bot" && during;
}

/** Draws an exchange; `open` shows its details. */
function draw(exchange, open) {
  const { source, target, method, path, at } = exchange;
  const summary = h(
    "summary",
    {},
    h("span", { class: "route" }, `${source} → ${target}`),
    outcome(exchange),
    h("span", { class: "took" }, took(exchange.ms)),
    h("code", { class: "path", title: `${method} ${path}` }, h("b", {}, method), ` ${path}`),
  );
  const details = h(
    "details",
    { open },
    summary,
    h("p", { class: "when" }, h("time", { title: momentOf(at) }, timeOf(at)), ` ${method} ${path}`),
    ...body("Request", exchange.request),
    ...(exchange.ms === null ? [] : body("Response", exchange.response)),
  );
  return h("li", { class: "exchange" }, details);
}

function outcome({ status, ms }) {
  if (ms === null) return h("span", { class: "status open" }, "in flight");
  const good = status !== null && status < 300;
  const words = status === null ? "no answer" : String(status);
  return h("span", { class: `status ${good ? "good" : "bad"}` }, words);
}

function body(title, text) {
  const empty = h("p", { class: "quiet" }, "empty");
  return [h("h3", {}, title), text ? h("pre", { tabindex: "0" }, pretty(text)) : empty];
}

/** Indents JSON; other text, such as a body that was cut, stays unchanged. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const took = (ms) => (ms === null ? "…" : ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
