// The page of trials on the machine under test. Its key is behind the # of the address: it is taken out of the bar at once,
// kept in this page alone, and sent in a header. Nothing is passed by itself: a person presses an answer, test after test.
const list = document.querySelector("[data-trials]");
const wrong = document.querySelector("[data-wrong]");
const key = location.hash.slice(1);
if (key) history.replaceState(null, "", location.pathname);

async function ask(body) {
  const options = { headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, credentials: "omit", cache: "no-store" };
  const answer = await fetch("/api/v1/trial", body ? { ...options, method: "POST", body: JSON.stringify(body) } : options);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function draw(told) {
  document.querySelector("[data-closed]").hidden = true;
  const tag = document.querySelector("[data-tag]");
  tag.textContent = told.tag;
  tag.hidden = list.hidden = false;
  for (const trial of list.children) {
    const check = trial.dataset.check, result = told.found[check];
    trial.hidden = !told.asked.includes(check);
    for (const button of trial.querySelectorAll("[data-result]")) {
      button.setAttribute("aria-pressed", String(button.dataset.result === result));
      if (button.dataset.result === result) trial.querySelector("[data-said]").textContent = button.textContent.trim();
    }
  }
}

list.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-result]");
  if (!button) return;
  wrong.hidden = true;
  try {
    draw(await ask({ check: button.closest("[data-check]").dataset.check, result: button.dataset.result }));
  } catch {
    wrong.hidden = false;
    wrong.scrollIntoView({ block: "center" });
  }
});

const trialOf = (check) => list.querySelector(`[data-check="${check}"]`);
const within = (check, what) => trialOf(check).querySelector(what);
const light = (one) => one.setAttribute("data-lit", "");
const refuse = (check) => { within(check, "[data-refused]").hidden = false; };

// Screen: five colours, one after the other; Escape or the last one ends.
const COLOURS = ["#f00", "#0f0", "#00f", "#fff", "#000"];
const screen = document.querySelector("[data-screen]");
let shown = -1;
async function colour(number) {
  shown = number;
  screen.hidden = number < 0;
  if (number < 0) {
    if (document.fullscreenElement) await document.exitFullscreen();
    within("screen", "[data-result]").focus();
    return;
  }
  screen.style.setProperty("--now", COLOURS[number]);
  screen.dataset.colour = COLOURS[number];
  screen.focus();
}
const nextColour = () => colour(shown + 1 < COLOURS.length ? shown + 1 : -1);
within("screen", "[data-start]").addEventListener("click", async () => {
  await colour(0);
  await document.documentElement.requestFullscreen?.().catch(() => null);
});
screen.addEventListener("click", nextColour);

