// What a scan answers: a colour over the whole screen, a sound, a shake. Sounds are made, not loaded.
const SOUNDS = {
  ok: [[660, 0, 0.09, "sine"], [880, 0.1, 0.09, "sine"]],
  stop: [[196, 0, 0.4, "sawtooth"]],
  repeat: [[520, 0, 0.06, "sine"], [520, 0.12, 0.06, "sine"]],
};
const SHAKES = { ok: [40], stop: [200, 80, 200], repeat: [40, 60, 40] };
const ALIKE = { warn: "repeat", wait: "repeat", now: "ok" };
const LASTS = 900;

let audio;
let timer;

export function muted() {
  try {
    return localStorage.getItem("ordi-mute") === "yes";
  } catch {
    return false;
  }
}

export function mute(yes) {
  try {
    if (yes) localStorage.setItem("ordi-mute", "yes");
    else localStorage.removeItem("ordi-mute");
  } catch {
    // Private browsing: nothing is kept.
  }
}

function touched() {
  return navigator.userActivation?.hasBeenActive ?? true;
}

// Browsers allow sound only after a touch: before one, this does nothing.
export function wakeSound() {
  if (!touched()) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

export function feel(tone) {
  const kind = SOUNDS[tone] ? tone : (ALIKE[tone] ?? "ok");
  if (touched()) navigator.vibrate?.(SHAKES[kind]);
  if (muted() || !touched()) return;
  wakeSound();
  for (const [pitch, start, length, wave] of SOUNDS[kind]) {
    const from = audio.currentTime + start;
    const voice = new OscillatorNode(audio, { frequency: pitch, type: wave });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0.35, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    voice.connect(volume).connect(audio.destination);
    voice.start(from);
    voice.stop(from + length);
  }
}

// `sheet` is a page's <div class="answer" data-answer-sheet hidden>, with its three marks; only one shows.
export function show(sheet, tone, title, text, tag = "") {
  clearTimeout(timer);
  const kind = ["ok", "stop", "repeat"].includes(tone) ? tone : (ALIKE[tone] ?? "ok");
  sheet.dataset.tone = kind;
  sheet.setAttribute("role", kind === "stop" ? "alert" : "status");
  for (const mark of sheet.querySelectorAll(".mark")) mark.hidden = mark.dataset.tone !== kind;
  sheet.querySelector("[data-answer-title]").textContent = title;
  sheet.querySelector("[data-answer-text]").textContent = text;
  sheet.querySelector("[data-answer-tag]").textContent = tag;
  sheet.hidden = false;
  feel(kind);
  if (kind !== "stop") timer = setTimeout(() => hide(sheet), LASTS);
}

export function hide(sheet) {
  clearTimeout(timer);
  sheet.hidden = true;
}
