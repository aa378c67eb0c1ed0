// <button data-listen="id" hidden>: reads an element aloud in its own language; stays hidden where no voice on the device speaks it.
const voices = () => window.speechSynthesis?.getVoices() ?? [];

function show() {
  for (const button of document.querySelectorAll("[data-listen]")) {
    const text = document.getElementById(button.dataset.listen);
    const voice = voices().find((one) => one.localService && one.lang.slice(0, 2).toLowerCase() === text.lang);
    button.hidden = !voice;
    button.onclick = () => {
      const going = speechSynthesis.speaking;
      speechSynthesis.cancel();
      if (going) return;
      const said = new SpeechSynthesisUtterance(text.textContent.replace(/\s+/g, " ").trim());
      said.voice = voice;
      said.lang = voice.lang;
      said.rate = 0.9;
      speechSynthesis.speak(said);
    };
  }
}

if ("speechSynthesis" in window) {
  show();
  speechSynthesis.addEventListener?.("voiceschanged", show);
}
