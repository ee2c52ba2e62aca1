/** Slack's mrkdwn, drawn as DOM nodes. */

import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { pictured } from "./emoji.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const WORD = "\\p{L}\\p{N}";
const LETTER = "(?!&[lg]t;)[^\\s<>|]"; // of a bare address, which ends before punctuation

/** A span's mark stands at a word's edge, hugs its text and stays on its line. */
function span(name, mark) {
  const text = `(?=\\S)(?:<[^<>\\n]*>|[^<${mark}\\n])+(?<=\\S)`;
  return `(?<![${WORD}${mark}])${mark}(?<${name}>${text})${mark}(?![${WORD}${mark}])`;
}

const TOKEN = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "<(?<angle>[^<>\\n]+)>",
    span("bold", "\\*"),
    span("italic", "_"),
    span("strike", "~"),
    `(?<url>https?:\\/\\/(?:${LETTER})*(?![.,;:!?)\\]}'"*_~])${LETTER})`,
  ].join("|"),
  "gu",
);

const TAGS = { bold: "strong", italic: "em", strike: "s" };

/** Undoes the three entities that Slack knows. */
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/**
 * Draws mrkdwn.
 *
 * `names` finds what mentions stand for: `user(id)` and `channel(id)` return a name or undefined.
 * `verbatim` leaves bare addresses as text, as Slack's text objects can ask for.
 */
export function mrkdwn(text, names, verbatim = false) {
  const root = h("div", { class: "mrkdwn" });
  text.split(/\n?```([\s\S]+?)```\n?/).forEach((part, at) => {
    if (at % 2) root.append(h("pre", {}, unescape(part.replace(/^\n/, ""))));
    else root.append(...paragraphs(part, names, verbatim));
  });
  return root;
}

/** Draws a text object; an image among them is told by its description alone. */
export function words(text, names) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, names, text.verbatim);
  return h("div", { class: "plain" }, label(text));
}

/** Returns a plain text object's characters, with emoji unless it asks for their names. */
export const label = ({ text, alt_text: alt = "", emoji }) =>
  emoji === false ? text : pictured(text ?? alt);

/** Splits text into runs of quoted and plain lines. */
function paragraphs(text, names, verbatim) {
  const runs = [];
  for (const line of text ? text.split("\n") : []) {
    const [mark] = line.match(/^(?:>|&gt;) ?/) ?? [""];
    const tag = mark ? "blockquote" : "p";
    if (runs.at(-1)?.tag !== tag) runs.push({ tag, lines: [] });
    runs.at(-1).lines.push(line.slice(mark.length));
  }
  return runs.map(({ tag, lines }) => h(tag, {}, ...spans(lines.join("\n"), names, verbatim)));
}

function spans(text, names, verbatim) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(pictured(unescape(text.slice(end, match.index))), token(match, names, verbatim));
    end = match.index + match[0].length;
  }
  return [...nodes, pictured(unescape(text.slice(end)))];
}

function token({ 0: source, groups }, names, verbatim) {
  if (groups.code) return h("code", {}, unescape(groups.code));
  if (groups.angle) return angle(groups.angle, names) ?? source;
  if (groups.url) return verbatim ? unescape(source) : link(groups.url, groups.url);
  const name = Object.keys(TAGS).find((key) => groups[key]);
  return h(TAGS[name], {}, ...spans(groups[name], names, verbatim));
}

/** Draws what stands between < and >: a mention, a date or a link. */
function angle(content, names) {
  const bar = content.indexOf("|");
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? "" : content.slice(bar + 1);
  const id = target.slice(1);
  if (/^@[UW]/.test(target)) return mention("@", names.user(id) ?? (label || id));
  if (/^#C/.test(target)) return mention("#", names.channel(id) ?? (label || id));
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention("@", label.replace(/^@/, "") || id, "everyone");
  return link(target, label || target);
}

function mention(sign, name, kind = "") {
  return h("span", { class: `mention ${kind}` }, sign, h("bdi", {}, unescape(name)));
}

function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const words = slackDate(seconds, unescape(format ?? "")) ?? unescape(fallback);
  const time = h("time", { title: unescape(fallback) }, words);
  return (address && link(address, words)) || time;
}

/** Draws a link; an address of another kind than Slack opens is left as text. */
function link(address, label) {
  const href = unescape(address);
  if (!/^(?:https?:\/\/|mailto:)/i.test(href)) return null;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, unescape(label));
}
