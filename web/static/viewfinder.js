// The camera's window of a page (parts/scan.html): open, close, torch, silence; what it reads goes to `receive`.
import { feel, hide, mute, muted, wakeSound } from "./answer.js";

export function viewfinder(room, sheet, receive) {
  const video = room.querySelector("video");
  const start = room.querySelector("[data-scan-start]");
  const torch = room.querySelector("[data-scan-torch]");
  const quiet = room.querySelector("[data-scan-mute]");
  const says = room.querySelector("[data-scan-says]");
  let camera = null;
  let opening = false;

  room.hidden = false;
  sheet?.querySelector("[data-answer-close]")?.addEventListener("click", () => hide(sheet));

  const open = async () => {
    if (camera || opening) return;
    opening = true;
    wakeSound();
    says.textContent = "";
    try {
      const { look } = await import("./camera.js");
      camera = await look(video, receive);
      room.dataset.open = "";
      start.hidden = true;
      torch.hidden = !camera.hasTorch;
    } catch (trouble) {
      says.textContent = trouble.name === "NotAllowedError" ? room.dataset.sayNotAllowed : room.dataset.sayNoCamera;
    } finally {
      opening = false;
    }
  };
  const close = () => {
    camera?.close();
    camera = null;
    delete room.dataset.open;
    start.hidden = false;
    torch.hidden = true;
  };
  const openIfAllowed = () =>
    navigator.permissions
      ?.query({ name: "camera" })
      .then((leave) => leave.state === "granted" && open())
      .catch(() => {});

  start.addEventListener("click", open);
  torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    await camera?.torch(on);
    torch.setAttribute("aria-pressed", String(on));
  });
  const showQuiet = () => quiet.setAttribute("aria-pressed", String(muted()));
  quiet.addEventListener("click", () => {
    mute(!muted());
    showQuiet();
    feel("ok");
  });
  showQuiet();
  addEventListener("pagehide", close);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
  });
  return { open, close, openIfAllowed };
}
