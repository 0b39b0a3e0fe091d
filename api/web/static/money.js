// Amounts and sentences as the pages show them; amounts are whole paisa, never fractions.

const OTHER_DIGITS = /[۰-۹٠-٩٫]/g;

/** The paisa of an amount as people type it: "1,680.5" is 168050; "" is 0; NaN if it is none. */
export function paisaOf(typed) {
  const plain = typed.trim().replace(OTHER_DIGITS, asWestern).replace(/[,٬ ]/g, "").replace(/\.$/, "");
  if (!plain) return 0;
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : NaN;
}

function asWestern(letter) {
  if (letter === "٫") return ".";
  const code = letter.codePointAt(0);
  return String(code - (code >= 0x6f0 ? 0x6f0 : 0x660));
}

/** An amount as it stands in a field: 168050 is "1680.50". */
export function rupees(paisa) {
  return `${Math.trunc(paisa / 100)}.${String(paisa % 100).padStart(2, "0")}`;
}

function grouped(whole) {
  const lakhs = document.body.dataset.grouping !== "thousands";
  const between = lakhs ? /(?<=\d)(?=(?:\d\d)*\d{3}$)/g : /(?<=\d)(?=(?:\d{3})+$)/g;
  return String(whole).replace(between, ",");
}

function bdi(kind, ...content) {
  const made = document.createElement("bdi");
  made.dir = "ltr";
  made.className = kind;
  made.append(...content);
  return made;
}

function small(said) {
  const made = document.createElement("small");
  made.textContent = said;
  return made;
}

/** An amount to show; rupees lead. */
export function money(paisa, { rs = true } = {}) {
  const size = Math.abs(paisa);
  const whole = `${paisa < 0 ? "\u2212" : ""}${grouped(Math.trunc(size / 100))}`;
  const part = small(`.${String(size % 100).padStart(2, "0")}`);
  return bdi("m", ...(rs ? [small("Rs"), " "] : []), whole, part);
}

/** A number, a code or a voucher to show. */
export function number(value) {
  return bdi("n", typeof value === "number" ? grouped(value) : value);
}

/** A sentence of the page, from its `<template data-say>`, with what goes into its gaps. */
export function say(name, gaps = {}) {
  const said = document.querySelector(`template[data-say="${name}"]`).content.cloneNode(true);
  for (const [gap, value] of Object.entries(gaps)) {
    for (const at of said.querySelectorAll(`[data-gap="${gap}"]`)) at.replaceChildren(value);
  }
  return said;
}
