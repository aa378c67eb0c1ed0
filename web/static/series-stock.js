// The machines of this workshop as the device knows them: what the server last told, and what was done here since.
import { readTag } from "./tags.js";

const SLIPS = { I: "1", L: "1", O: "0", U: "V", Z: "2" };
const folded = (text) => text.toUpperCase().replace(/[ILOUZ]/g, (slip) => SLIPS[slip]).replace(/[^0-9A-Z]/g, "");

export const rowOf = ([tag, serial, state, shelf, form, seq, held]) => ({ tag, serial, state, shelf, form, seq, held: Boolean(held) });

// `state` of the server, with every act that waits as if it were done.
export function stockOf(state, waiting) {
  const rows = new Map((state?.machines ?? []).map((told) => [told[0], rowOf(told)]));
  const lots = new Map((state?.lots ?? []).map((lot) => [lot.code, { ...lot, missing: [...lot.missing], received: [...lot.received], surplus: [...lot.surplus] }]));
  const stock = { rows, lots };
  for (const act of waiting) effect(stock, act);
  return stock;
}

// What an act makes of what is known, before the server says so.
export function effect({ rows, lots }, { verb, tag, value, form }) {
  if (verb === "close") lots.delete(value);
  if (!tag) return;
  const row = rows.get(tag);
  if (verb === "receive") {
    const lot = lots.get(value);
    if (!row) rows.set(tag, { tag, serial: "", state: "received", shelf: "", form: form ?? "", seq: null, held: false });
    else if (row.state === "promised" || row.state === "collected") row.state = "received";
    for (const one of lots.values()) {
      if (one.missing.includes(tag)) {
        one.missing = one.missing.filter((other) => other !== tag);
        one.received.push(tag);
      }
    }
    if (!row && lot && !lot.surplus.includes(tag)) lot.surplus.push(tag);
  }
  if (!row) return;
  if (verb === "release") row.state = "ready";
  if (verb === "release" || verb === "shelve") row.shelf = value;
  if (verb === "hold") row.held = true;
  if (verb === "resume") row.held = false;
}

// The server's answer about one machine, into what it last told.
export function learn(state, act, answer) {
  const stock = stockOf(state, answer.tone === "ok" ? [act] : []);
  if (answer.machine) stock.rows.set(answer.machine[0], rowOf(answer.machine));
  state.machines = [...stock.rows.values()].map((row) => [row.tag, row.serial, row.state, row.shelf, row.form, row.seq, Number(row.held)]);
  state.lots = [...stock.lots.values()];
}

export function shelvesOf({ rows }) {
  return [...new Set([...rows.values()].map((row) => row.shelf).filter(Boolean))].sort((one, other) => one.localeCompare(other, "fr", { numeric: true }));
}

// The tag that was scanned, or of the one machine whose serial number ends like what was scanned.
export function tagIn(stock, text) {
  const tag = readTag(text);
  if (tag) return tag;
  const said = text.toUpperCase().trim();
  const ends = [...stock.rows.values()].filter((row) => row.serial.length >= 5 && said.endsWith(row.serial));
  return ends.length === 1 ? ends[0].tag : null;
}

// Forgives confused characters, spaces, one wrong or missing letter; looks at labels, ends of serial numbers, shelves.
export function search({ rows }, text, most = 20) {
  const said = folded(text);
  if (!said) return [];
  const ranked = [];
  for (const row of rows.values()) {
    const tag = folded(row.tag);
    const near = [tag, folded(row.serial), folded(row.shelf)];
    const rank = near.includes(said) ? 0 : near.some((one) => one.startsWith(said)) ? 1 : said.length >= 3 && near.some((one) => one.includes(said)) ? 2 : said.length >= 4 && oneSlip(said, tag) ? 3 : 9;
    if (rank < 9) ranked.push([rank, row]);
  }
  return ranked.sort(([one, a], [other, b]) => one - other || a.tag.localeCompare(b.tag)).slice(0, most).map(([, row]) => row);
}

// Whether `said` is the start of `whole` but for one character wrong, missing, too many, or two swapped.
function oneSlip(said, whole) {
  const limit = Math.min(said.length, whole.length + 1);
  for (let i = 0; i < limit; i += 1) {
    const [head, rest] = [said.slice(0, i), said.slice(i)];
    if (!whole.startsWith(head)) return false;
    const left = whole.slice(i);
    if (left.slice(1).startsWith(rest.slice(1)) || left.slice(1).startsWith(rest) || left.startsWith(rest.slice(1))) return true;
    if (rest.length > 1 && left.startsWith(rest[1] + rest[0] + rest.slice(2))) return true;
  }
  return false;
}
