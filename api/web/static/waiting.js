// The page of what is kept on this phone: sheets and drafts with their states, tasks, receipts.
import { money, number, paisaOf } from "./money.js";
import * as queue from "./queue.js";
import { day, dialog, fill, say, text } from "./say.js";
import * as vault from "./vault.js";

const OUT = new Set(["withdrawal", "disbursement"]);
const LEFT = new Set(["member_of_another", "not_found"]);
const OF_THE_DAY = new Set(["dated_in_future", "period_closed"]);
let [visit, send] = [];

const node = (name, slots) => fill(say(name), slots).firstElementChild;
const said = (name) => say(name)?.textContent ?? "";
const find = (box, name) => box.querySelector(`[data-${name}]`);

export async function list(box, ...ways) {
  [visit, send] = ways;
  let drawn = null;
  const draw = async () => {
    if (!box.isConnected) return document.removeEventListener("queue", draw);
    const [items, drafts] = [await queue.items(), await queue.drafts()];
    const now = JSON.stringify([items, drafts]);
    if (now === drawn) return; // what she is about to press, or has typed, stays
    drawn = now;
    const at = document.activeElement.closest?.("[data-list] > li")?.id;
    const open = Array.from(box.querySelectorAll("[data-shown]"), (one) => one.id);
    find(box, "list").replaceChildren(...drafts.map(draft), ...items.map((item) => row(item, open.includes(item.key))));
    find(box, "none").hidden = items.length + drafts.length > 0;
    if (at !== undefined) (document.getElementById(at)?.querySelector("button") ?? document.getElementById("main")).focus();
  };
  find(box, "send").onclick = () => send({ now: true }).then(notice);
  find(box, "save").onclick = save;
  find(box, "read").onchange = (event) => load(event.target);
  for (const part of box.querySelectorAll("[data-does-all]")) part.hidden = false;
  document.addEventListener("queue", draw);
  await draw();
  const key = decodeURIComponent(location.hash.slice(1));
  const at = key && document.getElementById(key);
  if (at) { receipts(at, (await queue.items()).find((item) => item.key === key)); at.scrollIntoView(); }
}

function notice(name, slots) {
  const place = document.querySelector("[data-notice]");
  place.replaceChildren(fill(say(`notice-${name}`) ?? document.createDocumentFragment(), slots));
  place.scrollIntoView({ block: "nearest" });
}

function draft({ code, url }) {
  const box = node("item", { what: text(code), chip: chip("draft") });
  find(box, "figures").remove();
  find(box, "does").append(does("go", () => visit(url)));
  return box;
}

// A sheet that an older page closed has no name of its organisation with it.
const homeOf = ({ home, organisation }) => home ?? organisation;

const chip = (state) => say(`chip-${state}`).firstElementChild;

function does(name, work) {
  const button = node(`do-${name}`);
  button.onclick = work;
  return button;
}

function row(item, shown) {
  const { sheet, state } = item;
  const box = node("item", { what: text(homeOf(sheet)), when: day(sheet.held_on), chip: chip(state), members: number(sheet.present.length), cash: money(sheet.cash_counted) });
  box.id = item.key;
  const at = find(box, "does");
  if (state === "written") {
    find(box, "said").append(fill(say("voucher"), { n: item.voucher }));
    at.append(does("see", () => visit(`/sheets/${encodeURIComponent(sheet.code)}/receipts`)));
  } else {
    at.append(does("receipts", () => receipts(box, item)));
    if (shown) receipts(box, item);
  }
  if (state === "needs" || state === "aside") task(box, item);
  if (state === "waiting" && !item.sent) at.append(does("change", () => change(item)));
  describe(box, item.key);
  return box;
}

// Each thing to press says of which sheet it is, or of which line of it.
function describe(box, id) {
  const parts = [box, ...box.querySelectorAll("section")];
  for (const [n, part] of parts.entries()) {
    const about = part.querySelector("div.row, p.row, p");
    if (!about) continue;
    about.id = `${id}-${n}`;
    for (const one of part.querySelectorAll("button")) one.setAttribute("aria-describedby", about.id);
  }
}

async function change(item) {
  if (await queue.reopen(item)) visit(item.sheet.url);
}

// --- provisional receipts ---------------------------------------------------------------------

function receipts(box, { sheet }) {
  const place = find(box, "receipts");
  if (place.childElementCount) { delete box.dataset.shown; return place.replaceChildren(); }
  box.dataset.shown = "";
  const members = [...new Set(sheet.lines.map(([member]) => member))];
  place.replaceChildren(...members.map((member) => receipt(sheet, member)));
}

function receipt(sheet, member) {
  const lines = sheet.lines.filter(([whose]) => whose === member);
  const sum = lines.reduce((total, [, kind, amount]) => total + (OUT.has(kind) ? -amount : amount), 0);
  const box = node("receipt", { name: text(sheet.names[member] ?? member), code: number(member), total: money(sum), home: text(homeOf(sheet)), on: day(sheet.held_on) });
  find(box, sum < 0 ? "in" : "out").remove();
  find(box, "total").dataset.total = String(sum);
  for (const [, kind, amount, loan] of lines) {
    const line = say("receipt-row");
    find(line, "amount").dataset.part = String(OUT.has(kind) ? -amount : amount);
    find(box, "rows").append(fill(line, { kind: said(`kind-${kind}`), loan: loan ? number(loan) : "", amount: money(OUT.has(kind) ? -amount : amount) }));
  }
  return box;
}

