/** The preview of a link in the composer, before the message is sent, as Slack shows it. */

import { drawBlocks } from "./blockkit.js";

const URLS = /https?:\/\/\S+/g;
const PAUSE_MS = 200; // without a keystroke

/** Shows what the app makes of the links in a text box. */
export class Previews {
  /** `ask(text)` resolves to the blocks; `view` has what drawing them needs. */
  constructor({ input, place, ask, view }) {
    this.input = input;
    this.place = place;
    this.ask = ask;
    this.view = view;
    this.asked = "";
    input.addEventListener("input", () => this.look());
    input.form.addEventListener("submit", () => setTimeout(() => this.look()));
  }

  look() {
    const links = (this.input.value.match(URLS) ?? []).join(" ");
    if (links === this.asked) return;
    this.asked = links;
    clearTimeout(this.waiting);
    if (links) this.waiting = setTimeout(() => this.show(links), PAUSE_MS);
    else this.draw([]);
  }

  async show(links) {
    const blocks = await this.ask(links);
    if (links === this.asked) this.draw(blocks); // else it has been changed, or sent
  }

  draw(blocks) {
    this.place.hidden = !blocks.length;
    this.place.replaceChildren(...(blocks.length ? [drawBlocks(blocks, this.view)] : []));
  }
}
