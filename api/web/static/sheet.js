// The form of a sheet. A stand-in: it keeps what is filled in, and closes with the cash that it comes to.
const paisa = (typed) => Math.round(Number(typed.replace(/,/g, "") || 0) * 100);
const fieldsOf = (form) => [...new FormData(form)].filter(([name]) => name !== "csrf");

export function enhance(form, { saved, changed, close }) {
  if (saved) for (const field of form.elements) {
    const values = saved.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.classList.contains("amt") && values.length) field.value = values[0];
  }
  form.addEventListener("input", () => changed(fieldsOf(form)));
  form.addEventListener("submit", async (event) => {
    if (!close) return;
    event.preventDefault();
    await close(sheet(form));
  });
}

function sheet(form) {
  const fields = fieldsOf(form);
  const names = {};
  for (const card of form.querySelectorAll("[data-member]")) names[card.dataset.member] = card.querySelector(".name").textContent.trim();
  const paid = new Set(fields.filter(([name]) => name === "paid").map(([, value]) => value));
  const lines = [];
  for (const [name, value] of fields) {
    const [what, member, kind, loan] = name.split(":");
    if (what === "a" && paid.has(member) && paisa(value)) lines.push([member, kind, paisa(value), loan ?? null]);
  }
  const out = new Set(["withdrawal", "disbursement"]);
  const cash = lines.reduce((sum, [, kind, amount]) => sum + (out.has(kind) ? -amount : amount), 0);
  const { code, organisation, on } = form.dataset;
  return { code, organisation, held_on: on, present: [...paid].sort(), cash_counted: cash, lines, names, fields };
}
