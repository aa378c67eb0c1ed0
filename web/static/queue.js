// Acts on their way to the server: each is on the disk before it is answered aloud, sent one at a time and in order,
// and leaves only with the server's answer. The server keeps each uuid with its answer: sending twice does nothing twice.
//
// Events: `answer` {act, answer} · `state` (heard, and known) · `out` (heard, and unknown) · `change` {waiting, others, aside, status}   status: starting | online | offline | out
import { acts, device, forget, keep, recall } from "./kept.js";
import { opens, sweep, unlocked } from "./unlocking.js";

export const MOST = 500; // acts kept without a network: a day of sixty machines, several steps each
const PATIENCE = 8000; // ms before a request counts as lost
const AGAIN = 10_000; // ms between two attempts
const TRIES = 3; // times the server may fail on one act before the others pass it

export class Full extends Error {}

export function makeQueue({ state: stateUrl, acts: actsUrl, seen: seenUrl, lock: lockUrl }) {
  const queue = new EventTarget();
  let token = null;
  let person = null;
  let state = null;
  let status = "starting";
  let running = null;
  let again = false;

  const tell = (name, detail) => queue.dispatchEvent(new CustomEvent(name, { detail }));

  async function changed() {
    const all = await acts.all();
    const mine = all.filter((act) => act.person === person?.code);
    tell("change", {
      waiting: mine.filter((act) => !act.aside),
      aside: mine.filter((act) => act.aside),
      others: all.filter((act) => act.person !== person?.code),
      status,
    });
  }

  async function ask(url, form) {
    const sent = form && { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" }, body: new URLSearchParams(form) };
    return fetch(url, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...sent });
  }

  // What the server says now; false when it cannot be reached, or does not know who we are.
  async function refresh() {
    try {
      const response = await ask(stateUrl);
      if (response.type === "opaqueredirect" || response.status === 403) {
        status = "out";
        token = null;
        await sweep();
        if (await opens()) {
          await keep("locked", (await recall("locked")) ?? state?.sitting ?? ""); // the list stays, for who opens by badge
        } else {
          await forget("state");
          state = null;
        }
        tell("out");
        return false;
      }
      if (!response.ok) throw new Error(String(response.status));
      const told = await response.json();
      token = told.token;
      delete told.token; // a page's token is of this sitting: it is not kept
      const ends = await recall("locked");
      if (ends === told.sitting || ends === "") {
        // Locked or opened without a network: the sitting before ends now, before anything else.
        await ask(lockUrl, {});
        await keep("locked", told.sitting);
        await sweep();
        status = "out";
        token = null;
        tell("out");
        return false;
      }
      if (person && person.code !== told.person.code) await forget("series");
      person = told.person;
      state = told;
      status = "online";
      await keep("state", told);
      await forget("locked");
      await forget("unlocked");
      tell("state", state);
      return true;
    } catch {
      status = "offline";
      return false;
    }
  }

  async function queueAll() {
    for (const act of await acts.all()) {
      if (!act.queued) await acts.put({ ...act, queued: true });
    }
  }

  async function setAside(act, why) {
    await acts.put({ ...act, aside: why });
  }

  // True when the next may be sent.
  async function send(act, mayRenew = true) {
    const { n, tries, aside, name, icon, ...form } = act;
    if (!form.queued) delete form.known_seq;
    let response;
    try {
      response = await ask(actsUrl, Object.fromEntries(Object.entries(form).filter(([, value]) => value !== null && value !== undefined)));
    } catch {
      status = "offline";
      await queueAll();
      return false;
    }
    if (response.type === "opaqueredirect") {
      status = "out";
      token = null;
      return false;
    }
    if (response.status === 400 && mayRenew) return (await refresh()) && act.person === person.code && send(act, false);
    if (response.ok) {
      const answer = await response.json();
      status = "online";
      await acts.remove(n);
      tell("answer", { act, answer });
      return true;
    }
    if (response.status === 409 || response.status === 422) {
      const problem = await response.json().catch(() => ({}));
      await setAside(act, problem.detail ?? String(response.status));
      return true;
    }
    if ((tries ?? 0) + 1 >= TRIES) await setAside(act, "server");
    else await acts.put({ ...act, queued: true, tries: (tries ?? 0) + 1 });
    return false;
  }

  async function drain() {
    if (token === null && !(await refresh())) {
      await queueAll();
      return;
    }
    for (;;) {
      const mine = (await acts.all()).filter((act) => !act.aside && act.person === person.code);
      if (!mine.length) break;
      for (const act of mine) {
        if (!(await send(act))) return;
        await changed();
      }
    }
    if (status === "offline" && !(await refresh())) return;
    status = "online";
  }

  // One at a time, also over several windows of this browser.
  queue.flush = () => {
    if (running) {
      again = true;
      return running;
    }
    const alone = navigator.locks ? (work) => navigator.locks.request("ordi-queue", work) : (work) => work();
    running = alone(drain)
      .catch(() => {
        status = "offline";
      })
      .then(async () => {
        running = null;
        await changed();
        if (again) {
          again = false;
          return queue.flush();
        }
        return undefined;
      });
    return running;
  };

  queue.add = async (act) => {
    if ((await acts.count()) >= MOST) throw new Full();
    const lost = status === "offline" || !navigator.onLine;
    const whole = { uuid: crypto.randomUUID(), person: person.code, name: person.name, device: await device(), happened_at: new Date().toISOString(), queued: lost, ...act };
    await acts.add(whole);
    await changed();
    queue.flush();
    return whole;
  };

  // Takes back what was not sent yet; false when it is gone already.
  queue.withdraw = (uuid) => {
    const alone = navigator.locks ? (work) => navigator.locks.request("ordi-queue", work) : (work) => work();
    return alone(async () => {
      const act = (await acts.all()).find((one) => one.uuid === uuid);
      if (!act) return false;
      await acts.remove(act.n);
      await changed();
      return true;
    });
  };

  queue.retry = async (uuid) => {
    const act = (await acts.all()).find((one) => one.uuid === uuid);
    if (act) await acts.put({ ...act, aside: undefined, tries: 0 });
    return queue.flush();
  };

  // Nobody's hand is here any more: what waits stays, and only a new sitting opens again.
  queue.lock = async () => {
    await keep("locked", (await recall("locked")) ?? state?.sitting ?? "");
    await forget("unlocked");
    const answer = token === null ? null : await ask(lockUrl, {}).catch(() => null);
    token = null;
    status = answer || status === "out" ? "out" : "offline";
    await changed();
    return status === "out";
  };

  // Somebody opened this device without a network: what is done from now on is theirs.
  queue.as = async (whoever) => {
    person = whoever;
    token = null;
    await changed();
  };

  queue.saw = async (uuid) => {
    if (token === null && !(await refresh())) return false;
    const response = await ask(seenUrl, { uuid }).catch(() => null);
    return Boolean(response?.ok);
  };

  queue.start = async () => {
    state = (await recall("state")) ?? null;
    person = (await unlocked()) ?? state?.person ?? null;
    await navigator.storage?.persist?.().catch(() => {});
    addEventListener("online", () => queue.flush());
    addEventListener("offline", () => {
      status = "offline";
      changed();
    });
    document.addEventListener("visibilitychange", () => document.hidden || queue.flush());
    setInterval(async () => (await acts.count()) && status !== "out" && queue.flush(), AGAIN);
    // What an earlier page left, perhaps on its way when it was closed: others may have acted since.
    await queueAll();
    await changed();
    await refresh();
    await changed();
    return queue.flush();
  };

  queue.refresh = refresh;
  Object.defineProperties(queue, {
    person: { get: () => person },
    state: { get: () => state },
    status: { get: () => status },
  });
  return queue;
}
