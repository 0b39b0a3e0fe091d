import { number } from "./money.js";

// What script says: it stands in the page, in the reader's language, as <template data-say>.

export function say(name, page = document) {
  const found = page.querySelector(`template[data-say="${CSS.escape(name)}"]`);
  return found ? document.importNode(found.content, true) : null;
}

// Puts values in their places: <… data-n>; those that are nodes as they are.
export function fill(node, slots = {}) {
  for (const [name, value] of Object.entries(slots)) {
    for (const place of node.querySelectorAll(`[data-${name}]`)) place.replaceChildren(value instanceof Node ? value.cloneNode(true) : String(value));
  }
  return node;
}

// A whole page in place of this one's main part.
export function where(name, slots) {
  const main = document.getElementById("main");
  main.replaceChildren(fill(say(name), slots));
  main.focus();
}

// A dialogue with one form. `ask` gives the PIN that is entered, or null where it is left.
export function dialog(name) {
  const box = document.createElement("dialog");
  box.append(say(name));
  const form = box.querySelector("form");
  document.body.append(box);
  const open = () => { if (!box.open) box.showModal(); form.querySelector("[name=pin]").focus(); };
  box.addEventListener("cancel", (event) => { if (!form.querySelector("[data-leave]")) event.preventDefault(); });
  return {
    form,
    open,
    close: () => { box.close(); box.remove(); }, // closed first: the focus goes back where it was
    ask: () => new Promise((done) => {
      open();
      form.onsubmit = (event) => { event.preventDefault(); done(form.elements.pin.value); };
      const leave = form.querySelector("[data-leave]");
      if (leave) leave.onclick = () => done(null);
      box.onclose = () => done(null);
    }),
  };
}

// A day, from 2026-06-30, in the language of the page.
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  const { lang, dir } = document.documentElement;
  const name = new Intl.DateTimeFormat(lang, { month: dir === "rtl" ? "long" : "short", timeZone: "UTC" }).format(Date.UTC(year, month - 1, date));
  const box = document.createElement("span");
  if (dir === "rtl") box.append(number(String(date)), `\u00a0${name}\u00a0`, number(String(year)));
  else box.append(number(`${date} ${name} ${year}`));
  return box;
}

// A name or a sentence, with whatever has digits isolated.
export function text(said) {
  const box = document.createElement("span");
  for (const part of said.split(/([A-Za-z0-9+./:_-]*[0-9][A-Za-z0-9+./:_-]*)/)) box.append(/[0-9]/.test(part) ? number(part) : part);
  return box;
}
