// Opens the page of series without a network: keeps the page and its files, whole or not at all, under their version.
// Only those: nothing that anybody wrote, and no request that changes something, passes here. KEPT is written above.
const NAME = `ordi-series-${KEPT.version}`;
const PATIENCE = 4000; // ms the network has to answer with the page itself

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("ordi-series-") && name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function fill() {
  const cache = await caches.open(NAME);
  await cache.addAll(KEPT.files.map((file) => new Request(file, { cache: "reload" })));
  await page(cache);
}

// The page as it is today; a redirection to the door is not it.
async function page(cache, signal) {
  const response = await fetch(KEPT.page, { cache: "reload", credentials: "same-origin", redirect: "manual", signal });
  if (response.ok) await cache.put(KEPT.page, response.clone());
  return response;
}

async function opened(request) {
  const cache = await caches.open(NAME);
  try {
    const response = await page(cache, AbortSignal.timeout(PATIENCE));
    return response.type === "opaqueredirect" || response.ok ? response : ((await cache.match(KEPT.page)) ?? response);
  } catch {
    return (await cache.match(KEPT.page)) ?? fetch(request);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === KEPT.page) event.respondWith(opened(request));
  else if (KEPT.files.includes(url.pathname)) {
    event.respondWith(caches.open(NAME).then(async (cache) => (await cache.match(request)) ?? fetch(request)));
  }
});
