// The sheet of a meeting: what is ticked, what it comes to, the number pad, the count.
// Everything works without this file, too; it only makes the page quick.

import { Notes } from "./count.js";
import { money, number, paisaOf, rupees, say } from "./money.js";

/**
 * Bring a sheet's form to life. `saved` are fields kept on this phone, or null; `changed` is told
 * all fields after each change; `close` is given the sheet when the meeting is closed.
 */
export function enhance(form, { saved = null, changed = () => {}, close = null } = {}) {
  const sheet = new Sheet(form, changed);
  const early = [...form.elements].filter(touched); // before this file was there
  if (saved) sheet.restore(saved, early);
  for (const field of early) sheet.took(field);
  sheet.total();
  new Pad(sheet);
  if (close) new Count(sheet, close);
  form.dataset.ready = "";
  return sheet;
}

const touched = (field) =>
  (field.type === "checkbox" && field.checked !== field.defaultChecked) ||
  (field.type === "radio" && field.checked && !field.defaultChecked) ||
  (field.classList.contains("amt") && field.value !== field.defaultValue);

class Sheet {
  constructor(form, changed) {
    this.form = form;
    this.changed = changed;
    this.cards = [...form.querySelectorAll("[data-member]")].map((root) => new Card(root));
    this.givings = [...form.querySelectorAll("[data-giving]")];
    this.box = Number(form.dataset.box);
    this.others = form.querySelector("[data-others]");
    this.corrects = form.dataset.mode === "correction";
    const live = this.corrects ? "[data-tally]" : "[data-progress], [data-tally], [data-should]";
    for (const at of document.querySelectorAll(live)) at.hidden = false;
    form.addEventListener("change", (event) => this.onChange(event.target));
    form.addEventListener("input", (event) => this.onInput(event.target));
    form.addEventListener("toggle", (event) => this.onToggle(event.target), true);
    this.others.addEventListener("click", () => this.tickOthers());
  }

  cardOf(at) {
    return this.cards.find((card) => card.root.contains(at));
  }

  onChange(field) {
    const card = this.cardOf(field);
    if (field.name === "paid") card.ticked();
    if (field.name?.startsWith("here:")) card.attends(field.value === "yes");
    this.total();
    this.changed(this.fields());
  }

  onInput(field) {
    if (!field.classList.contains("amt")) return;
    this.cardOf(field).typed();
    this.total();
    this.changed(this.fields());
  }

  took(field) {
    if (field.classList.contains("amt")) this.onInput(field);
    else this.onChange(field);
  }

  /** One card is open at a time. */
  onToggle(details) {
    if (!details.open || details.classList.contains("more")) return;
    for (const card of this.cards) if (card.details !== details) card.details.open = false;
  }

  tickOthers() {
    for (const card of this.cards) if (!card.done) card.tick(true);
    this.total();
    this.changed(this.fields());
    document.querySelector("[data-foot] button").focus();
  }

  /** All fields as the form would send them. */
  fields() {
    return [...new FormData(this.form)].filter(([name]) => name !== "csrf");
  }

  restore(fields, early) {
    const ticked = new Set(fields.map(([name, value]) => `${name}=${value}`));
    for (const field of this.form.elements) {
      if (early.includes(field)) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = ticked.has(`${field.name}=${field.value}`);
      } else if (field.classList.contains("amt")) {
        field.value = fields.find(([name]) => name === field.name)?.[1] ?? field.value;
      }
    }
    for (const [what, amount] of this.homeless(fields)) {
      const gaps = { what: number(what), amount: money(amount) };
      document.getElementById("main").prepend(say(amount ? "gone" : "gone-loan", gaps));
    }
  }

  /** What was kept on the phone and has no field any more: whose or which loan's, and how much. */
  homeless(fields) {
    const here = new Set(Array.from(this.form.elements, (field) => field.name));
    const found = new Map();
    const paid = fields.filter(([name]) => name === "paid").map(([, member]) => member);
    for (const [name, value] of fields) {
      const member = paid.find((code) => name.startsWith(`a:${code}:`));
      if (!member || here.has(name) || !paisaOf(value)) continue;
      const loan = name.slice(`a:${member}:`.length).split(":")[1] ?? "";
      const what = loan ? `${member} ${loan}` : member;
      found.set(what, (found.get(what) ?? 0) + paisaOf(value));
    }
    const given = new Set(this.givings.map((root) => root.dataset.giving));
    for (const [name, loan] of fields) if (name === "given" && !given.has(loan)) found.set(loan, 0);
    return found;
  }

  /** What is taken in and given out by all that is ticked, in paisa. */
  sums() {
    let taken = 0;
    let given = 0;
    for (const card of this.cards.filter((one) => one.paid.checked)) {
      taken += card.brought();
      given += card.withdrawn();
    }
    for (const one of this.givings.filter((root) => root.querySelector("input").checked)) {
      given += Number(one.dataset.cash);
      taken += Number(one.dataset.brought);
    }
    return { taken, given };
  }

  total() {
    for (const card of this.cards) card.show();
    const done = this.cards.filter((card) => card.done).length;
    const { taken, given } = this.sums();
    put("[data-received]", money(taken));
    put("[data-given]", money(given));
    put("[data-box-now]", money(this.box + taken - given));
    put("[data-done]", say("done", { done: number(done), all: number(this.cards.length) }));
    document.querySelector("[data-progress]").value = done;
    const left = this.cards.length - done;
    this.others.hidden = this.corrects || !left || this.cards.length < 2;
    this.others.lastElementChild.replaceChildren(say(done ? "others" : "everybody", { n: number(left) }));
  }

  /** The sheet as it is sent; amounts in paisa. */
  written(counted) {
    const paying = this.cards.filter((card) => card.paid.checked);
    const giving = this.givings.filter((root) => root.querySelector("input").checked);
    const lines = paying.flatMap((card) => card.lines());
    for (const { dataset } of giving) lines.push([dataset.of, "disbursement", Number(dataset.amount), dataset.giving]);
    const names = Object.fromEntries(this.cards.map((card) => [card.code, card.name]));
    return {
      code: this.form.dataset.code,
      organisation: this.form.dataset.organisation,
      home: this.form.dataset.home,
      held_on: this.form.dataset.on,
      present: this.cards.filter((card) => card.present).map((card) => card.code).sort(),
      cash_counted: counted,
      box: this.box,
      lines,
      names,
      fields: this.fields(),
    };
  }

  /** The first field that cannot be meant as it is typed, or nothing. */
  wrong() {
    return this.cards.flatMap((card) => card.amounts).find((field) => Number.isNaN(paisaOf(field.value)));
  }
}

