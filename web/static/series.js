// Series: one action, then scan after scan. Every act goes through the queue, with or without a network; each scan is
// answered aloud: by the server if it answers soon, else "kept".
import { hide, show, wakeSound } from "./answer.js";
import { keep, recall } from "./kept.js";
import { Full, makeQueue } from "./queue.js";
import { makeLock } from "./series-lock.js";
import { learn, search, shelvesOf, stockOf, tagIn } from "./series-stock.js";
import { makeView } from "./series-view.js";
import { looksLikeATag, readAdoption, readBadge, readCard, readTag, straightened } from "./tags.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const SOON = 3000; // ms: how long a person waits for the server's word before "kept" is said
const MOST_DONE = 600;
const UNDONE_BY_SERVER = ["shelve", "hold", "resume"];

const root = document.querySelector("[data-series]");
const sheet = document.querySelector("[data-answer-sheet]");
const room = document.querySelector("[data-scan]");
const view = makeView(root);
const queue = makeQueue(root.dataset);
const eye = viewfinder(room, sheet, (text) => scan(text));
const verbs = new Map([...root.querySelectorAll("[data-verb]")].map((button) => [button.dataset.verb, { title: button.textContent.trim(), takes: button.dataset.takes, sources: button.dataset.sources.split(" ") }]));

const nothing = () => ({ verb: "", value: "", done: [] });
let series = nothing();
let told = { waiting: [], others: [], aside: [], status: "starting" };
let waiting = [];
let aside = [];
let stock = stockOf(null, []);
let turn = Promise.resolve();
const listeners = new Map(); // uuid → what to do with its answer
root.append(sheet); // said whatever step the page is at
const lock = makeLock(root, {
  queue,
  eye,
  room,
  refuse: (text) => refuse("", text),
  closed() {
    view.bar(told, lock.on && lock.says());
    draw();
    eye.openIfAllowed();
  },
  opened(person) {
    if (series.person && series.person !== person.code) series = nothing();
    remember();
    view.bar(told, false);
    draw();
    show(sheet, "ok", person.name, view.say("sayOpened"));
  },
});

function restock() {
  stock = stockOf(queue.state, waiting);
}

function remember() {
  series.done = series.done.slice(-MOST_DONE);
  return keep("series", series);
}

// Drawing

function draw() {
  const verb = verbs.get(series.verb);
  const at = series.value ? ` ${series.value}` : "";
  document.querySelector("[data-who]").textContent = lock.on ? "" : (queue.person?.name ?? "");
  lock.place();
  if (lock.on) view.step("locked", view.say("sayClosedDoor"));
  else if (!verb) view.step("choose", document.title.split(" · ")[0]);
  else view.step("doing", verb.title + at);
  view.dock.finish.hidden = !verb || lock.on;
  room.hidden = !verb && !lock.on;
  if (room.hidden) eye.close();
  drawTally();
  drawConflicts();
}

function drawTally() {
  const { verb, value, done } = series;
  const kept = done.filter((entry) => entry.tone === "ok" || entry.tone === "wait");
  const told = { count: kept.length, expected: null, missing: [], surplus: [] };
  const lot = verb === "receive" && stock.lots.get(value);
  if (lot) {
    told.count = lot.received.length + lot.surplus.length;
    told.expected = lot.received.length + lot.missing.length;
    told.missing = lot.missing;
    told.surplus = lot.surplus;
  } else if (verb === "audit") {
    const found = new Set(done.filter((entry) => entry.there).map((entry) => entry.tag));
    const expected = [...stock.rows.values()].filter((row) => row.shelf === value).map((row) => row.tag);
    told.count = found.size;
    told.expected = expected.length;
    told.missing = expected.filter((tag) => !found.has(tag));
    told.surplus = done.filter((entry) => entry.tone === "repeat" && entry.stranger).map((entry) => entry.tag);
  }
  view.one("count-line").hidden = verb === "find";
  view.tally(told);
  if (verb !== "find") view.list(done);
  const detail = view.dock.detail;
  detail.textContent = told.missing.length ? view.fill(view.one("missing-n").dataset.say, { n: told.missing.length }) : "";
  const last = lastDone();
  view.dock.undo.hidden = !last || lock.on;
}

function drawConflicts() {
  const mine = !lock.on && queue.state?.person.code === queue.person?.code;
  view.conflicts(mine ? (queue.state?.refused ?? []) : [], lock.on ? [] : aside, {
    async saw(uuid, button) {
      button.disabled = true;
      if (await queue.saw(uuid)) {
        queue.state.refused = queue.state.refused.filter((act) => act.uuid !== uuid);
        await keep("state", queue.state);
        drawConflicts();
      } else button.disabled = false;
    },
    retry: (uuid) => queue.retry(uuid),
  });
}

function lastDone() {
  const last = series.done.at(-1);
  if (!last?.uuid) return null;
  const unsent = waiting.some((act) => act.uuid === last.uuid);
  return unsent || (last.tone === "ok" && UNDONE_BY_SERVER.includes(series.verb)) ? last : null;
}

