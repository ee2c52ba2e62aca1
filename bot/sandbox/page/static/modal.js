/** Modals: the forms that a bot opens for one person. */

import { drawBlocks } from "./blockkit.js";
import { h, icon } from "./dom.js";
import { Field, isField } from "./fields.js";

/** Shows one view at a time; the browser's modal dialog keeps the focus inside. */
export class Modal {
  /**
   * `submit(id, values)` resolves to "" or to an error; `closed(id)` is called when the reader
   * closes a view; `view` is for drawing blocks and fields.
   */
  constructor({ submit, closed, view }) {
    this.send = submit;
    this.closed = closed;
    this.view = view;
    this.shown = null;
    this.fields = [];
    this.dialog = document.getElementById("modal");
    this.dialog.addEventListener("cancel", () => this.leave());
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.stopPropagation(); // or a drawer below would close, too
    });
  }

  /** Shows a view, or none; `errors` are for the fields of the view just submitted. */
  show(shown, errors = null) {
    if (!shown) return this.end();
    if (JSON.stringify(shown) !== JSON.stringify(this.shown)) this.draw(shown);
    if (errors) this.showErrors(errors);
  }

  end() {
    this.shown = null;
    this.dialog.close();
  }

  /** Closes the view at the reader's request. */
  leave() {
    const { id } = this.shown;
    this.end();
    this.closed(id);
  }

  draw(shown) {
    this.shown = shown;
    this.fields = [];
    const parts = shown.blocks.map((block) => this.part(block));
    this.alert = h("p", { class: "alert", role: "alert" });
    const inside = h("div", { class: "inside" }, ...parts, this.alert);
    const attributes = { novalidate: true, onsubmit: (event) => this.submitted(event) };
    this.dialog.replaceChildren(
      h("form", attributes, this.header(shown), inside, this.footer(shown)),
    );
    if (!this.dialog.open) this.dialog.showModal();
    const first = this.fields.find(({ block }) => block.element.focus_on_load) ?? this.fields[0];
    first?.control.focus();
  }

  header({ title }) {
    const onclick = () => this.leave();
    const close = { type: "button", class: "icon-button", "aria-label": "Close", onclick };
    const heading = h("h2", { id: "modal-title" }, title.text);
    return h("header", {}, heading, h("button", close, icon("close")));
  }

  /** Draws the buttons; a view that can't be submitted only has the one that closes it. */
  footer({ submit, close }) {
    const cancel = { type: "button", class: "button", onclick: () => this.leave() };
    this.submit = submit && h("button", { class: "button primary" }, submit.text);
    return h("footer", {}, h("button", cancel, close?.text ?? "Cancel"), this.submit);
  }

  part(block) {
    if (!isField(block)) return drawBlocks([block], this.view);
    const field = new Field(block, this.view);
    this.fields.push(field);
    return field.node;
  }

  async submitted(event) {
    event.preventDefault();
    if (this.submit.hasAttribute("aria-busy")) return;
    const checks = this.fields.map((field) => [field.block.block_id, field.check()]);
    this.showErrors(Object.fromEntries(checks));
    if (checks.some(([, words]) => words)) return;
    const { submit, alert } = this;
    submit.setAttribute("aria-busy", "true");
    alert.textContent = await this.send(this.shown.id, this.values());
    submit.removeAttribute("aria-busy");
  }

  values() {
    const values = {};
    for (const field of this.fields) {
      const { block_id, element } = field.block;
      values[block_id] = { [element.action_id]: field.read() };
    }
    return values;
  }

  /** Shows the error of each field, and focuses the first field that has one. */
  showErrors(errors) {
    this.alert.textContent = "";
    for (const field of this.fields) field.fail(errors[field.block.block_id] ?? "");
    this.fields.find(({ block }) => errors[block.block_id])?.control.focus();
  }
}
