// Opens a device of the workshop without a network, for whoever came in here with their badge within the last hours.
// What stays is sealed under the badge's own secret (130 bits, on the card alone) with the pictures: who has not the card
// has nothing to try. Five wrong tries in a row, its age, or the server's word erase it (web/sign_in/unlocking.py).
import { forget, keep, recall } from "./kept.js";

const KEPT = "unlocking";
const MARKS = "/sign-in/badge/kept";
const TRIES = 5;
const MOST = 8; // people a device may open for
const ROUNDS = 600_000; // of PBKDF2: some tenths of a second for one try
const SLACK = 60_000; // ms a clock may be put back by itself
const PATIENCE = 8000; // ms

const bytes = (text) => new TextEncoder().encode(text);
const alone = (work) => (navigator.locks ? navigator.locks.request("ordi-unlocking", work) : work());

// Which of what is kept is this badge's; it says nothing of the badge.
async function nameOf(badge) {
  const told = await crypto.subtle.digest("SHA-256", bytes(`ordi-unlocking ${badge}`));
  return [...new Uint8Array(told, 0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function keyOf(badge, pictures, salt) {
  const said = await crypto.subtle.importKey("raw", bytes(`${badge} ${pictures}`), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, said, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// What is neither too old, nor tried too often, nor from a clock that was put back since; the rest goes.
async function living() {
  const all = (await recall(KEPT)) ?? [];
  const now = Date.now();
  const rows = all.filter((row) => row.wrong < TRIES && now < row.until && now > row.at - SLACK);
  if (rows.length < all.length) await keep(KEPT, rows);
  return rows;
}

export const opens = async () => (await living()).length > 0;

export async function knows(badge) {
  const name = await nameOf(badge);
  return (await living()).some((row) => row.name === name);
}

// The slow half, to be begun while the server is asked.
export async function prepare(badge, pictures) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { name: await nameOf(badge), salt, key: await keyOf(badge, pictures, salt) };
}

// The server just opened: `person` may open here without it for `lasts` seconds.
export async function lay({ name, salt, key }, { person, mark, lasts }) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes(JSON.stringify(person)));
  const at = Date.now();
  await alone(async () => {
    const others = (await living()).filter((row) => row.name !== name);
    await keep(KEPT, [...others, { name, mark, salt, iv, sealed, at, until: at + lasts * 1000, wrong: 0 }].slice(-MOST));
  });
}

// Whoever this badge and these pictures are, who is then here; else null, and how many tries are left. Each try is
// counted on the disk before it is made: closing the page gives none back.
export const open = (badge, pictures) =>
  alone(async () => {
    const name = await nameOf(badge);
    const rows = await living();
    const row = rows.find((one) => one.name === name);
    if (!row) return { person: null, left: 0 };
    row.wrong += 1;
    await keep(KEPT, rows);
    try {
      const key = await keyOf(badge, pictures, row.salt);
      const told = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, key, row.sealed);
      const person = JSON.parse(new TextDecoder().decode(told));
      row.wrong = 0;
      await keep(KEPT, rows);
      await keep("locked", (await recall("locked")) ?? (await recall("state"))?.sitting ?? ""); // the sitting before ends
      await keep("unlocked", { person, mark: row.mark, until: row.until });
      return { person, left: TRIES };
    } catch {
      await living();
      return { person: null, left: TRIES - row.wrong };
    }
  });

// Whoever opened here without a network, and is still here.
export async function unlocked() {
  const here = await recall("unlocked");
  return here && Date.now() < here.until ? here.person : null;
}

// The server is heard again: what it does not name is erased (a badge that ended, a device that was removed, a sign-out).
export async function sweep() {
  const asked = ((await recall(KEPT)) ?? []).map((row) => row.mark);
  const here = await recall("unlocked");
  if (!asked.length && !here) return;
  const response = await fetch(MARKS, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (!response?.ok) return;
  const { marks } = await response.json();
  const gone = asked.filter((mark) => !marks.includes(mark));
  await alone(async () => gone.length && keep(KEPT, (await living()).filter((row) => !gone.includes(row.mark))));
  if (here && !marks.includes(here.mark)) await forget("unlocked");
}