// Choosing

async function begin(verb, value = "") {
  if (!verbs.has(verb) || lock.on) return;
  const { takes } = verbs.get(verb);
  if (takes && !value) {
    which(verb, takes);
    return;
  }
  series = { verb, value: value === "-" ? "" : value, done: [], person: queue.person?.code };
  await remember();
  if (verb === "find") view.found([]);
  draw();
  if ("scanAuto" in room.dataset) eye.openIfAllowed();
}

function which(verb, takes) {
  const title = view.one("which-title").dataset;
  const rows =
    takes === "lot"
      ? [...stock.lots.values()].map((lot) => ({ text: lot.donor || lot.code, small: lot.code, kind: "lot", value: lot.code }))
      : shelvesOf(stock).map((shelf) => ({ text: shelf, kind: "shelf", value: shelf }));
  if (takes === "lot") rows.push({ text: document.querySelector("[data-say-nolot]").textContent, kind: "lot", value: "-" });
  view.rows(takes === "lot" ? title.sayLot : title.sayShelf, rows, (value) => begin(verb, value));
  const form = view.one("which-form");
  form.hidden = takes === "lot";
  form.onsubmit = (event) => {
    event.preventDefault();
    const shelf = form.querySelector("input").value.trim().toUpperCase().replace(/\s+/g, " ");
    if (/^[A-Z0-9][A-Z0-9 ./-]{0,23}$/.test(shelf)) begin(verb, shelf);
  };
  view.step("which", verbs.get(verb).title);
}

function ask(tag) {
  const dialog = view.one("ask");
  view.one("ask-tag").textContent = tag;
  dialog.hidden = false;
  dialog.querySelector("button").focus();
  return new Promise((chosen) => {
    dialog.onclick = (event) => {
      const button = event.target.closest("[data-form]");
      if (!button) return;
      dialog.hidden = true;
      wakeSound();
      chosen(button.dataset.form);
    };
  });
}

// Scanning

function scan(text) {
  lock.seen();
  turn = turn.then(() => take(text)).catch((trouble) => refuse("", trouble instanceof Full ? view.say("sayFull") : String(trouble)));
  return turn;
}

function refuse(tag, text) {
  show(sheet, "stop", view.say("sayRefused"), text, tag);
}

async function take(text) {
  hide(sheet);
  const adoption = readAdoption(text);
  if (adoption) return location.assign(adoption);
  const badge = readBadge(text);
  if (badge) return lock.show(badge);
  if (lock.on) return refuse("", lock.says());
  const card = readCard(text);
  if (card && verbs.has(card.verb)) {
    await begin(card.verb, card.value);
    show(sheet, "now", verbs.get(card.verb).title, "", card.value);
    return undefined;
  }
  if (!series.verb) return refuse("", view.say("sayChoose"));
  const tag = tagIn(stock, text);
  if (!tag) return refuse("", looksLikeATag(text) ? room.dataset.sayMistyped : room.dataset.sayForeign);
  if (series.verb === "find") return find(tag);
  if (!queue.person) return location.assign(root.dataset.door);
  return act(tag);
}

async function act(tag) {
  const { verb, value, done } = series;
  if (done.some((entry) => entry.tag === tag && entry.tone !== "stop")) {
    show(sheet, "repeat", view.say("sayRepeat"), "", tag);
    return;
  }
  const row = stock.rows.get(tag);
  const lost = queue.status !== "online";
  let form = "";
  if (!row && verb === "receive") {
    form = await ask(tag);
    if (!form) return;
  } else if (!row && lost) {
    refuse(tag, view.say("sayUnknownText"));
    return;
  } else if (row && lost && !verbs.get(verb).sources.includes(row.state)) {
    if (verb === "receive" && row.state === "received") show(sheet, "repeat", view.say("sayRepeat"), "", tag);
    else refuse(tag, view.say("sayState", { state: view.stateName(row.state) }));
    return;
  }
  const place = row?.shelf ?? "";
  const entry = { uuid: "", tag, tone: "wait", text: view.say("sayKept"), there: verb === "audit" && place === value, stranger: verb === "audit" && place !== value };
  const sent = await queue.add({ verb, tag, value, form, known_seq: row?.seq ?? null });
  entry.uuid = sent.uuid;
  done.push(entry);
  const answered = new Promise((come) => listeners.set(sent.uuid, come));
  await remember();
  drawTally();
  const answer = lost ? null : await Promise.race([answered, new Promise((late) => setTimeout(late, SOON))]);
  if (answer) tell(entry, answer);
  else kept(entry, place);
}

function kept(entry, place) {
  if (entry.stranger) show(sheet, "repeat", view.say("sayKept"), place ? view.say("sayFound", { shelf: place }) : view.say("sayNoShelf"), entry.tag);
  else show(sheet, "ok", view.say("sayKept"), view.say("sayKeptText"), entry.tag);
}

