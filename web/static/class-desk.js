// A desk of a class list's afternoon: find a child, scan its computer, one signature a family, next. The page stays open.
// Names live in this page's memory alone. An act with its signature is sealed on the device before the next family comes
// (desk-store.js), and leaves it once the server answered: a page that is closed finds it again. Each has its uuid, and the
// server does none twice. Where the device keeps nothing, leaving the page is asked twice while an act waits.
import { feel, hide, show } from "./answer.js";
import { drop, keep, mine } from "./desk-store.js";
import { looksLikeATag, readTag, straightened } from "./tags.js";
import { viewfinder } from "./viewfinder.js";
import { hear } from "./wedge.js";

const AGAIN = 4000; // ms between two attempts
const PATIENCE = 15_000; // ms before a request counts as lost
const SHOWN = 40;
const MOST = 8; // children on one signature

const root = document.querySelector("[data-desk]");
const one = (name) => root.querySelector(`[data-${name}]`);
const form = one("family");
const room = root.querySelector("[data-scan]");
const sheet = document.querySelector("[data-answer-sheet]");
const say = Object.fromEntries([...root.querySelectorAll("[data-say]")].map((line) => [line.dataset.say, line.textContent]));
const made = (name) => root.querySelector(`template[data-${name}]`).content.firstElementChild.cloneNode(true);
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
root.append(sheet);

let children = [];
let token = "";
let className = "";
let known = 0; // how far this desk heard of the others
const desk = crypto.randomUUID().slice(0, 8); // this page, with what waits in it
let sending = null;
const waiting = [];

// The same search as ordi/sharing/class_lists.py: the beginning of each word, in any order; one letter may be wrong.
function near(part, word) {
  if (word.length < 3) return false;
  for (let n = 0; n < word.length; n += 1) {
    if (!part.startsWith(word.slice(0, n))) continue;
    const after = word.slice(n + 1);
    if (part.slice(n + 1).startsWith(after) || part.slice(n).startsWith(after) || part.slice(n + 1).startsWith(word.slice(n))) return true;
  }
  return false;
}

function sought() {
  const words = folded(one("who").value).split(" ").filter(Boolean);
  const among = children.filter((child) => !className || child.className === className);
  const by = (fits) => among.filter((child) => words.every((word) => child.parts.some((part) => fits(part, word))));
  const exact = by((part, word) => part.startsWith(word));
  return exact.length ? exact : by(near);
}

const siblings = (child) => children.filter((other) => other.family === child.family);

function draw() {
  const counted = children.filter((child) => child.standing !== "withdrawn");
  one("given").textContent = counted.filter((child) => child.standing === "given").length;
  one("expected").textContent = counted.length;
  one("bar").hidden = !waiting.some((act) => act.lost);
  one("waiting").textContent = waiting.length;
  one("kept").hidden = waiting.some((act) => !act.kept);
  one("unkept").hidden = !one("kept").hidden;
  for (const chip of one("classes").children) chip.setAttribute("aria-pressed", String(chip.value === className));
  const asked = Boolean(className || one("who").value.trim());
  const found = asked ? sought() : [];
  one("nobody").hidden = !asked || found.length > 0 || !children.length;
  one("found").replaceChildren(
    ...found.slice(0, SHOWN).map((child) => {
      const row = made("row");
      row.querySelector("[data-row-name]").textContent = child.name;
      const others = siblings(child).filter((other) => other !== child).map((other) => other.name);
      row.querySelector("[data-row-small]").textContent = [child.className, say[child.standing], child.tag, others.length ? `${say.family} ${others.join(", ")}` : ""].filter(Boolean).join(" · ");
      row.disabled = child.standing === "given" || child.standing === "withdrawn";
      row.addEventListener("click", () => open(child));
      return row;
    }),
  );
}