// --- what needs somebody ----------------------------------------------------------------------

// The lines that a refusal names, by their member's or their loan's code.
function named({ sheet, problem }) {
  const words = `${problem.detail} ${(problem.errors ?? []).map((one) => one.detail).join(" ")}`;
  const says = (code) => code && new RegExp(`(?<![\\w.-])${code.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`).test(words);
  const byLoan = sheet.lines.filter(([, , , loan]) => says(loan));
  const byMember = byLoan.length ? byLoan : sheet.lines.filter(([member]) => says(member));
  const short = problem.code === "floor_passed"; // of the cash itself: whatever is paid out
  const lines = byMember.length || !short ? byMember : sheet.lines.filter(([, kind]) => OUT.has(kind));
  const bare = sheet.present.filter((member) => says(member) && !sheet.lines.some(([whose]) => whose === member));
  return { lines, bare: LEFT.has(problem.code) ? bare : [] };
}

// A member whom nobody here may see any more is not found: she has left.
function means({ problem }, lines, bare) {
  const left = problem.code === "not_found" && (bare.length || lines.some(([member]) => problem.detail.includes(member)));
  return said(`why-${left ? "member_of_another" : problem.code}`) || said("why-else");
}

function task(box, item) {
  const { problem } = item;
  const place = find(box, "task");
  const { lines, bare } = named(item);
  const words = fill(say("task"), { means: means(item, lines, bare), detail: text(problem.detail), problem: number(problem.code) });
  if (!/\p{Script=Arabic}/u.test(problem.detail)) find(words, "detail").lang = "en"; // no catalogue has it
  place.append(words);
  if (item.state !== "needs") return;
  if (problem.beside) place.append(problem.code === "box_changed" ? otherBox(item) : otherSheet(item));
  if (OF_THE_DAY.has(problem.code)) place.append(otherDay(item));
  for (const line of lines) place.append(choices(item, line));
  for (const member of bare) place.append(choices(item, [member]));
  find(box, "does").append(does("change", () => change(item)), does("ask", () => ask(item, lines)));
  const aside = does("aside", () => queue.putAside(item));
  aside.disabled = !item.saved;
  find(box, "does").append(aside);
  if (!item.saved) find(box, "said").append(say("aside-later"));
}

function choices(item, line) {
  const { sheet } = item;
  const [member, kind, amount = 0, loan] = line;
  const box = node("task-line", { name: text(sheet.names[member] ?? member), kind: kind ? said(`kind-${kind}`) : "", loan: loan ? number(loan) : "", amount: kind ? money(amount) : "" });
  const [give, back] = [find(box, "give"), find(box, "return")];
  const others = Object.keys(sheet.names).filter((one) => one !== member);
  if (!kind || OUT.has(kind) || !others.length) give.remove();
  else give.elements.to.append(...others.map((one) => new Option(`${sheet.names[one]} \u2066${one}\u2069`, one)));
  const left = sheet.cash_counted - (OUT.has(kind) ? -amount : amount);
  if (kind) back.elements.counted.value = (left / 100).toFixed(2);
  else back.querySelector("label").remove();
  give.onsubmit = (event) => { event.preventDefault(); solve(item, given(item, line, give.elements.to.value)); };
  back.onsubmit = (event) => {
    event.preventDefault();
    const counted = kind ? paisa(back.elements.counted.value) : sheet.cash_counted;
    if (counted === null) return back.elements.counted.setAttribute("aria-invalid", "true");
    solve(item, { ...without(item, line), cash_counted: counted });
  };
  return box;
}

function paisa(typed) {
  const [, minus, size] = /^\s*([-\u2212]?)(.*)$/.exec(typed);
  const found = paisaOf(size);
  return Number.isNaN(found) || !size ? null : (minus ? -found : found);
}

const fieldOf = ([member, kind, , loan]) => ["a", member, kind, ...(loan ? [loan] : [])].join(":");

// The sheet without a line; whoever is no member any more was not there either, for the books.
function without({ sheet, problem }, line) {
  const lines = sheet.lines.filter((one) => one !== line);
  const gone = LEFT.has(problem.code) && !lines.some(([member]) => member === line[0]);
  const fields = sheet.fields.filter(([name, value]) => name !== fieldOf(line) && !(line[1] === "disbursement" && name === "given" && value === line[3]));
  return { ...sheet, lines, present: gone ? sheet.present.filter((one) => one !== line[0]) : sheet.present, fields };
}

