// Locks after some seconds without a hand on it: touches, keys and scans count, what a page fetches by itself does not.
const SIGNS = ["pointerdown", "keydown", "wheel", "touchstart"];
const HAND = "ordi-hand"; // when somebody's hand was last on any page of this browser

function note(at) {
  try {
    if (at > Number(localStorage.getItem(HAND) ?? 0)) localStorage.setItem(HAND, String(at));
  } catch {
    // A browser that keeps nothing locks by its page alone.
  }
}

// ms since a hand was on a page that locks, also while all were closed.
export function idleFor() {
  try {
    return Date.now() - Number(localStorage.getItem(HAND) ?? Date.now());
  } catch {
    return 0;
  }
}

export function lockAfter(seconds, lock) {
  let last = Date.now();
  note(last);
  for (const sign of SIGNS) addEventListener(sign, () => (last = Date.now()), { capture: true, passive: true });
  const clock = setInterval(look, Math.min(seconds * 250, 5000));
  document.addEventListener("visibilitychange", look);

  // By the clock, not by counting: a sleeping tablet locks when it wakes.
  function look() {
    note(last);
    if (Date.now() - last < seconds * 1000) return;
    clearInterval(clock);
    document.removeEventListener("visibilitychange", look);
    lock();
  }
  return { seen: () => (last = Date.now()) };
}
