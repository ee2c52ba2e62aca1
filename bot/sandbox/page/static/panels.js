/** Side panels: columns on a wide screen, drawers on a narrow one. */

/** A panel, with a button that opens it and one that closes it. */
export class Panel {
  /** On screens narrower than `below`, the panel is a drawer, initially closed. */
  constructor({ panel, toggle, below }) {
    this.panel = document.getElementById(panel);
    this.toggle = document.getElementById(toggle);
    this.narrow = window.matchMedia(`(width < ${below})`);
    this.narrow.addEventListener("change", () => this.set(!this.narrow.matches));
    this.toggle.addEventListener("click", () => this.set(this.panel.hidden));
    this.panel.querySelector(".close").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.closeDrawer());
    document.addEventListener("pointerdown", (event) => {
      if (!this.panel.contains(event.target)) this.closeDrawer();
    });
    this.set(!this.narrow.matches);
  }

  get isDrawer() {
    return this.narrow.matches && !this.panel.hidden;
  }

  /** Closes the panel if it is a drawer. */
  closeDrawer() {
    if (this.isDrawer) this.close();
  }

  close() {
    this.set(false);
    this.toggle.focus();
  }

  set(open) {
    this.panel.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    this.panel.classList.toggle("drawer", this.isDrawer);
    const others = [...document.body.children].filter((other) => other !== this.panel);
    for (const other of others) other.inert = this.isDrawer;
    if (!this.isDrawer) return this.panel.removeAttribute("role");
    this.panel.setAttribute("role", "dialog");
    this.panel.querySelector(".close").focus();
  }
}
