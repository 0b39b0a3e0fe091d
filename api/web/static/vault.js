// A vault on this phone for each of its people. Each has a random key of 256 bits that is never
// stored but wrapped: under her PIN, stretched and mixed with a key of this phone that no script
// can read out; and under a key that the service gives her when she signs in by password.
// What is open is open in the memory of one document, and gone with it.

export const ROUNDS = 600_000;
const FREE_TRIES = 5;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 24 * 3_600_000;

const { subtle } = crypto;
const text = new TextEncoder();
let opening = null;
let held = null; // { person, name, pin, raw, key, names }

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));
export const person = () => held?.person ?? null;
export const pin = () => held?.pin ?? null;
export const forgetPin = () => { if (held) held.pin = null; };
export const close = () => { held = null; };

// --- the database ---------------------------------------------------------------------------

function database() {
  opening ??= new Promise((done, failed) => {
    const asked = indexedDB.open("amanat", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("phone");
      asked.result.createObjectStore("people", { keyPath: "person" });
      asked.result.createObjectStore("records", { keyPath: ["person", "kind", "label"] });
    };
    asked.onsuccess = () => { asked.result.onversionchange = () => asked.result.close(); done(asked.result); };
    asked.onerror = () => failed(asked.error);
  });
  return opening;
}

// Reads or writes in one transaction, which is on the disk when this resolves: `work` is given
// its stores and answers with a request, whose result this gives.
async function transact(stores, mode, work) {
  const db = await database();
  return new Promise((done, failed) => {
    const made = db.transaction(stores, mode, { durability: "strict" });
    const asked = work(...stores.map((name) => made.objectStore(name)));
    made.oncomplete = () => done(asked?.result);
    made.onabort = made.onerror = () => failed(made.error);
  });
}

const one = (store, key) => transact([store], "readonly", (from) => from.get(key));

// Changes what is kept of a person as it is now, so that two documents never undo each other.
const change = (who, how) => transact(["people"], "readwrite", (people) => {
  const asked = people.get(who);
  asked.onsuccess = () => { if (asked.result) people.put(how(asked.result)); };
  return asked;
});

export const flag = (name, value) =>
  value === undefined ? one("phone", name) : transact(["phone"], "readwrite", (phone) => phone.put(value, name));

// --- keys ------------------------------------------------------------------------------------

async function phoneKey() {
  const made = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await transact(["phone"], "readwrite", (phone) => {
    const asked = phone.get("key");
    asked.onsuccess = () => { if (!asked.result) phone.put(made, "key"); };
  });
  return one("phone", "key");
}

const aes = (raw) => subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

// What somebody typed, made slow to guess.
export async function stretched(typed, salt, rounds) {
  const from = await subtle.importKey("raw", text.encode(typed), "PBKDF2", false, ["deriveBits"]);
  return subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, from, 256);
}

async function underPin(typed, salt, rounds) {
  const key = await phoneKey();
  return subtle.sign("HMAC", key, await stretched(typed, salt, rounds));
}

export async function locked(raw, plain, about) {
  const iv = random(12);
  const how = { name: "AES-GCM", iv, additionalData: text.encode(about) };
  return { iv, data: new Uint8Array(await subtle.encrypt(how, await aes(raw), plain)) };
}

// The plain bytes, or null under another key.
export async function unlocked(raw, { iv, data }, about) {
  const how = { name: "AES-GCM", iv, additionalData: text.encode(about) };
  try {
    return new Uint8Array(await subtle.decrypt(how, await aes(raw), data));
  } catch {
    return null;
  }
}

async function wrapped(raw, typed, who) {
  const salt = random(16);
  const { iv, data } = await locked(await underPin(typed, salt, ROUNDS), raw, `pin ${who}`);
  return { salt, rounds: ROUNDS, iv, data };
}

async function use(kept, typed, raw) {
  const base = await subtle.importKey("raw", raw, "HKDF", false, ["deriveBits"]);
  const part = (info) =>
    subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text.encode(info) }, base, 256);
  const names = await subtle.importKey("raw", await part("names"), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  held = { person: kept.person, name: kept.name, pin: typed, raw, key: await part("records"), names };
}

// --- people ----------------------------------------------------------------------------------

