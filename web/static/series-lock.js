// The lock of the page of series. Idle hands lock it; with a network the badge's own page opens it, without one this device
// does, for whoever came in here with their badge today. Somebody else may take over the same way.
import { feel } from "./answer.js";
import { idleFor, lockAfter } from "./idle.js";
import { forget, keep, recall } from "./kept.js";
import { LONG, touchFour } from "./pictures.js";
import { knows, open, opens, unlocked } from "./unlocking.js";

const USUAL = 300; // s without a hand, when the server was not heard yet

// `closed()` and `opened(person)` are the page's; `refuse(text)` says why a badge does not do.
export function makeLock(root, { queue, eye, room, closed, opened, refuse }) {
  const one = (name) => root.querySelector(`[data-${name}]`);
  const dialog = one("unlock");
  const says = one("unlock-says");
  const home = room.parentElement;
  let clock = null;
  let badge = "";
  let busy = false;
  let alone = false; // opened by this device, without the server
  const lock = { on: false, byBadge: false };
  const four = touchFour(dialog, dialog.querySelector("input"), (count) => count === LONG && attempt());
  dialog.querySelector("[data-unlock-close]").addEventListener("click", () => (dialog.hidden = true));

  function watch(seconds) {
    clock = lockAfter(seconds, async () => {
      clock = null;
      eye.close();
      dialog.hidden = true;
      lock.on = true;
      lock.byBadge = await opens().catch(() => false);
      root.inert = true; // nothing is pressed between the lock and its page
      if (await queue.lock()) location.assign(root.dataset.badge);
      else root.inert = false;
      closed();
    });
  }

  async function attempt() {
    if (busy) return;
    busy = true;
    says.hidden = true;
    const { person, left } = await open(badge, dialog.querySelector("input").value);
    busy = false;
    four.clear();
    if (!person) {
      feel("stop");
      if (left) {
        says.hidden = false;
        says.querySelector("p").textContent = root.dataset.sayWrong;
      } else {
        dialog.hidden = true;
        lock.byBadge = await opens();
        refuse(root.dataset.sayErased);
      }
      return;
    }
    dialog.hidden = true;
    lock.on = false;
    alone = true;
    await queue.as(person);
    if (!clock) watch(queue.state?.locks || USUAL);
    opened(person);
  }

  lock.seen = () => clock?.seen();

  // The page as it was left: locked, opened since, or left by its person more than five minutes ago.
  lock.start = async () => {
    const state = await recall("state");
    if (state?.locks && idleFor() > state.locks * 1000) {
      await keep("locked", (await recall("locked")) ?? state.sitting);
      await forget("unlocked");
    }
    alone = Boolean(await unlocked());
    lock.on = (await recall("locked")) !== undefined && !alone;
    lock.byBadge = await opens().catch(() => false);
    if (state?.locks && !lock.on) watch(state.locks);
  };

  // The server says who is here.
  lock.heard = () => {
    lock.on = alone = false;
    if (queue.state.locks && !clock) watch(queue.state.locks);
  };

  // The server is heard and knows nobody here: whoever opened without it stays only while it lets them.
  lock.outside = async () => {
    if (!alone || (await unlocked())) return;
    alone = false;
    lock.on = true;
    closed();
  };

  // The camera reads labels where one works, badges where one is locked.
  lock.place = () => {
    const there = lock.on ? one("locked-eye") : home;
    if (room.parentElement !== there) there.prepend(room);
  };

  lock.says = () => (lock.byBadge ? root.dataset.sayLockedBadge : root.dataset.sayLocked);

  // A badge was shown: the server's own page if it can be reached, else the pictures, here.
  lock.show = async (said) => {
    if (queue.status !== "offline" && (await queue.refresh(), queue.status !== "offline")) return location.assign(root.dataset.badge);
    if (!(await knows(said).catch(() => false))) return refuse(root.dataset.sayNoBadge);
    badge = said;
    says.hidden = true;
    four.clear();
    eye.close();
    feel("ok");
    dialog.hidden = false;
    dialog.querySelector("[data-picture]").focus();
    return undefined;
  };
  return lock;
}