// Keyboard: by place, whatever the system's layout says; the names drawn are those printed on it.
const ROWS = [
  "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace:3",
  "Tab:2 KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter:2",
  "CapsLock:2 KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backslash",
  "ShiftLeft:2 IntlBackslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight:3",
  "ControlLeft:2 AltLeft:2 Space:7 AltRight:2 ArrowLeft ArrowUp ArrowDown ArrowRight",
];
const SIGNS = { Escape: "Esc", Backspace: "⌫", Tab: "⇥", Enter: "⏎", CapsLock: "⇪", ShiftLeft: "⇧", ShiftRight: "⇧", ControlLeft: "Ctrl", AltLeft: "Alt", AltRight: "AltGr", Space: "", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", ArrowRight: "→", IntlBackslash: "<" };
const AZERTY = { KeyQ: "A", KeyW: "Z", KeyA: "Q", KeyZ: "W", KeyM: ",", Semicolon: "M", Comma: ";", Period: ":", Slash: "!", Digit1: "&", Digit2: "é", Digit3: "\"", Digit4: "'", Digit5: "(", Digit6: "-", Digit7: "è", Digit8: "_", Digit9: "ç", Digit0: "à", Minus: ")", Equal: "=", BracketLeft: "^", BracketRight: "$", Quote: "ù", Backslash: "*" };
const QWERTY = { Semicolon: ";", Comma: ",", Period: ".", Slash: "/", Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]", Quote: "'", Backslash: "\\" };
const keys = within("keyboard", "[data-keys]"), layout = within("keyboard", "[data-layout]");
let french = !document.documentElement.lang.startsWith("en");
const pressed = new Set();

function nameOf(code) {
  return SIGNS[code] ?? (french ? AZERTY : QWERTY)[code] ?? code.replace(/^(Key|Digit)/, "");
}
function drawKeys() {
  keys.replaceChildren(...ROWS.map((row) => {
    const line = document.createElement("div");
    line.className = "keys-row";
    line.append(...row.split(" ").filter((one) => french || one !== "IntlBackslash").map((one) => {
      const [code, wide] = one.split(":"), drawn = document.createElement("span");
      drawn.className = "key";
      drawn.dataset.key = code;
      if (wide) drawn.dataset.w = wide;
      drawn.textContent = nameOf(code);
      if (pressed.has(code)) light(drawn);
      return drawn;
    }));
    return line;
  }));
  within("keyboard", "[data-layout-name]").textContent = french ? "AZERTY" : "QWERTY";
  layout.setAttribute("aria-pressed", String(!french));
  count();
}
function count() {
  const all = [...keys.querySelectorAll("[data-key]")], lit = all.filter((one) => "lit" in one.dataset).length;
  within("keyboard", "[data-count]").textContent = `${lit} / ${all.length}`;
  within("keyboard", "[data-result=good]").disabled = lit < all.length; // not one untried key is called good
}
layout.addEventListener("click", () => {
  french = !french;
  drawKeys();
});
addEventListener("keydown", (event) => {
  if (!screen.hidden) {
    event.preventDefault();
    if (event.key === "Escape") colour(-1);
    else nextColour();
    return;
  }
  const drawn = keys.querySelector(`[data-key="${CSS.escape(event.code)}"]`);
  if (!drawn || list.hidden) return;
  if (trialOf("keyboard").hidden || pressed.has(event.code)) return;
  event.preventDefault(); // the first press of a key lights it and does nothing else; from then on it works as ever
  pressed.add(event.code);
  light(drawn);
  count();
});

// Touchpad and touch screen: every square passed over, both buttons, scrolling.
for (const field of document.querySelectorAll("[data-squares]")) {
  const touch = field.dataset.squares === "touch";
  for (let number = 0; number < 12; number += 1) {
    const square = document.createElement("div");
    square.className = "square";
    field.append(square);
  }
  field.addEventListener("pointermove", (event) => {
    if ((event.pointerType === "touch") !== touch) return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    if (under?.classList.contains("square") && field.contains(under)) light(under);
  });
  if (touch) continue;
  const lamp = (name) => light(within("pointer", `[data-lamp=${name}]`));
  field.addEventListener("click", () => lamp("left"));
  field.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    lamp("right");
  });
  field.addEventListener("wheel", (event) => {
    event.preventDefault();
    lamp("scroll");
  }, { passive: false });
}

// Sound: a soft tone on one side.
let room;
const audio = () => (room ??= new AudioContext());
for (const button of trialOf("sound").querySelectorAll("[data-tone-at]")) {
  button.addEventListener("click", async () => {
    const out = audio();
    await out.resume();
    const tone = out.createOscillator(), side = out.createStereoPanner(), loud = out.createGain();
    tone.frequency.value = 440;
    side.pan.value = Number(button.dataset.toneAt);
    loud.gain.setValueAtTime(0.0001, out.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.4, out.currentTime + 0.05);
    loud.gain.exponentialRampToValueAtTime(0.0001, out.currentTime + 1);
    tone.connect(loud).connect(side).connect(out.destination);
    tone.start();
    tone.stop(out.currentTime + 1);
    button.dataset.played = "";
  });
}

// Microphone: three seconds, the level while it listens, then what it heard. Nothing leaves the page.
let heard;
within("microphone", "[data-start]").addEventListener("click", async ({ currentTarget: start }) => {
  start.disabled = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const out = audio(), meter = within("microphone", "[data-level]");
    await out.resume();
    const look = out.createAnalyser(), samples = new Float32Array(look.fftSize), parts = [];
    out.createMediaStreamSource(stream).connect(look);
    const recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const over = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
    const levels = setInterval(() => {
      look.getFloatTimeDomainData(samples);
      meter.value = Math.min(1, 3 * Math.hypot(...samples) / Math.sqrt(samples.length));
      if (meter.value > 0.01) meter.dataset.heard = "";
    }, 60);
    recorder.start();
    setTimeout(() => recorder.stop(), 3000);
    await over;
    clearInterval(levels);
    for (const track of stream.getTracks()) track.stop();
    heard = await out.decodeAudioData(await new Blob(parts).arrayBuffer());
    within("microphone", "[data-play]").disabled = false;
  } catch {
    refuse("microphone");
  }
  start.disabled = false;
});
within("microphone", "[data-play]").addEventListener("click", () => {
  const again = audio().createBufferSource();
  again.buffer = heard;
  again.connect(audio().destination);
  again.start();
});

// Camera: what it sees, shown here and sent nowhere.
within("camera", "[data-start]").addEventListener("click", async () => {
  const preview = within("camera", "[data-preview]");
  try {
    preview.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
    preview.hidden = false;
    await preview.play();
  } catch {
    refuse("camera");
  }
});

drawKeys();
if (key) ask().then(draw, () => null);
