/** Replaces emoji names: `:tada:` becomes an emoji, an unknown name stays text. */

let emoji = {};

/** Sets the emoji by name. */
export function setEmoji(byName) {
  emoji = byName;
}

/** Replaces the emoji names in a text. */
export const toEmoji = (text) =>
  text.replace(/:([a-z0-9_+'-]+):/g, (source, name) => emoji[name] ?? source);
