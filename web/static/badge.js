// A badge before the camera or a scanner, then four pictures. Also the page where one chooses one's own four.
import { feel } from "./answer.js";
import { forget } from "./kept.js";
import { LONG, touchFour } from "./pictures.js";
import { readBadge } from "./tags.js";
import { lay, open, prepare, sweep } from "./unlocking.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const form = document.querySelector("[data-badge-form]");
const room = document.querySelector("[data-scan]");

if (form && !room) {
  const send = form.querySelector("[data-picture-send]");
  touchFour(form, form.elements.pictures, (count) => (send.disabled = count < LONG));
}

if (form && room) {
  const none = document.querySelector("[data-badge-none]");
  const title = document.querySelector("[data-badge-title]");
  const says = document.querySelector("[data-badge-says]");
  const first = title.textContent;
  const four = touchFour(form, form.elements.pictures, (count) => count === LONG && enter());

  const step = (pictures) => {
    form.hidden = !pictures;
    document.querySelector("[data-badge-show]").hidden = pictures;
    title.textContent = pictures ? title.dataset.sayPictures : first;
  };
  const found = (text) => {
    const badge = readBadge(text);
    none.hidden = Boolean(badge);
    if (!badge) {
      feel("stop");
      return;
    }
    feel("ok");
    eye.close();
    says.hidden = true;
    form.elements.badge.value = badge;
    four.clear();
    step(true);
    form.querySelector("[data-picture]").focus();
  };
  const refuse = (text) => {
    feel("stop");
    form.elements.badge.value = "";
    four.clear();
    step(false);
    says.hidden = false;
    says.querySelector("p").textContent = text;
    eye.openIfAllowed();
  };

  async function ask() {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "manual" });
    if (response.status >= 502) throw new Error(String(response.status));
    return response;
  }

  const isAnswer = (response) => response.headers.get("Content-Type")?.split(";")[0] === "application/json";

  // A page that stood here too long, or whose sitting ended meanwhile, asks for a new token: nobody shows a badge twice for it.
  async function renew() {
    const page = new DOMParser().parseFromString(await (await fetch(location.href, { cache: "no-store" })).text(), "text/html");
    const fresh = page.querySelector("[data-badge-form] [name=csrf_token]")?.value;
    if (fresh) form.elements.csrf_token.value = fresh;
    return Boolean(fresh);
  }

  // While the server looks, this device makes what opens it later without a network; it stays only if the server opens.
  async function enter() {
    const [badge, pictures] = [form.elements.badge.value, form.elements.pictures.value];
    const making = prepare(badge, pictures).catch(() => null);
    let response;
    try {
      response = await ask();
      if (!isAnswer(response) && (await renew())) response = await ask();
    } catch {
      await alone(badge, pictures);
      return;
    }
    if (!isAnswer(response)) {
      form.submit(); // the server says itself what is wrong
      return;
    }
    const told = await response.json();
    if (!response.ok) {
      refuse(told.refusal);
      return;
    }
    try {
      const made = await making;
      if (made) await lay(made, told);
      await forget("locked");
      await forget("unlocked");
    } catch {
      // A browser that keeps nothing opens with the server only.
    }
    location.assign(told.next);
  }

  // Nobody answers: the one page that opens without a network, for whoever came in here with this badge before.
  async function alone(badge, pictures) {
    const there = globalThis.caches && (await caches.match(form.dataset.alone));
    const { person } = there ? await open(badge, pictures).catch(() => ({})) : {};
    if (person) location.assign(form.dataset.alone);
    else refuse(says.dataset.sayOffline);
  }

  const eye = viewfinder(room, document.querySelector("[data-answer-sheet]"), found);
  hear(found);
  eye.openIfAllowed();
  if ("indexedDB" in globalThis) sweep().catch(() => {});
}