function given(item, line, to) {
  const sheet = without(item, line);
  const known = sheet.lines.find(([member, kind]) => member === to && kind === "saving_voluntary");
  const now = [to, "saving_voluntary", line[2] + (known?.[2] ?? 0), null];
  const fields = sheet.fields.filter(([name, value]) => name !== fieldOf(now) && !(name === "paid" && value === to));
  return {
    ...sheet,
    lines: [...sheet.lines.filter((one) => one !== known), now],
    fields: [...fields, [fieldOf(now), (now[2] / 100).toFixed(2)], ["paid", to]],
  };
}

// The phone's clock was wrong, or the books are closed up to the day: it is another day's sheet.
function otherDay(item) {
  const box = node("task-day");
  const [year, month, date] = item.sheet.held_on.split("-");
  box.elements.on.value = `${date}-${month}-${year}`;
  box.onsubmit = (event) => {
    event.preventDefault();
    const typed = /^\s*(\d\d?)[-./](\d\d?)[-./](\d{4})\s*$/.exec(box.elements.on.value);
    const iso = typed && `${typed[3]}-${typed[2].padStart(2, "0")}-${typed[1].padStart(2, "0")}`;
    if (!iso || Number.isNaN(Date.parse(iso))) return box.elements.on.setAttribute("aria-invalid", "true");
    solve(item, dated(item.sheet, iso));
  };
  return box;
}

function dated(sheet, held_on) {
  const on = held_on.split("-").reverse().join("-");
  const url = `/sheets/new?${new URLSearchParams({ organisation: sheet.organisation, on })}`;
  const fields = sheet.fields.map(([name, value]) => (name === "on" ? [name, on] : name === "nth" ? [name, "1"] : [name, value]));
  return { ...sheet, code: `${sheet.organisation}.${held_on.replaceAll("-", "")}`, held_on, url, fields };
}

// The box held something else before the meeting: whoever counted it knows when that changed.
function otherBox(item) {
  const { sheet } = item;
  const now = paisa(item.problem.beside.box);
  const then = sheet.box ?? now;
  const anew = sheet.cash_counted + then - now; // of the whole box, as it was counted
  const box = node("task-box", { then: money(then), now: money(now), before: money(anew), after: money(sheet.cash_counted) });
  find(box, "was-before").onclick = () => solve(item, { ...sheet, cash_counted: anew, box: now });
  find(box, "was-after").onclick = () => solve(item, { ...sheet, box: now });
  return box;
}

// Another sheet of the meeting is kept, or written: what it says that this one does not.
function otherSheet(item) {
  const { sheet, problem: { code, beside } } = item;
  const mine = new Set(sheet.lines.map(String));
  const lines = beside.lines.map(({ member, kind, amount, loan }) => [member, kind, paisa(amount), loan]);
  const others = lines.filter((line) => !mine.has(String(line)));
  const box = node("task-other");
  for (const [member, kind, amount, loan] of others) {
    find(box, "rows").append(fill(say("other-row"), { name: text(sheet.names[member] ?? member), kind: said(`kind-${kind}`), loan: loan ? number(loan) : "", amount: money(amount) }));
  }
  find(box, others.length ? "less" : "table").remove();
  if (code !== "version_changed") find(box, "instead").remove();
  else find(box, "instead").onclick = () => solve(item, { ...sheet, knows: [...sheet.knows ?? [], beside.seen] });
  return box;
}

async function solve(item, sheet) {
  await queue.replace(item, sheet);
  notice(await send({ now: true }));
}

async function ask(item, lines) {
  const { sheet, problem } = item;
  const words = [
    `${sheet.code} ${sheet.held_on}`,
    `${means(item, lines, [])} ${problem.detail} (${problem.code})`,
    ...lines.map(([member, kind, amount, loan]) => `${sheet.names[member] ?? member} ${member}: ${said(`kind-${kind}`)} ${loan ?? ""} Rs ${(amount / 100).toFixed(2)}`),
  ].join("\n");
  if (navigator.share && await navigator.share({ text: words }).then(() => true, () => false)) return;
  const box = node("ask-text");
  box.querySelector("textarea").value = words;
  find(document.getElementById(item.key), "task").append(box);
  box.querySelector("textarea").select();
}

// --- a file -----------------------------------------------------------------------------------

async function surePin() {
  if (vault.pin()) return vault.pin();
  const box = dialog("pin");
  const typed = await box.ask();
  box.close();
  return typed && (await vault.open(vault.person(), typed)).state === "open" ? typed : null;
}

async function save() {
  const pin = await surePin();
  if (!pin) return;
  notice("busy");
  const made = new Blob([await queue.toFile(pin)], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(made), download: `amanat-${vault.person()}-${new Date().toISOString().slice(0, 10)}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  notice("saved");
  document.dispatchEvent(new Event("queue"));
}

async function load(field) {
  const content = await field.files[0].text();
  field.value = "";
  const box = dialog("file-pin");
  const typed = await box.ask();
  box.close();
  if (typed === null) return;
  notice("busy");
  const found = await queue.fromFile(content, typed).catch(() => "file");
  if (typeof found === "string") return notice(found === "pin" ? "file-pin" : found);
  notice("read", { n: found });
  send({ now: true });
}
