// The second person, on a device of the workshop: their badge, then their four pictures (templates/bench/witness.html).
// scan.js reads the badge, and tells it here; what opens is decided by the server.
import { feel } from "./answer.js";
import { LONG, touchFour } from "./pictures.js";

const eye = document.querySelector("[data-witness-eye]");
const groups = [...document.querySelectorAll("[data-witness]")].filter((group) => group.querySelector("[data-witness-badge]"));
const said = (group) => group.querySelector("[data-witness-says]");

function tell(group, name) {
  const words = said(group);
  words.textContent = words.dataset[name];
}

// Of several drives on a page, the witness is asked about the one whose fold is open.
function asked() {
  return groups.find((group) => group.checkVisibility());
}

function settle() {
  const group = asked();
  if (eye && group) said(group).after(eye);
  if (eye) eye.hidden = !group;
}

for (const group of groups) {
  const part = group.querySelector("[data-witness-badge]");
  const pictures = group.querySelector("[data-witness-pictures]");
  part.hidden = false;
  touchFour(pictures, group.querySelector("[name=witness_pictures]"), (count) => {
    if (count === LONG) tell(group, "sayReady");
    else if (!pictures.hidden) tell(group, "sayPictures");
  });
  group.closest("details")?.addEventListener("toggle", settle);
}
settle();

document.addEventListener("ordi-badge", (event) => {
  const group = asked();
  if (!group) return;
  event.preventDefault();
  feel("ok");
  group.querySelector("[name=witness_badge]").value = event.detail;
  const pictures = group.querySelector("[data-witness-pictures]");
  pictures.hidden = false;
  if (eye) eye.hidden = true;
  tell(group, "sayPictures");
  pictures.querySelector("[data-picture]").focus();
});
