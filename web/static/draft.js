// The draft of a request, kept while it is filled in: encrypted with a key that no script can read out, on this device alone.
// It goes when it is sent, at sign-out, and after 24 hours. Without a network the form waits, and leaves by itself afterwards.
import { DRAFTS, UNTIL, LIFE, forgetDrafts } from "./forgetting.js";

const AGAIN = 4000; // ms between two attempts
const PATIENCE = 15000; // ms before a request counts as lost
const who = document.documentElement.dataset.person;
let opened, saving, waiting;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(DRAFTS, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

async function within(mode, work) {
  const base = await open();
  return new Promise((done, failed) => {
    const asking = base.transaction("kept", mode);
    const asked = work(asking.objectStore("kept"));
    asking.oncomplete = () => done(asked?.result);
    asking.onerror = asking.onabort = () => failed(asking.error);
  });
}

async function key() {
  const known = await within("readonly", (kept) => kept.get(`key ${who}`));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await within("readwrite", (kept) => kept.put(made, `key ${who}`));
  return made;
}

async function save(form) {
  clearTimeout(saving);
  const said = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(said));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), text);
  const at = Date.now();
  await within("readwrite", (kept) => kept.put({ at, iv, sealed }, `draft ${who}`));
  localStorage.setItem(UNTIL, String(at + LIFE));
  document.documentElement.dataset.draft = "kept";
}

async function found() {
  const draft = await within("readonly", (kept) => kept.get(`draft ${who}`));
  if (!draft) return null;
  if (Date.now() > draft.at + LIFE) return forget();
  try {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: draft.iv }, await key(), draft.sealed);
    return { at: draft.at, said: JSON.parse(new TextDecoder().decode(text)) };
  } catch {
    return forget();
  }
}

async function forget() {
  clearTimeout(saving);
  opened?.then((base) => base.close());
  opened = undefined;
  await forgetDrafts();
  delete document.documentElement.dataset.draft;
  return null;
}

function later(form) {
  clearTimeout(saving);
  saving = setTimeout(() => save(form).catch(() => {}), 300);
}

const bar = (shown) => {
  for (const one of document.querySelectorAll("[data-draft-waits]")) one.hidden = !shown;
};

// Send what the form holds now; wait and try again for as long as nobody answers.
async function send(form, more = {}) {
  clearTimeout(waiting);
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "Ordi-Draft": "1" }, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status >= 502) throw new Error(String(answer.status));
    if (answer.headers.get("Ordi-Go")) {
      await forget();
      location.assign(answer.headers.get("Ordi-Go"));
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.redirected || !page.querySelector("form[data-draft]")) {
      location.assign(answer.redirected ? answer.url : location.href);
      return;
    }
    bar(false);
    show(page);
  } catch {
    bar(true);
    waiting = setTimeout(() => send(form, more), AGAIN);
  }
}
let again;
addEventListener("online", () => document.querySelector("[data-draft-waits]:not([hidden])") && again?.());

function show(page) {
  document.title = page.title;
  const main = document.adoptNode(page.querySelector("main"));
  document.querySelector("main").replaceWith(main);
  scrollTo(0, 0);
  begin();
  (main.querySelector("[data-errors], .field-wrong input") ?? main.querySelector("h1"))?.focus?.();
  save(main.querySelector("form[data-draft]")).catch(() => {});
}

function begin() {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  form.addEventListener("input", () => later(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const go = event.submitter?.name ? { [event.submitter.name]: event.submitter.value } : {};
    again = () => send(form, go);
    save(form).catch(() => {}).then(again);
  });
}

async function offer() {
  const draft = await found();
  const notice = document.querySelector("[data-draft-found]");
  if (!draft || !notice) return;
  notice.hidden = false;
  notice.querySelector("[data-draft-at]").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(draft.at);
  notice.querySelector("[data-draft-drop]").addEventListener("click", async () => {
    await forget();
    notice.hidden = true;
  });
  notice.querySelector("[data-draft-resume]").addEventListener("click", () => {
    const form = document.querySelector("form[data-draft]");
    const token = form.elements.csrf_token.value;
    const copy = document.createElement("form");
    copy.action = form.action;
    for (const [name, value] of [...draft.said, ["csrf_token", token], ["go", "show"]]) {
      const field = Object.assign(document.createElement("input"), { name, value });
      copy.append(field);
    }
    again = () => send(copy);
    again();
  });
}

if (who && crypto.subtle && "indexedDB" in window) {
  begin();
  offer().catch(() => {});
  setInterval(() => Number(localStorage.getItem(UNTIL) ?? Infinity) < Date.now() && forget(), 60_000);
}
