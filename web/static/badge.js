// A badge before the camera or a scanner, then four pictures. Also the page where one chooses one's own four.
import { feel } from "./answer.js";
import { readBadge } from "./tags.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const LONG = 4;
const form = document.querySelector("[data-badge-form]");
const room = document.querySelector("[data-scan]");
let chosen = [];

function draw() {
  const words = form.querySelector("[data-dots]");
  words.textContent = words.dataset.say.replace("{n}", chosen.length);
  for (const [place, dot] of form.querySelectorAll("[data-dot]").entries()) dot.toggleAttribute("data-on", place < chosen.length);
  form.elements.pictures.value = chosen.join(" ");
  const send = form.querySelector("[data-picture-send]");
  if (send) send.disabled = chosen.length < LONG;
}

if (form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture], [data-picture-clear]");
    if (!button) return;
    if ("pictureClear" in button.dataset) chosen = [];
    else if (chosen.length < LONG) chosen.push(button.dataset.picture);
    draw();
    if (chosen.length === LONG && !("badgeChosen" in form.dataset)) form.requestSubmit();
  });
  draw();
}

if (form && room) {
  const none = document.querySelector("[data-badge-none]");
  const title = document.querySelector("[data-badge-title]");
  const found = (text) => {
    const badge = readBadge(text);
    none.hidden = Boolean(badge);
    if (!badge) {
      feel("stop");
      return;
    }
    feel("ok");
    eye.close();
    form.elements.badge.value = badge;
    form.hidden = false;
    document.querySelector("[data-badge-show]").hidden = true;
    title.textContent = title.dataset.sayPictures;
    form.querySelector("[data-picture]").focus();
  };
  const eye = viewfinder(room, document.querySelector("[data-answer-sheet]"), found);
  hear(found);
  eye.openIfAllowed();
}
