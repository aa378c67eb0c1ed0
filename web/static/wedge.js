// A USB or Bluetooth scanner types very fast and ends with Enter. This hears it on any page, outside text fields.
import { fromAzerty, means, usCharacter } from "./tags.js";

const SLOWEST = 60; // ms between two keys: nobody types a label that fast
const SHORTEST = 6;

// A box that was ticked has the focus and takes no text: there a scanner is heard.
function inAField(target) {
  return target instanceof Element && target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea, select, [contenteditable]");
}

// The first reading that means something. It also tells how this scanner and this computer get along, which decides for
// what means nothing to us, a maker's serial number: as shown, or as the keys were struck.
let turned = false;

function meant(shown, keys) {
  const struck = keys.length === shown.length ? keys : fromAzerty(shown);
  if (means(shown)) turned = false;
  else if (means(struck)) turned = true;
  else if (means(fromAzerty(shown))) return fromAzerty(shown);
  else return turned || /[&éèçà"'(_)!§]/.test(shown) ? struck : shown;
  return turned ? struck : shown;
}

export function hear(found) {
  let shown = "";
  let keys = "";
  let last = 0;
  document.addEventListener(
    "keydown",
    (event) => {
      if (inAField(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
      const now = event.timeStamp;
      if (now - last > SLOWEST) shown = keys = "";
      if (event.key === "Shift" || event.key === "CapsLock") return;
      last = now;
      if (event.key === "Enter" || event.key === "Tab") {
        if (shown.length >= SHORTEST) {
          // Otherwise Enter would press whatever button has the focus.
          event.preventDefault();
          event.stopPropagation();
          found(meant(shown, keys));
        }
        shown = keys = "";
      } else if (event.key.length === 1) {
        if (shown) event.preventDefault();
        shown += event.key;
        keys += usCharacter(event);
      }
    },
    { capture: true },
  );
}
