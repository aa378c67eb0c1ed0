// A badge before the camera or a scanner, then four pictures. Also the page where one chooses one's own four.
import { feel } from "./answer.js";
import { LONG, touchFour } from "./pictures.js";
import { readBadge } from "./tags.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const form = document.querySelector("[data-badge-form]");
const room = document.querySelector("[data-scan]");

if (form) {
  const send = form.querySelector("[data-picture-send]");
  touchFour(form, form.elements.pictures, (count) => {
    if (send) send.disabled = count < LONG;
    else if (count === LONG) form.requestSubmit();
  });
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