function open(child) {
  const here = siblings(child).filter((other) => other.standing === "waits" || other.standing === "absent").slice(0, MOST);
  if (!here.includes(child)) here.unshift(child);
  one("children").replaceChildren(
    ...here.map((other) => {
      const line = made("child");
      const [box, tag] = line.querySelectorAll("input");
      box.checked = true;
      box.value = other.id;
      tag.setAttribute("aria-label", `${root.dataset.sayTag} ${other.name}`);
      line.querySelector("[data-child-name]").textContent = `${other.name}, ${other.className}`;
      box.addEventListener("change", () => (tag.disabled = !box.checked));
      return line;
    }),
  );
  one("children").querySelector("input[type=text]").id = "desk-typed";
  one("missing").hidden = true;
  one("find").hidden = true;
  form.hidden = false;
  scrollTo(0, 0);
  eye.openIfAllowed();
}

function close() {
  form.reset();
  form.querySelector("[data-signature-clear]").click();
  one("children").replaceChildren();
  form.hidden = true;
  eye.close();
  one("find").hidden = false;
  one("who").value = "";
  draw();
  one("who").focus();
}

const lines = () => [...one("children").children].map((line) => line.querySelectorAll("input")).filter(([box]) => box.checked);

function refuse(text, tag = "") {
  show(sheet, "stop", room.dataset.sayRefused, text, tag);
}

function receive(text) {
  if (form.hidden) return refuse(root.dataset.sayChoose);
  const tag = readTag(straightened(text));
  if (!tag) return refuse(looksLikeATag(text) ? room.dataset.sayMistyped : room.dataset.sayForeign);
  if (lines().some(([, field]) => readTag(field.value) === tag)) return refuse(root.dataset.sayAlready, tag);
  const empty = lines().find(([, field]) => !field.value.trim());
  if (!empty) return refuse(root.dataset.sayFull, tag);
  empty[1].value = tag;
  hide(sheet);
  feel("ok"); // seen in its field, heard, felt: the next gesture waits for no screen
  return undefined;
}

let writing = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (writing) return;
  const gifts = lines().map(([box, field]) => [Number(box.value), readTag(field.value), field]);
  const wrong = gifts.find(([, tag]) => !tag);
  const twice = new Set(gifts.map(([, tag]) => tag)).size < gifts.length;
  one("missing").hidden = Boolean(gifts.length) && !wrong && !twice;
  if (!one("missing").hidden) {
    one("missing-text").textContent = wrong?.[2].value.trim() ? room.dataset.sayMistyped : twice && !wrong ? root.dataset.sayAlready : root.dataset.sayMissing;
    wrong?.[2].focus();
    return;
  }
  const said = new FormData(form);
  const act = {
    to: root.dataset.acts,
    gifts: gifts.map(([id, tag]) => [id, tag]),
    body: {
      uuid: crypto.randomUUID(),
      happened_at: new Date().toISOString(),
      gifts: gifts.map(([id, tag]) => `${id}=${tag}`).join(" "),
      desk,
      known: String(known), // what it knew when it was signed, not when it leaves
      language: said.get("language"),
      check_ins: said.get("check_ins") ?? "no",
      signature: said.get("signature"),
      signature_typed: said.get("signature_typed"),
    },
  };
  writing = true;
  const kept = await keep(act.body.uuid, act).then(() => true, () => false);
  writing = false;
  waiting.push({ ...act, kept });
  for (const [id, tag] of gifts) Object.assign(children.find((child) => child.id === id), { standing: "given", tag });
  close();
  flush();
});

// Sends what waits, one at a time and in order.
function flush() {
  sending ??= drain().finally(() => {
    sending = null;
    draw();
  });
}

