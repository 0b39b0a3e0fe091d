// The shell of every page. Where somebody's vault is open it goes from page to page itself, so
// that the key in this document's memory is not lost; it keeps copies of the pages that the
// meeting needs, and shows them where there is no internet. Whatever it says stands in the page.
import * as pages from "./pages.js";
import * as queue from "./queue.js";
import * as vault from "./vault.js";
import { dialog, fill, say, where } from "./say.js";

const SILENCE_MS = 4_000;
let going = 0;
let flush = () => {};
let shown = location.pathname + location.search;

// --- from page to page ------------------------------------------------------------------------

async function show(html, url, { push, kept = null }) {
  const next = read(html);
  await styled(next);
  if (kept) pages.redate(next, kept, url);
  document.title = next.title;
  for (const name of ["lang", "dir"]) document.documentElement.setAttribute(name, next.documentElement.getAttribute(name));
  document.body.replaceWith(document.adoptNode(next.body));
  if (push && url.href !== location.href) history.pushState(null, "", url);
  shown = location.pathname + location.search;
  if (kept && queue.token()) for (const field of document.querySelectorAll("input[name=csrf]")) field.value = queue.token();
  const at = document.querySelector("[data-focus]") ?? document.getElementById("main");
  at?.focus();
  window.scrollTo(0, 0);
  return dress();
}

// What a page at a desk is laid out by is not there yet on a page of a telephone.
async function styled(next) {
  for (const sheet of next.head.querySelectorAll("link[rel=stylesheet]")) {
    if (document.head.querySelector(`link[href="${sheet.getAttribute("href")}"]`)) continue;
    const wanted = document.adoptNode(sheet);
    const there = new Promise((done) => { wanted.onload = wanted.onerror = done; });
    document.head.append(wanted);
    await there;
  }
}

const read = (html) => new DOMParser().parseFromString(html, "text/html");
// Whether a page is of another build than the scripts that run here: those that it wants come with
// it where it is loaded anew, which asks for the PIN once. Builds are never mixed.
const scripts = (page) => page.querySelector('head script[src$="/shell.js"]')?.getAttribute("src");
const another = (html) => scripts(read(html)) !== scripts(document);
const csrfOf = (html) => read(html).querySelector("input[name=csrf]")?.value ?? null;
const strange = (answer) => !/text\/html/.test(answer.headers.get("Content-Type") ?? "");
const person = (html) => read(html).body.dataset.person;
const entrance = (url) => ["/login", "/pin"].includes(url.pathname);

// A page from the network, as its own person's: the cookie may have ended, or be another's.
async function fetched(url, init, again = true) {
  if (init && vault.person()) {
    if (!queue.token()) await queue.signIn();
    if (queue.token()) init.body.set("csrf", queue.token());
  }
  const answer = await fetch(url, { ...init, headers: { Accept: "text/html" } });
  if (strange(answer)) return { answer };
  const html = await answer.text();
  const [at, who] = [new URL(answer.url), person(html)];
  const ended = (entrance(at) || answer.status === 401) && !entrance(new URL(url, location)) && vault.person();
  if (again && vault.person() && (ended || (who && who !== vault.person())) && await queue.signIn()) {
    return fetched(url, init, false);
  }
  if (who && vault.person() && who !== vault.person()) throw new Error("another person's session");
  if (who && who === vault.person()) {
    queue.knows(csrfOf(html) ?? queue.token());
    if (answer.ok && !init?.body) await pages.keep(at, html);
  }
  return { answer, html, at };
}

async function visit(to, { push = true, init } = {}) {
  const [url, turn] = [new URL(to, location.href), ++going];
  await flush();
  document.body.setAttribute("aria-busy", "true");
  const kept = vault.person() && !init ? await pages.kept(url) : null;
  const found = await arrival(url, init, kept).catch(() => null);
  document.body.removeAttribute("aria-busy");
  if (turn !== going) return;
  if (found) {
    const { answer, html, at } = found;
    if (html === undefined) return location.assign(url);
    at.hash = url.hash;
    if (vault.person() && another(html) && (!init || answer.redirected)) return location.assign(at);
    await show(html, at, { push });
    if (answer.ok) send();
  } else if (kept) {
    await show(kept.html, url, { push, kept });
  } else if (init) {
    banner("cannot");
  } else {
    if (push) history.pushState(null, "", url);
    where("not-kept");
  }
}

// What the network gives; after a silence, where there is a kept copy, nothing.
function arrival(url, init, kept) {
  const asked = fetched(url, init);
  if (!kept) return asked;
  asked.catch(() => {});
  return Promise.race([asked, new Promise((_, no) => { setTimeout(no, SILENCE_MS, new Error("silence")); })]);
}

