// The page that stands in for any other where there is no internet: who is there, and the PIN.
import { fill, say } from "./say.js";
import * as vault from "./vault.js";

const languages = () => [...document.querySelectorAll("template[data-language]")];

function speak(code) {
  const found = languages().find((one) => one.dataset.language === code) ?? languages()[0];
  Object.assign(document.documentElement, { lang: found.dataset.language, dir: found.dataset.direction });
  const shown = document.importNode(found.content, true);
  document.querySelector("[data-spoken]")?.remove();
  const part = document.createElement("div");
  part.dataset.spoken = "";
  part.className = "phone";
  part.append(shown);
  document.body.prepend(part);
}

async function ask() {
  const list = document.querySelector("[data-people]");
  const people = await vault.people();
  for (const one of people) {
    const row = fill(say("person"), { who: one.name });
    const choice = row.querySelector("input");
    choice.value = one.person;
    choice.checked = people.length === 1;
    const waits = row.querySelector("[data-waits]");
    waits.hidden = !one.waiting;
    waits.append(fill(say("waits"), { n: one.waiting }));
    list.append(row);
  }
  document.querySelector("form[data-pin]").hidden = !people.length;
  document.querySelector("[data-nobody]").hidden = people.length > 0;
  document.querySelector("[name=pin]")?.focus();
}

export async function begin() {
  const chosen = /(?:^|; )amanat_language=(\w+)/.exec(document.cookie)?.[1] ?? navigator.language.slice(0, 2);
  speak(languages().some((one) => one.dataset.language === chosen) ? chosen : "ur");
  document.body.addEventListener("click", async (event) => {
    const to = event.target.closest("[data-speak]")?.dataset.speak;
    if (!to) return;
    document.cookie = `amanat_language=${to}; path=/; max-age=31536000; samesite=lax`;
    speak(to);
    await ask();
  });
  await ask();
}
