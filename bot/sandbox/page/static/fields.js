/** The fields of a modal: Block Kit's input blocks. */

import { h } from "./dom.js";

const CONTROLS = {
  plain_text_input: text,
  static_select: select,
  conversations_select: conversations,
  multi_users_select: people,
};

/** Returns whether a block is a supported input. */
export const isField = ({ type, element }) => type === "input" && element.type in CONTROLS;

let count = 0;

/** An input block with its label, control, hint and error. */
export class Field {
  /**
   * `view.conversations()` and `view.users()` return the choices, `view.place()` the current
   * conversation.
   */
  constructor(block, view) {
    const id = `field-${++count}`;
    this.block = block;
    this.control = CONTROLS[block.element.type](block.element, view);
    this.control.id = id;
    this.control.setAttribute("aria-describedby", `${id}-error ${id}-hint`);
    if (!block.optional) this.control.setAttribute("aria-required", "true");
    this.error = h("p", { class: "wrong", id: `${id}-error` });
    const optional = block.optional && h("span", { class: "optional" }, " (optional)");
    this.node = h(
      "div",
      { class: "input" },
      h("label", { for: id }, block.label.text, optional || null),
      this.control,
      this.error,
      block.hint ? h("p", { class: "tip", id: `${id}-hint` }, block.hint.text) : null,
    );
  }

  /** Returns its value in the form of Slack's `view.state.values`; null if it is empty. */
  read() {
    const { type, options, option_groups: groups } = this.block.element;
    const value = this.control.value || null;
    if (type === "plain_text_input") return { type, value };
    if (type === "conversations_select") return { type, selected_conversation: value };
    if (type === "multi_users_select") return { type, selected_users: this.chosen() };
    const all = options ?? groups.flatMap((group) => group.options);
    return { type, selected_option: all.find((option) => option.value === value) ?? null };
  }

  chosen() {
    return [...this.control.selectedOptions].map((option) => option.value);
  }

  /** Returns the error that Slack itself reports before it asks the bot, or "". */
  check() {
    const { length } = this.control.value.trim();
    const { min_length: least = 0, max_selected_items: most = Infinity } = this.block.element;
    if (!length) return this.block.optional ? "" : "Please complete this required field.";
    if (this.control.multiple && this.chosen().length > most) return `Please choose at most ${most}.`;
    return length < least ? `Please write at least ${least} characters.` : "";
  }

  /** Shows an error; "" removes it. */
  fail(words) {
    this.error.textContent = words;
    if (words) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }
}

function text({ multiline, initial_value: value, max_length: maxlength, placeholder }) {
  const attributes = { maxlength, placeholder: placeholder?.text };
  const control = multiline
    ? h("textarea", { ...attributes, rows: "4" })
    : h("input", { ...attributes, type: "text", autocomplete: "off" });
  control.value = value ?? "";
  return control;
}

function select({ options, option_groups: groups = [], initial_option: initial, placeholder }) {
  const within = groups.map((group) =>
    h("optgroup", { label: group.label.text }, ...group.options.map(choice)),
  );
  const control = h("select", {}, nothing(placeholder), ...(options?.map(choice) ?? within));
  control.value = initial?.value ?? "";
  return control;
}

function conversations(element, view) {
  const kinds = element.filter?.include;
  const fitting = view.conversations().filter(({ kind }) => !kinds || kinds.includes(kind));
  const options = fitting.map(({ id, title }) => h("option", { value: id }, title));
  const control = h("select", {}, nothing(element.placeholder), ...options);
  const here = element.default_to_current_conversation ? view.place() : "";
  control.value = element.initial_conversation ?? here;
  return control;
}

function people({ initial_users: initial = [] }, view) {
  const options = view.users().map(({ id, name }) => {
    return h("option", { value: id, selected: initial.includes(id) }, name);
  });
  return h("select", { multiple: true, size: "3" }, ...options);
}

const choice = ({ text: { text: words }, value }) => h("option", { value }, words);
const nothing = (placeholder) => h("option", { value: "" }, placeholder?.text ?? "Choose one");
