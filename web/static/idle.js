// Locks after some seconds without a hand on it: touches, keys and scans count, what a page fetches by itself does not.
const SIGNS = ["pointerdown", "keydown", "wheel", "touchstart"];

export function lockAfter(seconds, lock) {
  let last = Date.now();
  for (const sign of SIGNS) addEventListener(sign, () => (last = Date.now()), { capture: true, passive: true });
  const clock = setInterval(look, Math.min(seconds * 250, 5000));
  document.addEventListener("visibilitychange", look);

  // By the clock, not by counting: a sleeping tablet locks when it wakes.
  function look() {
    if (Date.now() - last < seconds * 1000) return;
    clearInterval(clock);
    document.removeEventListener("visibilitychange", look);
    lock();
  }
  return { seen: () => (last = Date.now()) };
}
