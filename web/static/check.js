// A certificate and its place in the public log, checked here, in the browser: Ed25519 by WebCrypto, Merkle paths by hand (RFC 9162).
// Where the browser has no Ed25519, nothing changes: the page goes on saying that the server did the check.
const HEAD = "ordi-log/1", PROOF = "ordi-log-proof/1", CERTIFICATE = "ordi-certificate/1";
const OTHER = new Set(["wrong-type", "not-a-certificate", "not-one-certificate"]);
const LARGEST = 4 * 2 ** 20;
const text = new TextEncoder();
const read = new TextDecoder("utf-8", { fatal: true });

class Wrong extends Error {}

const bytesOf = (base64url) => Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const hexOf = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const fromHex = (hex) => {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Wrong("malformed");
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
};
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
const equal = (a, b) => hexOf(a) === hexOf(b);

async function canCheck(keys) {
  try {
    const { x } = keys.keys[0];
    return Boolean(await crypto.subtle.importKey("raw", bytesOf(x), { name: "Ed25519" }, false, ["verify"]));
  } catch {
    return false;
  }
}

async function payloadOf(token, keys, typ) {
  const parts = token.split(".");
  if (parts.length !== 3) throw new Wrong("malformed");
  let header, payload, signature;
  try {
    [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(read.decode(bytesOf(part))));
    signature = bytesOf(parts[2]);
  } catch {
    throw new Wrong("malformed");
  }
  if (Object.keys(header).sort().join() !== "alg,kid,typ" || header.alg !== "EdDSA" || header.typ !== typ) throw new Wrong("wrong-type");
  const key = keys.keys.find((one) => one.kid === header.kid);
  if (!key) throw new Wrong("unknown-key");
  if (key.revoked) throw new Wrong("revoked-key");
  if (`ordi-${key.purpose}/1` !== typ || payload.typ !== typ) throw new Wrong("wrong-key");
  const known = await crypto.subtle.importKey("raw", bytesOf(key.x), { name: "Ed25519" }, false, ["verify"]);
  const good = await crypto.subtle.verify({ name: "Ed25519" }, known, signature, text.encode(`${parts[0]}.${parts[1]}`));
  if (!good) throw new Wrong("bad-signature");
  const when = Date.parse(payload.issued) / 1000;
  if (!(when >= key.nbf) || (key.exp && when >= key.exp)) throw new Wrong("key-not-in-force");
  return payload;
}

async function includes(entry, index, size, path, root) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let number = index, last = size - 1;
  let found = await sha256(Uint8Array.of(0), text.encode(entry));
  const half = (value) => Math.floor(value / 2);
  for (const hex of path) {
    if (last === 0) return false;
    const beside = fromHex(hex);
    if (number % 2 || number === last) {
      found = await sha256(Uint8Array.of(1), beside, found);
      while (number % 2 === 0 && number) [number, last] = [half(number), half(last)];
    } else {
      found = await sha256(Uint8Array.of(1), found, beside);
    }
    [number, last] = [half(number), half(last)];
  }
  return last === 0 && equal(found, fromHex(root));
}

// What a sidecar proves of certificates: `wanted` holds what is known of each (sha256, and tag, wipe, leaf where it was read).
async function placesIn(sidecar, wanted, keys) {
  if (sidecar?.typ !== PROOF || sidecar.certificates?.length !== wanted.length) throw new Wrong("another-certificate");
  const head = await payloadOf(sidecar.head, keys, HEAD);
  const places = [];
  for (const [number, one] of sidecar.certificates.entries()) {
    const { sha256: fingerprint, tag, wipe, leaf } = wanted[number];
    const event = JSON.parse(one.event), facts = JSON.parse(event.facts);
    if (one.sha256 !== fingerprint || facts.sha256 !== fingerprint || event.action !== "certified") throw new Wrong("another-certificate");
    if ((tag && event.machine !== tag) || (wipe && facts.sanitisation !== wipe)) throw new Wrong("another-machine");
    if (leaf && one.wipe?.leaf !== leaf) throw new Wrong("another-wipe");
    if (!(await includes(hexOf(await sha256(text.encode(one.event))), one.index, head.size, one.path, head.root))) throw new Wrong("not-under-this-head");
    if (one.wipe && (one.wipe.index >= one.index || !(await includes(one.wipe.leaf, one.wipe.index, head.size, one.wipe.path, head.root)))) throw new Wrong("wipe-not-under-this-head");
    places.push(one.index);
  }
  return { head, places };
}

