// Sheets that wait on this phone. A sheet is on the disk before it is sent; each has one key,
// made of what it says, so that however often it is sent it counts once. While an answer is
// not known the sheet stays locked. Nothing leaves the list but a sheet written 60 days ago.
import * as vault from "./vault.js";

const KEPT_MS = 60 * 24 * 3_600_000;
const PATIENCE_MS = 45_000;
const ASKED_MS = 600_000;
const PAUSES_MS = [5_000, 15_000, 45_000, 120_000, 600_000];
const MOST_KNOWN = 100;
const FILE_ROUNDS = 2 * vault.ROUNDS;

const ELSEWHERE = new Set(["version_changed", "box_changed", "sheet_not_draft"]);
export const OPEN = new Set(["waiting", "sending", "asked", "needs"]);
let csrf = null; // of a session that is surely the open vault's
let pause = 0;
let timer = 0;

export const knows = (token) => { csrf = token; };
export const token = () => csrf;
const told = () => document.dispatchEvent(new Event("queue"));

// --- the key, as the service makes it ---------------------------------------------------------

// By code point, as the service sorts; by UTF-16 unit rare letters would stand elsewhere.
function before(a, b) {
  const [left, right] = [Array.from(a, (c) => c.codePointAt(0)), Array.from(b, (c) => c.codePointAt(0))];
  for (let at = 0; at < Math.min(left.length, right.length); at++) if (left[at] !== right[at]) return left[at] - right[at];
  return left.length - right.length;
}