function tell(entry, answer) {
  show(sheet, answer.tone, answer.tone === "stop" ? view.say("sayRefused") : answer.title, answer.tone === "stop" ? `${answer.title} ${answer.text}` : answer.text, entry.tag);
}

function find(tag) {
  const row = stock.rows.get(tag);
  if (!row) return refuse(tag, view.say("sayUnknownText"));
  view.found([row]);
  show(sheet, "ok", row.shelf ? view.say("sayFound", { shelf: row.shelf }) : view.say("sayNoShelf"), view.stateName(row.state), tag);
  return undefined;
}

// Undoing, ending

async function undo() {
  const last = lastDone();
  if (!last) return;
  if (!(await queue.withdraw(last.uuid))) {
    const sent = await queue.add({ verb: "undo", tag: last.tag, value: last.uuid, known_seq: null });
    const answer = await Promise.race([new Promise((come) => listeners.set(sent.uuid, come)), new Promise((late) => setTimeout(late, SOON))]);
    if (answer && answer.tone !== "ok") {
      tell(last, answer);
      return;
    }
  }
  series.done = series.done.filter((entry) => entry.uuid !== last.uuid);
  await remember();
  drawTally();
  show(sheet, "ok", view.say("sayUndone"), "", last.tag);
}

async function finish() {
  const { verb, value, done } = series;
  if (verb === "receive" && value && stock.lots.has(value) && (done.length || stock.lots.get(value).received.length)) {
    const sent = await queue.add({ verb: "close", tag: "", value, known_seq: null });
    const answer = await Promise.race([new Promise((come) => listeners.set(sent.uuid, come)), new Promise((late) => setTimeout(late, SOON))]);
    if (answer) show(sheet, answer.tone, answer.tone === "stop" ? view.say("sayRefused") : view.say("sayClosed"), answer.title, value);
    else show(sheet, "ok", view.say("sayKept"), view.say("sayKeptText"), value);
    if (answer?.tone === "stop") return;
  }
  series = nothing();
  await remember();
  draw();
}

// The queue speaks

queue.addEventListener("answer", async ({ detail: { act: sent, answer } }) => {
  if (queue.state) {
    learn(queue.state, sent, answer);
    if (answer.tone === "stop" && sent.queued) {
      queue.state.refused = [...queue.state.refused.filter((one) => one.uuid !== sent.uuid), { uuid: sent.uuid, verb: sent.verb, tag: sent.tag, title: answer.title, text: answer.text }];
    }
    await keep("state", queue.state);
  }
  const entry = series.done.find((one) => one.uuid === sent.uuid);
  if (entry) Object.assign(entry, { tone: answer.tone, text: answer.title, stranger: answer.code === "stranger", there: answer.code === "found-there" });
  await remember();
  listeners.get(sent.uuid)?.(answer);
  listeners.delete(sent.uuid);
});

queue.addEventListener("change", ({ detail }) => {
  told = detail;
  waiting = detail.waiting;
  aside = detail.aside;
  restock();
  view.bar(detail, lock.on && lock.says());
  drawTally();
  drawConflicts();
});

queue.addEventListener("out", () => lock.outside());

queue.addEventListener("state", () => {
  lock.heard();
  restock();
  draw();
});

for (const button of root.querySelectorAll("[data-verb]")) {
  button.addEventListener("click", () => {
    wakeSound();
    begin(button.dataset.verb);
  });
}
view.dock.undo.addEventListener("click", undo);
view.dock.finish.addEventListener("click", finish);
document.querySelector(".bench-top a").addEventListener("click", (event) => {
  if (!series.verb && view.one("which").hidden && queue.status === "online") return;
  event.preventDefault(); // from an action back to the choice; out of the page only with a network
  if (lock.on) return;
  series = nothing();
  remember();
  draw();
});
const typed = view.one("typed");
typed.addEventListener("submit", (event) => {
  event.preventDefault();
  wakeSound();
  const input = typed.querySelector("input");
  const said = straightened(input.value.trim());
  input.value = "";
  if (said) scan(readTag(said) ?? said);
});
typed.addEventListener("input", (event) => {
  if (series.verb === "find") view.found(search(stock, event.target.value));
});
addEventListener("hashchange", fromAddress);
hear(scan);

function fromAddress() {
  const [verb, value] = location.hash.slice(1).split("/");
  if (!verbs.has(verb)) return;
  history.replaceState(null, "", location.pathname);
  begin(verb, decodeURIComponent(value ?? ""));
}

async function start() {
  navigator.serviceWorker?.register(root.dataset.worker, { scope: root.dataset.page }).catch(() => {});
  const kept = await recall("series");
  if (kept?.verb && verbs.has(kept.verb)) series = kept;
  await lock.start();
  const started = queue.start();
  turn = Promise.race([started, new Promise((late) => setTimeout(late, SOON))]);
  draw();
  fromAddress();
  await started;
  draw();
  root.dataset.ready = "";
}

start();
