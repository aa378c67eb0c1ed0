// Reads codes from the camera: the browser's own reader where it has one, else zxing compiled to WebAssembly.
const FORMATS = ["qr_code", "code_128", "data_matrix"];
const PAUSE = 110; // ms between two looks: enough for a hand, light on an old phone
const FORGET = 1400; // ms out of sight before the same code counts again

async function reader() {
  const own = globalThis.BarcodeDetector;
  if (own && (await own.getSupportedFormats().catch(() => [])).includes("qr_code")) return new own({ formats: FORMATS });
  const { BarcodeDetector, prepareZXingModule } = await import("./vendor/barcode-detector/ponyfill.js");
  const home = new URL("./vendor/barcode-detector/", import.meta.url).href;
  prepareZXingModule({ overrides: { locateFile: (path) => home + path } });
  return new BarcodeDetector({ formats: FORMATS });
}

// Shows the camera in `video` and calls `found(text)` once for each code that comes into sight.
export async function look(video, found) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  video.srcObject = stream;
  await video.play();
  const detector = await reader();
  const [track] = stream.getVideoTracks();
  const seen = new Map();
  let open = true;

  (async () => {
    while (open) {
      if (!document.hidden && video.readyState >= 2) {
        const now = performance.now();
        for (const { rawValue } of await detector.detect(video).catch(() => [])) {
          const last = seen.get(rawValue);
          seen.set(rawValue, now);
          if (open && rawValue && (last === undefined || now - last > FORGET)) found(rawValue);
        }
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  })();

  return {
    hasTorch: Boolean(track.getCapabilities?.().torch),
    torch: (on) => track.applyConstraints({ advanced: [{ torch: on }] }),
    close() {
      open = false;
      for (const each of stream.getTracks()) each.stop();
      video.srcObject = null;
    },
  };
}
