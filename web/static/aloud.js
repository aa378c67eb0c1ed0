// "Écouter": says aloud what the screen asks, for whoever reads little. Only with a voice of the page's language that is on
// this device: one that is elsewhere would need the network, and would be told what is on the screen.
const button = document.querySelector("[data-aloud]");
const ASKED = "h1, h2, legend, label, .question";

function voice() {
  const tongue = document.documentElement.lang.toLowerCase();
  return speechSynthesis.getVoices().find((one) => one.localService && one.lang.toLowerCase().startsWith(tongue));
}

// The page's own sentence, or what it asks, from top to bottom.
function sentence() {
  if (button.dataset.aloud) return button.dataset.aloud;
  const asked = [...document.querySelectorAll(".bench-top, main")].flatMap((part) => [...part.querySelectorAll(ASKED)]);
  const seen = asked.filter((one) => one.checkVisibility() && !one.closest(".big-rows, .choices, .lines")).map((one) => one.innerText.trim());
  return [...new Set(seen)].filter(Boolean).slice(0, 4).join(". ");
}

if (button && "speechSynthesis" in globalThis) {
  const look = () => (button.hidden = !voice());
  look();
  speechSynthesis.addEventListener("voiceschanged", look);
  button.addEventListener("click", () => {
    const said = new SpeechSynthesisUtterance(sentence());
    said.voice = voice();
    said.lang = said.voice.lang;
    said.rate = 0.9;
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
  });
}