function banner(name) {
  document.querySelector("[data-banner]")?.remove();
  const said = say(name);
  const box = said?.firstElementChild;
  if (!box) return;
  box.dataset.banner = "";
  document.getElementById("main").prepend(said);
  box.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (!vault.person() || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
  event.preventDefault();
  visit(link.href);
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.matches("[data-pin]")) { event.preventDefault(); return enter(form); }
  if (submitter?.matches("[data-lock]")) { event.preventDefault(); return lock(form); }
  if (!vault.person() || form.target || form.enctype === "multipart/form-data") return;
  const url = new URL(submitter?.getAttribute("formaction") ?? form.action);
  if (url.origin !== location.origin) return;
  event.preventDefault();
  const said = new URLSearchParams(new FormData(form, submitter));
  if (form.method !== "post") { url.search = said; return visit(url); }
  visit(url, { init: { method: "POST", body: said } });
});

addEventListener("popstate", () => {
  if (location.pathname + location.search === shown) return; // a stage of the same page
  if (vault.person()) visit(location.href, { push: false });
  else location.reload();
});
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("online", () => { state(); send({ now: true }).then(pages.gather); });
addEventListener("offline", state);
addEventListener("pagehide", () => flush());
document.addEventListener("visibilitychange", () => document.hidden && flush());
document.addEventListener("queue", state);

// --- who is there -----------------------------------------------------------------------------

const wait = (form, until) => problem(form, "pin-wait", { n: Math.ceil((until - Date.now()) / 1000) });

function problem(form, name, slots) {
  const place = form.querySelector("[data-problem]") ?? form.insertBefore(document.createElement("div"), form.firstChild);
  place.dataset.problem = "";
  place.replaceChildren(fill(say(name), slots));
  const field = form.querySelector("[name=pin]");
  field.value = "";
  field.focus();
}

// A PIN that was entered: it opens the vault on this phone, and where there is internet the
// service too. Either may not know it, where the PIN was changed on one of them alone.
async function enter(form) {
  const said = new URLSearchParams(new FormData(form));
  const typed = said.get("pin");
  const who = form.dataset.person ?? said.get("name");
  if (form.dataset.pin === "phone") return alone(form, who, typed);
  const fresh = form.action.endsWith("/pin/new");
  const mine = vault.person() === who;
  if (!mine) vault.close();
  const here = mine ? { state: "mine" } : fresh ? { state: await vaultOf(who) ? "wrong" : "none" } : await vault.open(who, typed);
  if (here.state === "wait") return wait(form, here.until);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: said, headers: { Accept: "text/html" } });
  } catch {
    if (here.state === "open") return entered(said.get("next") ?? "/");
    return problem(form, { none: "no-vault", wrong: "pin-wrong", mine: "cannot" }[here.state]);
  }
  const [html, at] = [await answer.text(), new URL(answer.url)];
  if (!answer.redirected || entrance(at)) {
    if (!mine) vault.close();
    return show(html, at, { push: false });
  }
  if (mine) await vault.rewrap(typed);
  if (here.state === "none") await vault.create(who, named(form, who), typed);
  if (here.state === "wrong") await otherwise(who, typed, html);
  if (fresh && vault.person()) await spare(html);
  if (vault.person()) {
    queue.knows(csrfOf(html));
    await pages.keep(at, html);
  }
  await vault.flag("locked", false);
  await show(html, at, { push: true });
  await send();
  pages.gather();
}

const vaultOf = async (who) => (await vault.people()).find((one) => one.person === who);

// The service knows the PIN, the vault another: with the spare key, or the old PIN, it is opened
// and put under the new one. Without either it stays as it is.
async function otherwise(who, typed, html) {
  const secret = await spareKey(who, html);
  if (secret && await vault.openBySpare(who, secret, typed)) return;
  const box = dialog("old-pin");
  for (;;) {
    const old = await box.ask();
    if (old === null) break;
    const { state: found, until } = await vault.open(who, old);
    if (found === "open") { await vault.rewrap(typed); break; }
    if (found === "wait") wait(box.form, until);
    else problem(box.form, "pin-wrong");
  }
  box.close();
}