class Card {
  constructor(root) {
    this.root = root;
    this.code = root.dataset.member;
    this.name = root.querySelector(".name").textContent;
    this.details = root.querySelector("details");
    this.paid = root.querySelector("[name=paid]");
    this.amounts = [...root.querySelectorAll(".amt")];
    [this.here, this.away] = root.querySelectorAll("[type=radio]");
  }

  get done() {
    return this.paid.checked || this.away.checked;
  }

  /** Whoever paid was there, unless it is said that she was not: neighbours bring it, too. */
  get present() {
    return this.here.checked || (this.paid.checked && !this.away.checked);
  }

  ticked() {
    if (!this.paid.checked) {
      this.fill();
      return;
    }
    if (!this.amounts.some((field) => field.value)) this.fill();
    if (!this.away.checked) this.here.checked = true;
    this.details.open = false;
  }

  tick(checked) {
    this.paid.checked = checked;
    this.ticked();
  }

  /** An amount was typed: she pays, unless it all came to nothing. */
  typed() {
    this.paid.checked = this.brought() + this.withdrawn() > 0;
    if (this.paid.checked && !this.away.checked) this.here.checked = true;
  }

  attends(present) {
    if (present) {
      if (!this.paid.checked) this.fill();
      return;
    }
    for (const field of this.amounts) field.value = "";
    this.paid.checked = false;
    this.fold();
  }

  /** Fold the card; whoever was in it is at its name. */
  fold() {
    const within = this.details.contains(document.activeElement);
    this.details.open = false;
    if (within) this.root.querySelector("summary").focus();
  }

  /** What is due stands in the fields again. */
  fill() {
    for (const field of this.amounts) field.value = due(field) ? rupees(due(field)) : "";
  }

  brought() {
    return this.sum((field) => field.dataset.kind !== "withdrawal");
  }

  withdrawn() {
    return this.sum((field) => field.dataset.kind === "withdrawal");
  }

  sum(wanted) {
    return this.amounts.filter(wanted).reduce((sum, field) => sum + (paisaOf(field.value) || 0), 0);
  }

  lines() {
    const filled = this.amounts.filter((field) => paisaOf(field.value));
    return filled.map((field) => [this.code, field.dataset.kind, paisaOf(field.value), field.dataset.loan ?? null]);
  }

  show() {
    const comes = this.away.checked && !this.paid.checked ? Number(this.root.dataset.expected) : this.brought();
    const short = this.amounts.some((field) => (paisaOf(field.value) || 0) < due(field));
    this.root.classList.toggle("away", this.away.checked && !this.paid.checked);
    this.root.classList.toggle("part", this.paid.checked && short);
    this.root.querySelector("[data-shows]").replaceChildren(comes ? money(comes, { rs: false }) : "–");
    this.root.querySelector("[data-pays]").replaceChildren(money(this.brought()));
    for (const field of this.amounts) field.setAttribute("aria-invalid", String(Number.isNaN(paisaOf(field.value))));
  }
}

