// Acts of a class list's desk that no server has answered yet, each sealed (AES-GCM) under a key that no script can read out,
// on this device alone. Each person finds their own and nobody else's. An act goes once it was answered, never before.
const NAME = "ordi-desk";
const who = document.documentElement.dataset.person ?? "";

let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("keys");
      const acts = asked.result.createObjectStore("acts", { keyPath: "n", autoIncrement: true });
      acts.createIndex("uuid", "uuid", { unique: true });
      acts.createIndex("who", "who");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

// One transaction; resolves once it is on the disk, with what `work` asked for.
async function within(store, mode, work) {
  const base = await open();
  return new Promise((done, failed) => {
    const asking = base.transaction(store, mode, { durability: "strict" });
    const asked = work(asking.objectStore(store));
    asking.oncomplete = () => done(asked?.result);
    asking.onerror = asking.onabort = () => failed(asking.error);
  });
}

async function key() {
  const drawn = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await within("keys", "readwrite", (keys) => {
    const known = keys.get(who); // two tabs at once: the first key drawn stays
    known.onsuccess = () => known.result ?? keys.put(drawn, who);
  });
  return within("keys", "readonly", (keys) => keys.get(who));
}

async function sealed(act) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), new TextEncoder().encode(JSON.stringify(act))) };
}

// On the disk when it resolves; the same uuid again takes the place of the one before. `page` is where it is sent from.
export async function keep(uuid, act) {
  const record = { uuid, who, page: location.pathname, ...(await sealed(act)) };
  await within("acts", "readwrite", (acts) => {
    const known = acts.index("uuid").getKey(uuid);
    known.onsuccess = () => acts.put(known.result === undefined ? record : { ...record, n: known.result });
  });
}

export const drop = (uuid) =>
  within("acts", "readwrite", (acts) => {
    const known = acts.index("uuid").getKey(uuid);
    known.onsuccess = () => known.result === undefined || acts.delete(known.result);
  });

// One's own, oldest first.
export async function mine() {
  const records = await within("acts", "readonly", (acts) => acts.index("who").getAll(who));
  if (!records.length) return [];
  const opener = await key();
  return Promise.all(
    records.map(async ({ iv, sealed: text }) => JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, opener, text)))),
  );
}

// How many wait of one's own, and on which page they leave.
export async function waiting() {
  const records = await within("acts", "readonly", (acts) => acts.index("who").getAll(who));
  return { count: records.length, page: records[0]?.page ?? "" };
}
