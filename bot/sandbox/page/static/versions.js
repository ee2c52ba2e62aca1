/** The switch between versions of VideoSDK's API. */

import { h } from "./dom.js";

const NAMES = { v1: "v1, plain cards", v2: "v2, live cards" };

/** Shows the versions as radio buttons. */
export class Versions {
  /** `choose(version)` restarts the bot and resolves to "" or to an error. */
  constructor({ choose }) {
    this.choose = choose;
    this.group = document.getElementById("versions");
  }

  /** Draws the versions, with the current one checked. */
  fill({ versions, version }) {
    this.group.replaceChildren(...versions.map((one) => this.option(one)));
    this.mark(version);
  }

  mark(version) {
    this.version = version;
    for (const radio of this.group.querySelectorAll("input")) {
      radio.checked = radio.value === version;
    }
  }

  option(version) {
    const onchange = () => this.use(version);
    const radio = h("input", { type: "radio", name: "version", value: version, onchange });
    return h("label", {}, radio, NAMES[version] ?? version);
  }

  /** Restarts the bot, which takes a moment. */
  async use(version) {
    this.group.setAttribute("aria-busy", "true");
    const refusal = await this.choose(version);
    this.group.removeAttribute("aria-busy");
    this.mark(refusal ? this.version : version);
  }
}
