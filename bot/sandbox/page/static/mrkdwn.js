/** Draws Slack's mrkdwn as DOM nodes. */

import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { toEmoji } from "./emoji.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const WORD = "\\p{L}\\p{N}";
const LETTER = "(?!&[lg]t;)[^\\s<>|]"; // in a bare URL, which ends before punctuation

/** Marks are at the edges of words, without inner spaces, and both on one line. */
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

/** Decodes the three entities that Slack uses. */
export const unescape = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);

/**
 * Draws mrkdwn.
 *
 * `names` looks up mentions: `user(id)` and `channel(id)` return a name or undefined. `verbatim`
 * leaves bare URLs as text, like the field of this name in Slack's text objects.
 */
export function mrkdwn(text, names, verbatim = false) {
  const root = h("div", { class: "mrkdwn" });
  text.split(/\n?```([\s\S]+?)```\n?/).forEach((part, at) => {
    if (at % 2) root.append(h("pre", {}, unescape(part.replace(/^\n/, ""))));
    else root.append(...paragraphs(part, names, verbatim));
  });
  return root;
}

/** Draws a text object; an image is replaced by its alternative text. */
export function words(text, names) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, names, text.verbatim);
  return h("div", { class: "plain" }, label(text));
}

/** Returns a plain text object's text, with emoji unless it requests their names. */
export const label = ({ text, alt_text: alt = "", emoji }) =>
  emoji === false ? text : toEmoji(text ?? alt);

/** Splits text into paragraphs and block quotes. */
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
    nodes.push(toEmoji(unescape(text.slice(end, match.index))), token(match, names, verbatim));
    end = match.index + match[0].length;
  }
  return [...nodes, toEmoji(unescape(text.slice(end)))];
}

function token({ 0: source, groups }, names, verbatim) {
  if (groups.code) return h("code", {}, unescape(groups.code));
  if (groups.angle) return angle(groups.angle, names) ?? source;
  if (groups.url) return verbatim ? unescape(source) : link(groups.url, groups.url);
  const name = Object.keys(TAGS).find((key) => groups[key]);
  return h(TAGS[name], {}, ...spans(groups[name], names, verbatim));
}

/** Draws what is between < and >: a mention, a date or a link. */
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

/** Draws a link; returns null for schemes that Slack doesn't open. */
function link(address, label) {
  const href = unescape(address);
  if (!/^(?:https?:\/\/|mailto:)/i.test(href)) return null;
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, unescape(label));
}
