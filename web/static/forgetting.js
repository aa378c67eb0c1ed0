// Drafts go at sign-out, and after 24 hours on whatever page is open then.
export const DRAFTS = "ordi-drafts";
export const UNTIL = "ordi-draft-until";
export const LIFE = 24 * 3600 * 1000; // ms

export function forgetDrafts() {
  localStorage.removeItem(UNTIL);
  return new Promise((done) => {
    const asked = indexedDB.deleteDatabase(DRAFTS);
    asked.onsuccess = asked.onerror = asked.onblocked = () => done();
  });
}

try {
  if (Number(localStorage.getItem(UNTIL) ?? Infinity) < Date.now()) forgetDrafts();
} catch {
  // A browser that keeps nothing has nothing to forget.
}

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action, location.href).pathname.endsWith("/sign-in/out")) forgetDrafts();
});
