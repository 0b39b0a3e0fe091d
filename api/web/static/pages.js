// Copies of the pages that a meeting needs, locked in the vault: home, what waits, the sheet.
import { day, fill, say } from "./say.js";
import * as vault from "./vault.js";

const FRESH_MS = 10 * 60_000;
const ALWAYS = ["/waiting", "/"];
const DAY_MS = 86_400_000;

// The day by the phone's clock, in Karachi. The clock may be wrong: only differences are used.
const today = () => Math.floor((Date.now() + 5 * 3_600_000) / DAY_MS);

// What a page is kept under: the sheet of a meeting under its organisation, whatever its day.
function name(url) {
  const { pathname, searchParams } = url;
  return pathname === "/sheets/new" ? `${pathname}?organisation=${searchParams.get("organisation")}` : pathname;
}

const keepable = (url) => ALWAYS.includes(url.pathname) || (url.pathname === "/sheets/new" && !url.searchParams.get("on") && !url.searchParams.get("nth"));

// The build that a page, or this script, is of.
const buildOf = (said) => /\/static\/([^/]+)\//.exec(said)?.[1];
const BUILD = buildOf(import.meta.url);

export async function keep(url, html) {
  if (!keepable(url)) return;
  await vault.keep({ kind: "page", id: name(url), value: { html, at: Date.now(), day: today(), lang: document.documentElement.lang, build: buildOf(html) } });
}

export const kept = (url) => vault.read("page", name(url));

// Fetches what is not kept yet, or not lately: one after the other, for the line is thin.
export async function gather() {
  if (!vault.person() || !navigator.onLine) return;
  const who = vault.person();
  const want = [...ALWAYS];
  for (const to of want) {
    const url = new URL(to, location.origin);
    try {
      let page = await kept(url);
      const { lang } = document.documentElement;
      if (page?.lang !== lang || page.build !== BUILD || Math.abs(Date.now() - page.at) > FRESH_MS) {
        const answer = await fetch(url, { headers: { Accept: "text/html" } });
        const html = await answer.text();
        const { body } = new DOMParser().parseFromString(html, "text/html");
        if (body.dataset.person !== who || vault.person() !== who) return;
        if (!answer.ok || answer.redirected) continue; // today's sheet is written: the last one stays
        await keep(url, html);
        page = { html };
      }
      if (to === "/") {
        const links = new DOMParser().parseFromString(page.html, "text/html").querySelectorAll("a[data-keep]");
        want.push(...Array.from(links, (link) => link.getAttribute("href")));
      }
    } catch {
      return;
    }
  }
  document.body.dataset.kept = "yes";
}

const iso = (at) => new Date(at).toISOString().slice(0, 10);
const typed = (said) => said.split("-").reverse().join("-");

// A kept sheet is of the day when it was fetched: it becomes that of the day it is opened for,
// and says from when its dues are.
export function redate(page, { day: then }, url) {
  const form = page.querySelector("form[data-sheet]");
  if (!form) return;
  const { on, organisation } = form.dataset;
  const asked = url.searchParams.get("on");
  const now = asked ? typed(asked) : iso(Date.parse(on) + Math.max(0, today() - then) * DAY_MS);
  const nth = Number(url.searchParams.get("nth") ?? 1);
  form.querySelector("[name=nth]").value = String(nth);
  form.dataset.on = now;
  form.dataset.code = `${organisation}.${now.replaceAll("-", "")}${nth > 1 ? `.${nth}` : ""}`;
  form.querySelector("[name=on]").value = typed(now);
  for (const place of page.querySelectorAll("[data-day]")) place.replaceChildren(day(now));
  const said = say("kept-of", page);
  if (said) page.getElementById("main").prepend(fill(said, { of: day(on) }));
}
