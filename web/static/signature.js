// <div data-signature> from parts/signature.html: a canvas for a finger, a hidden field that takes the PNG, and a typed
// name for whoever cannot draw. Only the picture leaves the page: no speed, no pressure, no timing.
import SignaturePad from "./vendor/signature_pad.min.js";

for (const room of document.querySelectorAll("[data-signature]")) {
  const canvas = room.querySelector("canvas");
  const kept = room.querySelector("[data-signature-png]");
  const typed = room.querySelector("[data-signature-typed]");
  const missing = room.querySelector("[data-signature-missing]");
  const pad = new SignaturePad(canvas, { penColor: "#10131f", backgroundColor: "#ffffff", minWidth: 1.2, maxWidth: 3.2 });

  const fit = () => {
    const strokes = pad.toData();
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
  };
  room.querySelector("[data-signature-draw]").hidden = false;
  new ResizeObserver(fit).observe(canvas);

  pad.addEventListener("endStroke", () => {
    kept.value = canvas.toDataURL("image/png");
    missing.hidden = true;
  });
  room.querySelector("[data-signature-clear]").addEventListener("click", () => {
    pad.clear();
    kept.value = "";
  });
  canvas.closest("form")?.addEventListener(
    "submit",
    (event) => {
      if (kept.value || typed?.value.trim()) return;
      event.preventDefault();
      event.stopPropagation();
      missing.hidden = false;
      missing.scrollIntoView({ block: "center" });
    },
    { capture: true },
  );
}