// Who has a vault here, and how many of her sheets wait in it: that much is no secret.
export async function people() {
  const all = await transact(["people"], "readonly", (from) => from.getAll());
  const records = await transact(["records"], "readonly", (from) => from.getAll());
  return all.map(({ person: who, name, id }) => ({
    person: who, name, id,
    waiting: records.filter((record) => record.person === who && record.open).length,
  }));
}

export async function create(who, name, typed) {
  const raw = random(32);
  const kept = { person: who, name, id: crypto.randomUUID(), pin: await wrapped(raw, typed, who), tries: 0, until: 0 };
  await transact(["people"], "readwrite", (from) => from.add(kept)); // never over another
  navigator.storage?.persist?.();
  await use(kept, typed, raw);
}

// Opens a vault: "open", "wrong", "wait" (until when), or "none" where there is no such vault.
// Each try is counted on the disk before it is made, so that nothing undoes the count.
export async function open(who, typed) {
  let turn = "none";
  let until = 0;
  await change(who, (kept) => {
    until = Math.min(kept.until, Date.now() + LONGEST_WAIT_MS); // the clock may have been far ahead
    if (until > Date.now()) { turn = "wait"; return { ...kept, until }; }
    turn = "try";
    const tries = kept.tries + 1;
    const wait = tries < FREE_TRIES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (tries - FREE_TRIES), LONGEST_WAIT_MS);
    until = wait && Date.now() + wait;
    return { ...kept, tries, until };
  });
  if (turn !== "try") return { state: turn, until };
  const kept = await one("people", who);
  const raw = await unlocked(await underPin(typed, kept.pin.salt, kept.pin.rounds), kept.pin, `pin ${who}`);
  if (!raw) return { state: "wrong", until };
  await change(who, (now) => ({ ...now, tries: 0, until: 0 }));
  await use(kept, typed, raw);
  return { state: "open" };
}

// Puts the open vault under another PIN; all that lies in it stays as it is.
export async function rewrap(typed) {
  const { person: who, raw } = held;
  const pinned = await wrapped(raw, typed, who);
  await change(who, (kept) => ({ ...kept, pin: pinned, tries: 0, until: 0 }));
  held.pin = typed;
}

// The second way in: a key that the service keeps for her on this phone.
export async function spare(secret) {
  const { person: who, raw } = held;
  const made = await locked(secret, raw, `spare ${who}`);
  await change(who, (kept) => ({ ...kept, spare: made }));
}

export async function openBySpare(who, secret, typed) {
  const kept = await one("people", who);
  const raw = kept?.spare ? await unlocked(secret, kept.spare, `spare ${who}`) : null;
  if (!raw) return false;
  await use(kept, typed, raw);
  await rewrap(typed);
  return true;
}

// --- records ---------------------------------------------------------------------------------

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const about = (record) => JSON.stringify([record.person, record.kind, record.label, record.open]);
const label = async (kind, id) => hex(await subtle.sign("HMAC", held.names, text.encode(`${kind} ${id}`))).slice(0, 32);

// Keeps records, and drops those whose value is null, all of them or none. Each is bound to its
// person, kind, name and place in the count: none can be put in another's place.
export async function keep(...changes) {
  const made = await Promise.all(changes.map(async ({ kind, id, value, open: counts = 0 }) => {
    const record = { person: held.person, kind, label: await label(kind, id), open: counts };
    if (value === null) return { record };
    const plain = text.encode(JSON.stringify({ id, value }));
    return { record: { ...record, ...await locked(held.key, plain, about(record)) }, put: true };
  }));
  await transact(["records"], "readwrite", (records) => {
    for (const { record, put } of made) {
      if (put) records.put(record);
      else records.delete([record.person, record.kind, record.label]);
    }
  });
}

async function plain(record) {
  const bytes = record && await unlocked(held.key, record, about(record));
  return bytes ? JSON.parse(new TextDecoder().decode(bytes)) : null;
}

export async function read(kind, id) {
  return (await plain(await one("records", [held.person, kind, await label(kind, id)])))?.value ?? null;
}

export async function all(kind) {
  const range = IDBKeyRange.bound([held.person, kind], [held.person, kind, []]);
  const found = await transact(["records"], "readonly", (records) => records.getAll(range));
  return (await Promise.all(found.map(plain))).filter(Boolean).map(({ value }) => value);
}
