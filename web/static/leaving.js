// Whose browser this is, and what waits in it. On every page of a signed-in person: what waits to be sent is told, and
// signing out is asked twice while something does. Whoever comes next finds nothing kept of the one before but their acts.
import { waiting as atDesks } from "./desk-store.js";
import { acts, forget, recall } from "./kept.js";
import { sweep } from "./unlocking.js";

const whole = document.documentElement.dataset;

async function whose() {
  const state = await recall("state");
  if (state && state.person.code !== whole.person) {
    await forget("state");
    await forget("series");
  }
}

async function tell() {
  const waiting = await acts.count();
  for (const bar of document.querySelectorAll("[data-queue]")) {
    bar.hidden = !waiting;
    bar.querySelector("[data-queue-n]").textContent = waiting;
  }
  const { count, page } = await atDesks();
  for (const bar of document.querySelectorAll("[data-desk-queue]")) {
    bar.hidden = !count || location.pathname === page; // there the page itself says it
    bar.querySelector("[data-queue-n]").textContent = count;
    bar.querySelector("a").href = page;
  }
}

const allWaiting = async () => (await acts.count()) + (await atDesks()).count;

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.matches("[data-leaving]") || form.dataset.leaving === "sure") return;
    event.preventDefault();
    const waiting = await allWaiting().catch(() => 0);
    const warning = form.querySelector("[data-leaving-says]");
    if (waiting && warning.hidden) {
      warning.hidden = false;
      warning.querySelector("[data-queue-n]").textContent = waiting;
      form.querySelector("button").dataset.sure = "";
      return;
    }
    form.dataset.leaving = "sure";
    form.requestSubmit();
  },
  { capture: true },
);

if ("person" in whole && "indexedDB" in globalThis) {
  whose()
    .then(tell)
    .then(sweep)
    .catch(() => {}); // private browsing keeps nothing
}
