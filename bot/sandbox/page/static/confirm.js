/** Slack's confirmation dialog, shown before a click is sent. */

import { h } from "./dom.js";
import { words } from "./mrkdwn.js";

/** Asks for confirmation, with the focus on "no"; resolves to whether the answer was yes. */
export function ask({ title, text, confirm, deny, style = "primary" }, names) {
  const close = (answer) => () => dialog.close(answer);
  const no = { type: "button", class: "button", autofocus: true, onclick: close("") };
  const yes = { type: "button", class: `button ${style}`, onclick: close("yes") };
  const dialog = h(
    "dialog",
    {
      class: "dialog",
      role: "alertdialog",
      "aria-labelledby": "confirm-title",
      "aria-describedby": "confirm-text",
    },
    h("header", {}, h("h2", { id: "confirm-title" }, title.text)),
    h("div", { class: "inside", id: "confirm-text" }, words(text, names)),
    h("footer", {}, h("button", no, deny.text), h("button", yes, confirm.text)),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