const say = (place, what) => {
  for (const one of place.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== what;
};

// The page of a certificate: the server gives the sidecar, the browser proves it again. A paper that was scanned must be the one.
async function checkPage(place) {
  const keys = JSON.parse(place.dataset.keys);
  if (!(await canCheck(keys))) return;
  try {
    const sidecar = JSON.parse(place.dataset.proof);
    await placesIn(sidecar, [{ sha256: place.dataset.paper || sidecar.certificates[0].sha256 }], keys);
    say(place, "here");
  } catch {
    say(place, "wrong");
  }
}

// The files that a PDF carries: every embedded stream, inflated. Only tokens come out of it, and each is verified by itself.
async function attachedIn(bytes) {
  const raw = new TextDecoder("latin1").decode(bytes);
  for (const found of raw.matchAll(/\/EmbeddedFile\b/g)) {
    const start = raw.indexOf("stream", found.index), end = raw.indexOf("endstream", start);
    if (start < 0 || end < 0) continue;
    const from = start + (raw.startsWith("stream\r\n", start) ? 8 : 7);
    const held = bytes.subarray(from, end);
    for (const inflate of [true, false]) {
      const told = await (inflate ? inflated(held) : held);
      const tokens = told && tokensIn(told);
      if (tokens) return tokens;
    }
  }
  throw new Wrong("not-one-certificate");
}

async function inflated(bytes) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  writer.write(bytes).then(() => writer.close()).catch(() => {});
  const chunks = [];
  try {
    const out = stream.readable.getReader();
    for (let one = await out.read(); !one.done; one = await out.read()) chunks.push(one.value);
  } catch {
    // an end of line before `endstream` is no part of the stream: what came out before it is whole, or no token
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function tokensIn(bytes) {
  let lines;
  try {
    lines = read.decode(bytes).trim().split("\n");
  } catch {
    return null;
  }
  return lines.length <= 64 && lines.every((one) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(one)) ? lines : null;
}

async function checkFiles(files, keys) {
  const beside = files.find((one) => one.name.endsWith(".json")), file = files.find((one) => one !== beside);  // by name: either field, or a drop
  if (!file || file.size > LARGEST || (beside && beside.size > LARGEST)) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const pdf = read.decode(bytes.subarray(0, 5).map((one) => one & 127)) === "%PDF-";
  const tokens = pdf ? await attachedIn(bytes) : tokensIn(bytes);
  if (!tokens) throw new Wrong("not-a-certificate");
  const told = [];
  for (const token of tokens) told.push(await payloadOf(token, keys, CERTIFICATE));
  if (new Set(told.map((one) => JSON.stringify(one.machine))).size !== 1) throw new Wrong("several-computers");
  const answer = { pdf, told };
  if (!beside) return answer;
  try {
    const wanted = [];
    for (const [number, one] of told.entries()) wanted.push({ sha256: hexOf(await sha256(text.encode(tokens[number]))), tag: one.machine.tag, wipe: one.sanitisation.uuid, leaf: one.log?.leaf });
    return { ...answer, log: await placesIn(JSON.parse(await beside.text()), wanted, keys) };
  } catch (error) {
    return { ...answer, unlogged: error instanceof Wrong ? error.message : "malformed" };
  }
}

const fill = (place, name, words) => {
  for (const one of place.querySelectorAll(`[data-put="${name}"]`)) one.textContent = words;
};
const show = (place, name) => {
  for (const one of place.querySelectorAll(`[data-show="${name}"]`)) one.hidden = false;
};
const day = (instant) => new Date(instant).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long", year: "numeric" });

function answerOf(form, result, why) {
  const words = JSON.parse(form.dataset.words);
  const place = document.querySelector("template[data-check-result]").content.cloneNode(true);
  show(place, why ? "bad" : "good");
  fill(place, "why", why);
  for (const told of result?.told ?? []) {
    const wipe = told.sanitisation;
    const line = document.querySelector("template[data-check-drive]").content.cloneNode(true);
    show(line, { PASS: "good", DESTROYED: "ended" }[wipe.verdict] ?? "bad");
    fill(line, "verdict", words.verdict[wipe.verdict] ?? wipe.verdict);
    fill(line, "method", [words.technique[wipe.technique] ?? wipe.technique, words.level[wipe.level], words.assurance[wipe.assurance]].join(", "));
    fill(line, "serial", form.dataset.serial.replace("{end}", (told.drive.serial ?? "").slice(-4)).replace("{day}", day(told.issued)));
    place.querySelector("[data-put=drives]").append(line);
  }
  if (result?.told.some((one) => one.demonstration || one.test)) show(place, "trial");
  if (result?.log) {
    const { head, places } = result.log;
    show(place, "logged");
    fill(place, "entry", form.dataset.entry.replace("{n}", places.map((one) => one + 1).join(", ")).replace("{size}", head.size).replace("{day}", day(head.issued)));
  }
  if (result?.unlogged) {
    show(place, "unlogged");
    fill(place, "unlogged", result.unlogged);
  }
  if (result?.pdf) {
    show(place, "pdf");
    place.querySelector("[data-send]").addEventListener("click", () => form.submit());
  }
  return place;
}

function put(input, files) {
  const held = new DataTransfer();
  for (const one of files.slice(0, 1)) held.items.add(one);
  input.files = held.files;
}

async function checkForm(form) {
  const keys = JSON.parse(form.dataset.keys), [input, proof] = form.querySelectorAll("input[type=file]");
  if (!(await canCheck(keys))) return;
  say(form, "here");
  const check = async () => {
    const files = [...input.files, ...proof.files];
    let result = null, why = "";
    try {
      result = await checkFiles(files, keys);
    } catch (error) {
      why = error instanceof Wrong ? error.message : "malformed";
    }
    if ((!result && !why) || OTHER.has(why)) return form.submit(); // another kind of paper of ours, perhaps: the server knows them all
    const answer = document.querySelector("[data-check-answer]");
    answer.replaceChildren(answerOf(form, result, why));
    answer.querySelector("h2").focus();
  };
  form.addEventListener("submit", (event) => {
    if (!input.files.length || form.querySelector("[name=code]").value.trim()) return;
    event.preventDefault();
    check();
  });
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.dataset.over = "";
  });
  form.addEventListener("dragleave", () => delete form.dataset.over);
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    delete form.dataset.over;
    const dropped = [...event.dataTransfer.files];
    put(input, dropped.filter((one) => !one.name.endsWith(".json")));
    put(proof, dropped.filter((one) => one.name.endsWith(".json")));
    if (dropped.length) check();
  });
}

for (const place of document.querySelectorAll("[data-log-check]")) checkPage(place);
for (const form of document.querySelectorAll("form[data-check]")) checkForm(form);