export async function keyOf(sheet) {
  const lines = sheet.lines.map(([member, kind, amount, loan]) => [member, kind, loan ?? "", amount]);
  lines.sort((a, b) => before(a[0], b[0]) || before(a[1], b[1]) || before(a[2], b[2]) || a[3] - b[3]);
  const said = [sheet.code, sheet.held_on, [...sheet.present].sort(before), sheet.cash_counted, lines];
  const plain = JSON.stringify(said).replace(/[\u007f-\uffff]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plain)));
  const knownBy = /^[!-~]+$/.test(sheet.code) ? sheet.code : "sheet"; // it stands in a header
  return `${knownBy}.${Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

// --- drafts and sheets ------------------------------------------------------------------------

const row = (item) => ({ kind: "sheet", id: item.key, value: item, open: OPEN.has(item.state) ? 1 : 0 });
export const items = async () => (await vault.all("sheet")).sort((a, b) => b.made - a.made);
export const drafts = () => vault.all("draft");
export const draft = (code) => vault.read("draft", code);
export const drop = (code) => vault.keep({ kind: "draft", id: code, value: null });
export const about = async (code) => (await items()).find((item) => item.sheet.code === code && OPEN.has(item.state));

const drafted = (value) => ({ kind: "draft", id: value.code, value: { ...value, rev: crypto.randomUUID() } });

// Whether a draft is still the one that a window knows by its revision, and the sheet is open.
export const unchanged = async (code, rev) => ((await draft(code))?.rev ?? null) === rev && !await about(code);

// What one window keeps or closes the others are told.
export const windows = globalThis.BroadcastChannel && new BroadcastChannel("amanat-drafts");
const tell = (code, rev) => windows?.postMessage({ code, rev });

// Keeps a draft in the place of the one that this window knows: its new revision, or null where
// another window was there in between.
export const keepDraft = (value, rev) => navigator.locks.request("amanat-draft", async () => {
  if (!await unchanged(value.code, rev)) return null;
  const made = drafted(value);
  await vault.keep(made);
  tell(value.code, made.value.rev);
  return made.value.rev;
});

// What a sheet says but for its count: by that the service knows a draft.
const content = (sheet) => keyOf({ ...sheet, cash_counted: null });
const known = async (sheet) => [...sheet.knows ?? [], await content(sheet)];

// One document at a time sends or changes what waits.
const alone = (work) => navigator.locks.request("amanat-queue", work);

// A sheet that is closed: on the disk, and no draft any more. The same again is the same item;
// where another sheet of the meeting waits for its answer, that one, and this stays a draft.
export async function add(sheet, more = {}) {
  const key = await keyOf(sheet);
  const before_ = await vault.read("sheet", key) ?? await about(sheet.code);
  if (before_ && OPEN.has(before_.state) && before_.state !== "needs") return before_;
  const item = { key, sheet, state: "waiting", made: Date.now(), sent: 0, ...more };
  await vault.keep(row(item), { kind: "draft", id: sheet.code, value: null });
  tell(sheet.code, null);
  told();
  return item;
}

async function become(item, changes) {
  const now = { ...await vault.read("sheet", item.key) ?? item, ...changes };
  await vault.keep(row(now));
  told();
  return now;
}

// A task that is solved: the sheet says something else now, and so has another key. What it was
// is kept with it.
export const replace = (item, sheet) => alone(async () => {
  const { key, problem, state } = await vault.read("sheet", item.key) ?? {};
  if (state !== "needs") return null;
  const now = { ...item, key: await keyOf(sheet), sheet: { ...sheet, knows: [...sheet.knows ?? [], ...await known(item.sheet)] }, state: "waiting", problem: null, was: [...item.was ?? [], { key, problem }] };
  const drop = now.key === key ? [] : [{ kind: "sheet", id: key, value: null }];
  await vault.keep(...drop, row(now));
  told();
  return now;
});

// Back to a draft, where nobody has it yet: never while its answer is not known.
export const reopen = (item) => alone(async () => {
  const now = await vault.read("sheet", item.key);
  if (now?.state !== "needs" && !(now?.state === "waiting" && !now.sent)) return false;
  const { code, fields, url } = now.sheet;
  await vault.keep({ kind: "sheet", id: item.key, value: null }, drafted({ code, fields, url, at: Date.now(), knows: await known(now.sheet) }));
  told();
  return true;
});

export const putAside = (item) => item.state === "needs" && item.saved && become(item, { state: "aside" });

// --- sending ----------------------------------------------------------------------------------

const rupees = (paisa) => `${paisa < 0 ? "-" : ""}${Math.trunc(Math.abs(paisa) / 100)}.${String(Math.abs(paisa) % 100).padStart(2, "0")}`;

const json = (address, body, headers) => fetch(address, {
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
  body: JSON.stringify(body),
  signal: AbortSignal.timeout(PATIENCE_MS),
});

// Lets the open vault's person be signed in. Raises where there is no network; false where her
// PIN is not known, or not right for the service.
export async function signIn() {
  const [name, pin] = [vault.person(), vault.pin()];
  if (!pin) return false;
  const answer = await json("/v1/sessions", { name, pin });
  if (answer.status === 401) vault.forgetPin();
  if (answer.status !== 201) return false;
  csrf = (await answer.json()).csrf_token;
  return true;
}

function post(item) {
  const { code, organisation, held_on, present, cash_counted, lines, box, knows } = item.sheet;
  const body = {
    code, organisation, held_on, present: [...present].sort(before), person: vault.person(), cash_counted: rupees(cash_counted),
    box: box === undefined ? null : rupees(box), knows: [...new Set(knows)].slice(-MOST_KNOWN),
    lines: lines.map(([member, kind, amount, loan]) => ({ member, kind, amount: rupees(amount), loan: loan ?? null })),
  };
  return json("/sheets/send", body, { "Idempotency-Key": item.key, "X-CSRF-Token": csrf ?? "" });
}

// What an answer says: null where it says nothing sure, as of a wall that wants a sign-in.
async function said(answer) {
  if (!/json/.test(answer.headers.get("Content-Type") ?? "")) return null;
  const body = await answer.json();
  if (answer.ok) return body.state ? body : null;
  return answer.status < 500 && ![408, 425, 429].includes(answer.status) && body.code ? { state: "needs", problem: body } : null;
}

// What the service has of a meeting, where that is why it refused a sheet of it.
async function beside({ code, organisation, held_on }) {
  const asked = `/sheets/${encodeURIComponent(code)}/beside?${new URLSearchParams({ organisation, on: held_on })}`;
  const answer = await fetch(asked, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok ? answer.json() : null;
}

const stranger = (answer) => answer?.state === "needs" && ["not_signed_in", "forbidden"].includes(answer.problem.code);

async function send(item) {
  const before_ = item.state;
  if (!navigator.onLine) return "later"; // nothing leaves the phone: she may still change the sheet
  if (!csrf && !await signIn()) return "pin";
  await become(item, { state: before_ === "asked" ? "asked" : "sending", sent: item.sent + 1 });
  let answer = await said(await post(item));
  if (stranger(answer)) {
    csrf = null;
    if (!await signIn()) {
      await become(item, { state: before_, sent: item.sent });
      return "pin";
    }
    answer = await said(await post(item));
  }
  if (!answer || answer.problem?.code === "not_signed_in") return "later";
  const { state, voucher, request, problem } = answer;
  if (ELSEWHERE.has(problem?.code)) problem.beside = await beside(item.sheet);
  await become(item, { state, voucher, request, problem: problem ?? null, done: Date.now() });
  return state;
}

// What a second officer has before him is asked after now and then.
const due = (item, now) =>
  ["waiting", "sending"].includes(item.state) || (item.state === "asked" && (now || item.done < Date.now() - ASKED_MS));

// Sends all that waits, one at a time, in one document at a time; again after growing pauses
// while something waits. Answers "pin" where the PIN is needed first.
export async function sendAll({ now = false } = {}) {
  if (!vault.person()) return "locked";
  clearTimeout(timer);
  if (now) pause = 0;
  const who = vault.person();
  const result = await alone(async () => {
    let found = "done";
    for (const item of (await items()).filter((one) => due(one, now)).reverse()) {
      if (vault.person() !== who) return "locked";
      const outcome = await send(item).catch(() => "later");
      if (outcome === "pin" || outcome === "later") found = outcome;
      if (outcome === "pin") break;
    }
    await tidy();
    return found;
  });
  if (result === "later") timer = setTimeout(sendAll, PAUSES_MS[Math.min(pause++, PAUSES_MS.length - 1)]);
  else pause = 0;
  told();
  return result;
}

async function tidy() {
  const old = (await items()).filter((item) => item.state === "written" && item.done < Date.now() - KEPT_MS);
  if (old.length) await vault.keep(...old.map((item) => ({ kind: "sheet", id: item.key, value: null })));
}

// --- a file -----------------------------------------------------------------------------------

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const bytes = (said_) => Uint8Array.from(atob(said_), (c) => c.charCodeAt(0));

// All of the vault's sheets and drafts, locked under the PIN; every task in it counts as saved.
export async function toFile(pin) {
  const [sheets, open] = [await items(), await drafts()];
  const salt = vault.random(16);
  const plain = new TextEncoder().encode(JSON.stringify({ sheets, drafts: open }));
  const key = await vault.stretched(pin, salt, FILE_ROUNDS);
  const { iv, data } = await vault.locked(key, plain, `file ${vault.person()}`);
  const made = { amanat: 1, person: vault.person(), rounds: FILE_ROUNDS, salt: base64(salt), iv: base64(iv), data: base64(data) };
  for (const item of sheets) if (item.state === "needs") await become(item, { saved: true });
  return JSON.stringify(made);
}

// Reads a file back; how many sheets were new, or "person", "pin", "file" for what is wrong.
export async function fromFile(said_, pin) {
  let found;
  try {
    found = JSON.parse(said_);
    if (found.amanat !== 1) return "file";
  } catch {
    return "file";
  }
  if (found.person !== vault.person()) return "person";
  const key = await vault.stretched(pin, bytes(found.salt), Math.min(found.rounds, FILE_ROUNDS));
  const plain = await vault.unlocked(key, { iv: bytes(found.iv), data: bytes(found.data) }, `file ${found.person}`);
  if (!plain) return "pin";
  const { sheets, drafts: open } = JSON.parse(new TextDecoder().decode(plain));
  const here = new Set((await items()).flatMap((item) => [item.key, ...(item.was ?? []).map((one) => one.key)]));
  const codes = new Set([...(await items()).map((item) => item.sheet.code), ...(await drafts()).map((one) => one.code)]);
  const fresh = sheets.filter((item) => !here.has(item.key));
  const begun = open.filter((one) => !codes.has(one.code));
  await vault.keep(...fresh.map(row), ...begun.map((value) => ({ kind: "draft", id: value.code, value })));
  told();
  return fresh.length + begun.length;
}
