// Scanning, on every page of a signed-in person: camera, USB scanner, typed text.
//
// <section data-scan>                   from parts/scan.html; without one, a scan goes to the search box of the bar
//   data-scan-form="#id"                the form to fill (its [data-scan-into], else its first text field) and send
//   data-scan-many                      stay on the page: send in the background, swap every [data-swap] region by id
//   data-scan-raw                       take any code (a serial number), not only our labels
//   data-scan-shelf                     the card of a shelf, or its name in a code
//   data-scan-auto                      open the camera at once if the person allowed it before
import { feel, show, wakeSound } from "./answer.js";
import { looksLikeATag, readAdoption, readBadge, readCard, readPage, readTag, straightened } from "./tags.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const room = document.querySelector("[data-scan]");
const box = document.querySelector("[data-scan-box]");
const sheet = document.querySelector("[data-answer-sheet]");
let busy = false;

function form() {
  return room?.dataset.scanForm ? document.querySelector(room.dataset.scanForm) : null;
}

function field(of) {
  return of.querySelector("[data-scan-into]") ?? of.querySelector("input:is([type=text], [type=search], :not([type]))");
}

function refuse(text, tag = "") {
  if (sheet) show(sheet, "stop", room.dataset.sayRefused, text, tag);
}

// Somebody's badge: for whoever asks for one on this page (witness.js), else to sign in. Its code goes into no address.
function badge(text) {
  const code = readBadge(text);
  if (!code) return false;
  const asked = new CustomEvent("ordi-badge", { detail: code, cancelable: true });
  if (document.dispatchEvent(asked)) location.assign(`/sign-in/badge?next=${encodeURIComponent(location.pathname)}`);
  return true;
}

// A machine's own label is no shelf, whatever its characters.
function shelf(target, text) {
  const said = (readCard(text)?.value ?? text).trim().toUpperCase();
  if (readTag(text) || !/^[A-Z0-9][A-Z0-9 ./-]{0,23}$/.test(said)) {
    refuse(room.dataset.sayNoShelf);
    return;
  }
  feel("ok");
  field(target).value = said;
  target.requestSubmit();
}

async function receive(text) {
  if (badge(text)) return;
  const adoption = readAdoption(text) ?? readPage(text);
  if (adoption) {
    // the phone still faces the screen it just read: the page is open already, and waits for the label
    if (new URL(adoption, location.href).pathname !== location.pathname) location.assign(adoption);
    return;
  }
  const tag = readTag(text);
  const target = form();
  if (target && "scanShelf" in room.dataset) {
    shelf(target, text);
    return;
  }
  if (!target) {
    if (!box) return;
    field(box).value = tag ?? text;
    box.requestSubmit();
    return;
  }
  if (!tag && !("scanRaw" in room.dataset)) {
    refuse(looksLikeATag(text) ? room.dataset.sayMistyped : room.dataset.sayForeign);
    return;
  }
  field(target).value = tag ?? text;
  if (!("scanMany" in room.dataset)) {
    feel("ok");
    target.requestSubmit();
    return;
  }
  await send(target, tag ?? text);
}

// Sends the form as a browser would, reads the page that answers, and keeps the camera open.
async function send(target, tag) {
  if (busy) return;
  busy = true;
  try {
    const response = await fetch(target.getAttribute("action"), {
      method: "POST",
      body: new URLSearchParams(new FormData(target)),
      headers: { Accept: "text/html" },
      credentials: "same-origin",
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const old of document.querySelectorAll("[data-swap]")) {
      const fresh = old.id && page.getElementById(old.id);
      if (fresh) old.replaceWith(document.adoptNode(fresh));
    }
    const answer = page.querySelector("[data-answer]");
    if (response.ok && answer) {
      const tone = answer.dataset.answer;
      const title = answer.dataset.answerTitle ?? (tone === "stop" ? room.dataset.sayRefused : room.dataset.sayDone);
      show(sheet, tone, title, answer.textContent.trim(), tag);
    } else if (response.ok && !page.querySelector("[type=password]")) {
      show(sheet, "ok", room.dataset.sayDone, "", tag);
    } else {
      const why = page.querySelector("main h1 + p") ?? page.querySelector("main p");
      refuse(why?.textContent.trim() ?? response.statusText, tag);
    }
  } catch {
    refuse(room.dataset.sayOffline, tag);
  } finally {
    busy = false;
    field(target).value = "";
  }
}

hear(receive);

// Typed, or typed by a scanner into the field: read it the same way.
document.addEventListener("submit", (event) => {
  const target = event.target;
  if (target !== box && target !== form()) return;
  const said = field(target);
  if (target !== box && !said.required) {
    // a longer form that a scan fills on the way: with nothing read, it is sent as any other
    if (!said.value.trim()) return;
    event.stopPropagation();
  }
  said.value = straightened(said.value.trim());
  if (readBadge(said.value)) {
    event.preventDefault();
    badge(said.value);
    said.value = "";
    return;
  }
  const adoption = readAdoption(said.value) ?? readPage(said.value);
  if (adoption) {
    event.preventDefault();
    location.assign(adoption);
    return;
  }
  if ("scanShelf" in (room?.dataset ?? {}) && target !== box) {
    said.value = readCard(said.value)?.value ?? said.value;
    return;
  }
  said.value = readTag(said.value) ?? said.value;
  if (target !== box && "scanMany" in room.dataset) {
    event.preventDefault();
    wakeSound();
    if (readTag(said.value) || "scanRaw" in room.dataset) send(target, said.value);
    else refuse(room.dataset.sayMistyped);
  }
}, { capture: true });

if (room) {
  const eye = viewfinder(room, sheet, receive);
  if ("scanAuto" in room.dataset) eye.openIfAllowed();
}
