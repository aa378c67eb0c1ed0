// A USB or Bluetooth scanner types very fast and ends with Enter. This hears it on any page, outside text fields.
import { fromAzerty, means, usCharacter } from "./tags.js";

const SLOWEST = 60; // ms between two keys: nobody types a label that fast
const SHORTEST = 6;

// A box that was ticked has the focus and takes no text: there a scanner is heard.
function inAField(target) {
  return target instanceof Element && target.matches("input:not([type=radio], [type=checkbox], [type=file]), textarea, select, [contenteditable]");
}

// The first reading that means something, else what the screen would have shown.
function meant(shown, keys) {
  return [shown, keys, fromAzerty(shown)].find(means) ?? shown;
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
