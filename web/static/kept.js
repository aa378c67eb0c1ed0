// What this browser keeps without a network, in IndexedDB: acts that wait to be sent, and a few things by name
// (`state` as the server last told it, `series` as it stands, `device`). No family is in any of it.
const NAME = "ordi-bench";

let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const acts = asked.result.createObjectStore("acts", { keyPath: "n", autoIncrement: true });
      acts.createIndex("uuid", "uuid", { unique: true });
      asked.result.createObjectStore("kept");
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

export const acts = {
  add: (act) => within("acts", "readwrite", (store) => store.add(act)),
  put: (act) => within("acts", "readwrite", (store) => store.put(act)),
  remove: (n) => within("acts", "readwrite", (store) => store.delete(n)),
  all: () => within("acts", "readonly", (store) => store.getAll()),
  count: () => within("acts", "readonly", (store) => store.count()),
};

export const keep = (name, value) => within("kept", "readwrite", (store) => store.put(value, name));
export const recall = (name) => within("kept", "readonly", (store) => store.get(name));
export const forget = (name) => within("kept", "readwrite", (store) => store.delete(name));

// A number this browser drew for itself: it tells two phones apart.
export async function device() {
  const known = await recall("device");
  if (known) return known;
  const drawn = crypto.randomUUID();
  await keep("device", drawn);
  return drawn;
}