/** The number pad: docked while an amount is entered; the phone's own keyboard stays away. */
class Pad {
  constructor(sheet) {
    this.sheet = sheet;
    this.root = document.querySelector("[data-pad]");
    this.foot = document.querySelector("[data-foot]");
    this.field = null;
    for (const card of sheet.cards) for (const field of card.amounts) field.inputMode = "none";
    sheet.form.addEventListener("focusin", (event) => this.at(event.target));
    sheet.form.addEventListener("input", () => this.show());
    sheet.form.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => this.press(event.target.closest("button")));
    this.root.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    document.addEventListener("focusout", () => setTimeout(() => this.leave()));
  }

  at(field) {
    if (!field.classList?.contains("amt")) return;
    this.field?.classList.remove("at");
    this.field = field;
    this.fresh = true;
    field.classList.add("at");
    const card = this.sheet.cardOf(field);
    this.root.querySelector("[data-pad-who]").textContent = card.name;
    const [label] = field.labels;
    const what = [label.firstChild.textContent.trim()];
    if (due(field)) what.push(" · ", money(due(field)));
    this.root.querySelector("[data-pad-what]").replaceChildren(...what);
    this.root.hidden = false;
    this.foot.hidden = true;
    this.show();
    field.scrollIntoView({ block: "center" });
  }

  show() {
    if (!this.field) return;
    const paisa = paisaOf(this.field.value);
    this.root.querySelector("[data-pad-shows]").replaceChildren(Number.isNaN(paisa) ? this.field.value : money(paisa));
  }

  press(button) {
    if (!button || !this.field) return;
    const { digit, add } = button.dataset;
    if (digit) this.enter((this.fresh ? "" : this.field.value) + digit);
    else if (add) this.enter(rupees((this.fresh ? 0 : paisaOf(this.field.value) || 0) + Number(add) * 100));
    else if ("delete" in button.dataset) this.enter(this.fresh ? "" : this.field.value.slice(0, -1));
    else if ("all" in button.dataset) this.enter(due(this.field) ? rupees(due(this.field)) : "");
    else this.next();
  }

  /** Enter goes on as Next does: it would count the cash otherwise. */
  key(event) {
    if (event.key !== "Enter" || event.target !== this.field) return;
    event.preventDefault();
    this.next();
  }

  enter(value) {
    if (Number.isNaN(paisaOf(value))) return;
    this.field.value = value;
    this.fresh = false;
    this.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  /** To the next amount of her card that shows; after the last, to the next who is not done. */
  next() {
    const card = this.sheet.cardOf(this.field);
    const showing = card.amounts.filter((field) => field.offsetParent);
    const following = showing[showing.indexOf(this.field) + 1];
    if (following) {
      following.focus();
      return;
    }
    const { cards } = this.sheet;
    const after = [...cards.slice(cards.indexOf(card) + 1), ...cards].find((one) => !one.done);
    this.field.blur();
    card.details.open = false;
    (after ?? card).root.querySelector("summary").focus();
  }

  leave() {
    if (!this.root.isConnected || document.activeElement === this.field || this.root.contains(document.activeElement)) return;
    this.field?.classList.remove("at");
    this.field = null;
    this.root.hidden = true;
    this.foot.hidden = document.querySelector("#sheet").hidden;
  }
}

/** The count of the cash, in place of the sheet; Back leads to the sheet. */
class Count {
  constructor(sheet, close) {
    this.sheet = sheet;
    this.close = close;
    const made = document.querySelector("template[data-counting]").content.cloneNode(true);
    this.root = document.createElement("div");
    this.root.append(made);
    this.root.hidden = true;
    sheet.form.after(this.root);
    this.form = this.root.querySelector("form");
    this.notes = new Notes(this.root, () => this.should);
    sheet.form.addEventListener("submit", (event) => this.open(event));
    this.form.addEventListener("submit", (event) => this.shut(event));
    addEventListener("popstate", () => this.stage());
  }

  open(event) {
    event.preventDefault();
    const wrong = this.sheet.wrong();
    if (wrong) {
      this.sheet.cardOf(wrong).details.open = true;
      wrong.focus();
      return;
    }
    history.pushState({ stage: "count" }, "", "#count");
    this.stage();
  }

  stage() {
    const counting = location.hash === "#count";
    if (!this.form.isConnected) return;
    this.root.hidden = !counting;
    this.sheet.form.hidden = counting;
    document.querySelector("[data-foot]").hidden = counting;
    this.sheet.total();
    this.notes.show();
    document.querySelector("main").scrollTo(0, 0);
    document.querySelector(counting ? "[data-exactly]" : "[data-foot] button").focus();
  }

  get should() {
    const { taken, given } = this.sheet.sums();
    return this.sheet.box + taken - given;
  }

  async shut(event) {
    event.preventDefault();
    const exactly = "exactly" in (event.submitter?.dataset ?? {});
    const counted = (exactly ? this.should : this.notes.counted()) - this.sheet.box;
    const buttons = this.root.querySelectorAll("button:not([hidden])");
    for (const button of buttons) button.disabled = true;
    try {
      await this.close(this.sheet.written(counted));
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }
}

function due(field) {
  return Number(field.dataset.due);
}

function put(where, what) {
  for (const at of document.querySelectorAll(where)) {
    if (at.textContent !== what.textContent) at.replaceChildren(what.cloneNode(true)); // said aloud when it changes
  }
}