// Given only to whoever signed in by password.
async function spareKey(who, html) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfOf(html) };
  try {
    const answer = await fetch("/pin/spare", { method: "POST", headers, body: JSON.stringify({ vault: (await vaultOf(who)).id }) });
    return answer.ok ? Uint8Array.from(atob((await answer.json()).key), (c) => c.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

async function spare(html) {
  const secret = await spareKey(vault.person(), html);
  if (secret) await vault.spare(secret);
}

const named = (form, who) =>
  form.dataset.name ?? form.querySelector(`[value="${CSS.escape(who)}"]`)?.parentElement.textContent.trim() ?? who;

// The phone alone: the page that stands in where there is no internet, or one that was reloaded.
async function alone(form, who, typed) {
  const { state: found, until } = await vault.open(who, typed);
  if (found === "open") {
    form.closest("dialog")?.close();
    form.closest("dialog")?.remove();
    return entered(location.pathname === "/offline" || entrance(location) ? "/" : location.href, document.body.dataset.person === who);
  }
  return found === "wait" || until > Date.now() ? wait(form, until) : problem(form, "pin-wrong");
}

async function entered(to, stay = false) {
  if (stay) {
    queue.knows(document.querySelector("input[name=csrf]")?.value ?? null);
    document.getElementById("main").focus();
    await dress();
    await send();
  } else {
    await visit(to, { push: new URL(to, location).href !== location.href });
  }
  await vault.flag("locked", false);
  pages.gather();
}

// Locks: the key is gone at once; the session as soon as the service hears of it.
async function lock(form) {
  await flush();
  const body = new URLSearchParams(new FormData(form));
  if (queue.token()) body.set("csrf", queue.token());
  const address = form.action;
  vault.close();
  others?.postMessage("lock");
  document.body.replaceChildren(); // whoever takes the phone, or goes back, sees nothing
  await vault.flag("locked", true);
  const ended = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(SILENCE_MS) }).then((answer) => answer.ok, () => false);
  await vault.flag("locked", !ended);
  location.assign("/pin");
}

// Locked in one window is locked in all.
const others = globalThis.BroadcastChannel && new BroadcastChannel("amanat");
others?.addEventListener("message", () => {
  vault.close();
  document.body.replaceChildren();
  location.assign("/pin");
});

// Sends what waits; where the service does not know this PIN, it is said how to go on.
async function send(how) {
  const found = await queue.sendAll(how);
  if (found === "pin") banner("sign-in");
  return found;
}

// --- a page, as it is shown -------------------------------------------------------------------

async function state() {
  const [mine, all] = vault.person() ? [await queue.items(), []] : [[], await vault.people()];
  const open = mine.filter((item) => queue.OPEN.has(item.state));
  const needs = open.filter((item) => item.state === "needs").length;
  const n = vault.person() ? open.length : all.reduce((sum, one) => sum + one.waiting, 0);
  const name = needs ? "state-needs" : n ? "state-waits" : navigator.onLine ? "state-nothing" : "state-offline";
  for (const chip of document.querySelectorAll("[data-state]")) {
    const said = say(name);
    if (!said) return;
    chip.replaceChildren(fill(said, { n: needs || n }));
    chip.dataset.state = name.slice(6);
    chip.hidden = false;
  }
}

async function dress() {
  await state();
  const form = document.querySelector("form[data-mode]");
  if (form) await sheet(form);
  const counting = document.querySelector("main > [data-should-be]");
  if (counting) new (await import("./count.js")).Notes(counting.parentElement, () => Number(counting.dataset.shouldBe));
  if (document.querySelector("[data-load]")) (await import("./desk.js")).load();
  if (document.querySelector("[data-print], [data-share]")) (await import("./receipt.js")).enhanceReceipts();
  const list = document.querySelector("[data-waiting]");
  if (list && vault.person()) (await import("./waiting.js")).list(list, visit, send);
}

// The sheet's form: it works by itself; where it is of a meeting, this phone keeps it, too.
async function sheet(form) {
  if (vault.person() && form.matches("[data-sheet]")) {
    return (await import("./meeting.js")).hold(form, { visit, send, flushes: (work) => { flush = work; } });
  }
  return (await import("./sheet.js")).enhance(form);
}

// --- the beginning ----------------------------------------------------------------------------

async function begin() {
  navigator.serviceWorker?.register("/sw.js").catch(() => {});
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return dress();
  if (document.body.hasAttribute("data-offline")) return (await import("./offline.js")).begin();
  const here = document.body.dataset.person;
  const mine = here && await vaultOf(here);
  if (mine && await vault.flag("locked")) return lock(document.querySelector("form[action='/logout']") ?? fakeForm());
  if (!mine || location.pathname === "/pin/new") return dress();
  await state();
  const box = dialog("unlock");
  box.form.dataset.person = here;
  fill(box.form, { who: mine.name });
  box.open();
}

function fakeForm() {
  const form = document.createElement("form");
  form.action = "/logout";
  const field = document.querySelector("input[name=csrf]");
  if (field) form.append(field.cloneNode());
  return form;
}

begin();
