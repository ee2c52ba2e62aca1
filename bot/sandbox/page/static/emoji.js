/** Emoji by name, as Slack draws them: `:tada:` is a picture, an unknown name stays text. */

let pictures = {};

/** Takes over the pictures by name. */
export function offerEmoji(byName) {
  pictures = byName;
}

/** Puts pictures for the names in a text. */
export const pictured = (text) =>
  text.replace(/:([a-z0-9_+'-]+):/g, (source, name) => pictures[name] ?? source);
