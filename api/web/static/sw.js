// The worker: keeps the files of the pages, and the one page that stands in for any other
// where there is no internet. It keeps nothing of anybody: that lies locked in the vault.
const FILES = [/*FILES*/];
const VERSION = "/*SHELL*/" + FILES[0];
const SHELL = "/offline?v=/*SHELL*/";
const SILENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(VERSION);
    await cache.addAll([...FILES, new Request(SHELL, { cache: "no-cache" })]);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    // The build before stays, for the pages of it that are open: they load the rest of it later.
    const older = (await caches.keys()).filter((name) => name !== VERSION);
    for (const name of older.slice(0, -1)) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request, url));
});

// A page from the network; without it, or after a silence where somebody's vault is on this
// phone, the one that asks who is there.
async function page(request) {
  const shell = () => caches.match(SHELL);
  const network = fetch(request);
  network.catch(() => {});
  try {
    const silent = new Promise((done) => setTimeout(done, SILENCE_MS));
    return (await Promise.race([network, silent])) ?? ((await someone()) && (await shell())) ?? (await network);
  } catch {
    return (await shell()) ?? Response.error();
  }
}

// A file by its version; of a version that is gone, the file that has its name now.
async function file(request, url) {
  const kept = await caches.match(request);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch {
    const name = url.pathname.split("/").pop();
    const now = FILES.find((one) => one.endsWith("/" + name));
    return (now && (await caches.match(now))) ?? Response.error();
  }
}

function someone() {
  return new Promise((done) => {
    const asked = indexedDB.open("amanat");
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => done(null);
    asked.onsuccess = () => {
      const db = asked.result;
      const counted = db.transaction("people").objectStore("people").count();
      counted.onsuccess = () => { db.close(); done(counted.result || null); };
    };
  });
}
