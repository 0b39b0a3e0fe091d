// The whole box counted by notes: what each comes to, all of them, and how it differs.
import { money, paisaOf, say } from "./money.js";

export class Notes {
  /** Bring the fields within `root` to life; `should` says in paisa what ought to be in the box. */
  constructor(root, should) {
    this.root = root;
    this.should = should;
    this.fields = [...root.querySelectorAll("[data-worth]")];
    root.addEventListener("input", () => this.show());
    this.show();
  }

  /** What a field comes to in paisa; NaN for what nobody can have counted, as half a note. */
  comesTo(field) {
    const worth = Number(field.dataset.worth);
    const paisa = paisaOf(field.value);
    return worth > 1 && paisa % 100 ? NaN : paisa * worth;
  }

  counted() {
    return this.fields.reduce((sum, field) => sum + this.comesTo(field), 0);
  }

  show() {
    for (const field of this.fields) {
      const worth = this.comesTo(field);
      field.setAttribute("aria-invalid", String(Number.isNaN(worth)));
      field.closest("tr").querySelector("[data-comes-to]").replaceChildren(worth ? money(worth, { rs: false }) : "–");
    }
    const counted = this.counted();
    const differs = counted - this.should();
    this.root.querySelector("[data-counted]").replaceChildren(counted ? money(counted, { rs: false }) : "–");
    const banner = this.root.querySelector("[data-differs]");
    banner.hidden = !counted;
    const said = differs ? (differs < 0 ? "short" : "over") : "exact";
    banner.className = `banner ${differs ? "wait" : "ok"}`;
    banner.lastElementChild.replaceChildren(say(said, { amount: money(Math.abs(differs)) }));
    this.root.querySelector("[data-close]").disabled = !counted;
  }
}