async function drain() {
  while (waiting.length) {
    const [act] = waiting;
    let answer, told;
    try {
      answer = await fetch(act.to, { method: "POST", body: new URLSearchParams(act.body), headers: { "X-CSRFToken": token, Accept: "application/json" }, credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status >= 500) throw new Error(String(answer.status));
      told = answer.type === "opaqueredirect" ? null : await answer.json().catch(() => null);
    } catch {
      act.lost = true;
      setTimeout(flush, AGAIN);
      return;
    }
    if (!told) {
      // signed out, or the page is too old: what waits stays, and is sent once somebody is here again
      act.lost = true;
      draw();
      if (!(await ask().catch(() => false))) refuse(root.dataset.sayEntered);
      setTimeout(flush, AGAIN);
      return;
    }
    waiting.shift();
    if (answer.ok) {
      if (act.to === root.dataset.acts) heard(told);
      told.acts.forEach((one) => answered(one));
      await drop(act.body.uuid).catch(() => {}); // sent once more, it would get the same answer
    } else await refusedWhole({ ...act, refused: { what: told.what, mend: told.mend } });
    draw();
  }
}

// What the other desks gave meanwhile.
function heard(told) {
  for (const [id, tag] of told.given) Object.assign(children.find((child) => child.id === id) ?? {}, { standing: "given", tag });
  known = Math.max(known, told.known);
}

// An act that the server keeps nothing of stays on the device until somebody has seen why.
async function refusedWhole(act) {
  await keep(act.body.uuid, act).catch(() => {});
  for (const [child, tag] of act.gifts) answered({ child, tag, has: "", tone: "stop", ...act.refused }, () => drop(act.body.uuid).catch(() => {}));
}

function answered({ child, tag, has, tone, what, mend }, seen = () => {}) {
  if (tone === "given" || tone === "repeat") return;
  const known = children.find((other) => other.id === child) ?? { name: "" }; // of another list, another day
  const served = has && has !== tag;
  Object.assign(known, { standing: served ? "given" : "waits", tag: served ? has : "" });
  const line = made("refusal");
  line.querySelector("[data-refusal-who]").textContent = [known.name, tag].filter(Boolean).join(" · ");
  line.querySelector("[data-refusal-text]").textContent = `${what} ${mend}`;
  line.querySelector("button").addEventListener("click", () => {
    line.remove();
    seen();
    one("refusals").hidden = !one("refusal-list").children.length;
  });
  one("refusal-list").append(line);
  one("refusals").hidden = false;
  refuse(`${known.name} : ${what} ${mend}`, tag);
}

// Who is expected, as the server knows it now; what waits here counts as given.
async function ask() {
  const answer = await fetch(root.dataset.names, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) return false;
  const told = await answer.json();
  token = told.token;
  known = Math.max(known, told.known);
  children = told.children.map(([id, name, child, family, standing, tag]) => ({ id, className: name, name: child, family, standing, tag, parts: folded(`${name} ${child}`).split(" ") }));
  for (const { gifts } of waiting) for (const [id, tag] of gifts) Object.assign(children.find((child) => child.id === id) ?? {}, { standing: "given", tag });
  const names = [...new Set(children.map((child) => child.className))];
  one("classes").replaceChildren(
    ...names.map((name) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip", value: name, textContent: name });
      chip.addEventListener("click", () => {
        className = className === name ? "" : name;
        draw();
      });
      return chip;
    }),
  );
  draw();
  root.dataset.ready = "";
  return true;
}

const eye = viewfinder(room, sheet, receive);
room.hidden = false;
hear(receive);
one("who").addEventListener("input", draw);
one("back").addEventListener("click", close);
addEventListener("online", flush);
addEventListener("beforeunload", (event) => waiting.some((act) => !act.kept) && event.preventDefault());
async function begin() {
  if (!(await ask().catch(() => false))) return setTimeout(begin, AGAIN);
  for (const act of refused.splice(0)) await refusedWhole(act);
  return flush();
}

// What an earlier page of this person could not send, before anything is asked: it counts as given.
const refused = [];
mine()
  .catch(() => [])
  .then((acts) => {
    for (const act of acts) act.refused ? refused.push(act) : waiting.push({ ...act, kept: true });
    begin();
  });
