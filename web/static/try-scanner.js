// "Essayer le lecteur": what a scanner really sends, key by key, and what Ordi makes of it. Nothing is sent anywhere; a badge
// is named and never shown.
import { feel, show } from "./answer.js";
import { fromAzerty, means, readAdoption, readBadge, readCard, readTag, usCharacter } from "./tags.js";
import { viewfinder } from "./viewfinder.js";

const SILENCE = 250; // ms without a key: the scan is over, whether it ended with Enter or not
const FAST = 60; // ms between two keys: as wedge.js hears a scanner
const LEAST = 3;

const root = document.querySelector("[data-try]");
const sheet = document.querySelector("[data-answer-sheet]");
const say = (name) => root.dataset[name];
let keys = [];
let timer;

const middle = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

// What was scanned: one of ours, or something else's.
function kindOf(text) {
  if (readBadge(text)) return "Badge";
  if (readAdoption(text)) return "Screen";
  if (readCard(text)) return "Card";
  return readTag(text) ? "Label" : "Other";
}

function analysed(pressed, ended) {
  const shown = pressed.map(({ key }) => key).join("");
  const struck = pressed.map(({ us }) => us).join("");
  const turned = [struck, fromAzerty(shown)].find(means);
  const mended = !means(shown) && Boolean(turned);
  const gaps = pressed.slice(1).map(({ at }, place) => at - pressed[place].at);
  const text = means(shown) ? shown : (turned ?? shown);
  const layout = mended ? "Mended" : means(shown) ? "Right" : shown === struck ? "Same" : "Unsure";
  return { text, shown, layout, ended, speed: Math.round(middle(gaps)) };
}

function tell({ text, shown, layout, ended, speed }) {
  const kind = kindOf(text);
  const secret = kind === "Badge";
  const prefix = /^(\][A-Za-z]\d|[^A-Za-z0-9]+)/.exec(text)?.[1] ?? "";
  const facts = {
    got: secret ? "•••" : shown,
    read: secret ? "•••" : kind === "Label" ? readTag(text) : text,
    kind: say(`say${kind}`),
    prefix: prefix || say("sayNone"),
    speed: speed === null ? say("sayCamera") : `${speed} ms`,
    end: say(`sayEnd${ended}`),
    layout: layout ? say(`sayLayout${layout}`) : "–",
  };
  for (const [name, value] of Object.entries(facts)) root.querySelector(`[data-fact=${name}]`).textContent = value;
  const advice = [];
  if (speed !== null && ended === "None") advice.push(say("mendEnd"));
  if (speed !== null && speed > FAST) advice.push(say("mendSpeed"));
  if (layout === "Unsure") advice.push(say("mendLayout"));
  const list = root.querySelector("[data-advice]");
  list.replaceChildren(...advice.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  root.querySelector("[data-facts]").hidden = false;
  root.dataset.kind = kind.toLowerCase();
  show(sheet, advice.length ? "stop" : "ok", advice.length ? say("sayMend") : facts.kind, advice[0] ?? "", secret ? "" : (readTag(text) ?? ""));
}

function over(ended) {
  clearTimeout(timer);
  const pressed = keys;
  keys = [];
  if (pressed.length >= LEAST) tell(analysed(pressed, ended));
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || ["Shift", "CapsLock"].includes(event.key)) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (keys.length < LEAST) return; // somebody walks the page with the keyboard
      event.preventDefault();
      event.stopPropagation();
      over(event.key);
    } else if (event.key.length === 1) {
      if (keys.length) event.preventDefault();
      keys.push({ key: event.key, us: usCharacter(event), at: event.timeStamp });
      clearTimeout(timer);
      timer = setTimeout(() => over("None"), SILENCE);
    }
  },
  { capture: true },
);

for (const button of root.querySelectorAll("[data-feel]")) button.addEventListener("click", () => feel(button.dataset.feel));
viewfinder(document.querySelector("[data-scan]"), sheet, (text) => tell({ text, shown: text, layout: "", ended: "Camera", speed: null }));
