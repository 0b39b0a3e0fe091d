// A meeting's sheet on this phone: each change of it is on the disk at once. What was changed
// elsewhere, in another window or by another phone, is said before anything takes its place.
import * as queue from "./queue.js";
import { say } from "./say.js";
import { enhance } from "./sheet.js";

const ANSWER_MS = 8_000;
const KEEP_MS = 100;

// Brings a sheet's form to life. `flushes` is given what brings the last change to the disk.
export async function hold(form, { visit, send, flushes }) {
  const { code } = form.dataset;
  const waits = (await queue.items()).find((item) => item.sheet.code === code && item.state !== "aside");
  if (waits) return visit(`/waiting#${waits.key}`, { push: true });
  const url = `${location.pathname}?${new URLSearchParams({ organisation: form.dataset.organisation, on: form.elements.on.value, nth: form.elements.nth.value })}`;
  const kept = await queue.draft(code);
  const seen = form.elements.seen?.value; // the draft that the service keeps, and that this page shows
  const knows = new Set(kept ? kept.knows ?? [] : seen ? [seen] : []);
  let [rev, torn, latest, timer, writing] = [kept?.rev ?? null, false, null, 0, Promise.resolve()];

  const keep = async (value) => {
    const now = await queue.keepDraft({ ...value, knows: [...knows] }, rev);
    if (!now) return tear();
    rev = now;
    if (!latest) form.dataset.kept = ""; // nothing of it is in memory alone
  };
  const write = () => {
    clearTimeout(timer);
    const value = latest && { code, url, fields: latest, at: Date.now(), focus: focused(form) };
    if (torn) return writing; // what she typed stays on this page until she has chosen
    latest = null;
    if (value) writing = writing.then(() => keep(value)).catch(() => {}); // a full phone: the next is tried again
    return writing;
  };
  const changed = (fields) => { delete form.dataset.kept; latest ??= (timer = setTimeout(write, KEEP_MS), fields); latest = fields; };

  // Another window has changed this sheet, or closed it: the one or the other goes on.
  function tear() {
    if (torn || !form.isConnected) return;
    torn = true;
    choice("other-window", {
      take: () => visit(url),
      stay: async () => {
        torn = false;
        rev = (await queue.draft(code))?.rev ?? null;
        changed(sheet.fields());
        await write();
      },
    });
  }

  const close = async (closed) => {
    await write();
    if (torn || !await queue.unchanged(code, rev)) { tear(); return back(); }
    latest = null;
    clearTimeout(timer);
    flushes(() => writing);
    const item = await queue.add({ ...closed, url, knows: [...knows] }).catch(() => null);
    if (!item) return plainly(form, visit); // a full phone: it goes the way without script
    const answered = new Promise((done) => setTimeout(done, ANSWER_MS));
    await Promise.race([send({ now: true }), answered]);
    const now = (await queue.items()).find((one) => one.key === item.key) ?? item;
    await visit(now.state === "written" ? `/sheets/${encodeURIComponent(code)}/receipts` : `/waiting#${now.key}`);
  };

  flushes(write);
  queue.windows?.addEventListener("message", ({ data }) => {
    if (form.isConnected && data.code === code) queue.unchanged(code, rev).then((same) => same || tear());
  });
  const sheet = enhance(form, { saved: kept?.fields ?? null, changed, close });
  if (kept?.focus) attend(form, kept.focus);
  if (seen && !knows.has(seen) && seen !== await queue.keyOf(sheet.written(null))) {
    choice("other-draft", {
      take: async () => { await queue.drop(code); visit(url); },
      stay: () => { knows.add(seen); changed(sheet.fields()); },
    });
  }
}

// A sentence at the top, and its two ways on.
function choice(name, ways) {
  document.querySelector("[data-choice]")?.remove();
  const box = say(name).firstElementChild;
  box.dataset.choice = "";
  for (const [way, go] of Object.entries(ways)) box.querySelector(`[data-${way}]`).onclick = () => { box.remove(); go(); };
  document.getElementById("main").prepend(box);
  box.focus();
  document.querySelector("main").scrollTo(0, 0);
}

// From the count to the sheet, where the choice stands above it.
const back = () => history.back();

const plainly = (form, visit) => visit(form.action, { init: { method: "POST", body: new URLSearchParams(new FormData(form)) } });

const focused = (form) => (form.contains(document.activeElement) ? document.activeElement.name || document.activeElement.closest("[data-member]")?.dataset.member : null);

// On at the same card.
function attend(form, name) {
  const at = form.querySelector(`[name="${CSS.escape(name)}"], [data-member="${CSS.escape(name)}"]`);
  for (let up = at?.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
  at?.scrollIntoView({ block: "center" });
  at?.focus?.();
}
