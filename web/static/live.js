// <div data-live-url="…" data-live-seconds="5">: fetches a fragment and puts it in place while the page is seen.
// The fragment says it is the last one by holding [data-live-done]. Without script the page is right when it loads.
const LOST = 3;

for (const place of document.querySelectorAll("[data-live-url]")) {
  const seconds = Number(place.dataset.liveSeconds) || 5;
  let failures = 0;
  let shown = "";

  const look = async () => {
    if (document.hidden || place.contains(document.activeElement)) return;
    try {
      const response = await fetch(place.dataset.liveUrl, { credentials: "same-origin", headers: { Accept: "text/html" }, redirect: "manual" });
      if (response.type === "opaqueredirect") location.reload(); // signed out meanwhile
      if (!response.ok) throw new Error(String(response.status));
      const text = await response.text();
      failures = 0;
      delete place.dataset.stale;
      if (text === shown) return;
      shown = text;
      place.innerHTML = text;
      if (place.querySelector("[data-live-done]")) clearInterval(clock);
    } catch {
      failures += 1;
      if (failures >= LOST) place.dataset.stale = "";
    }
  };
  const clock = setInterval(look, seconds * 1000);
  document.addEventListener("visibilitychange", look);
}
