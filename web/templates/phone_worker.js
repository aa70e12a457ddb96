// Keeps the page of the phone and its own scripts, styles and icons; everything else goes to the network untouched,
// so that no paper and no page with data is ever kept.
"use strict";

const CACHE = "intake-shell-VERSION_OF_THE_SHELL";
const PAGE = {{ page|tojson }};
const KEPT = new Set({{ kept|tojson }});

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([PAGE, ...KEPT]);
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const clear = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("intake-shell-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

self.addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (event.request.method !== "GET" || asked.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && asked.pathname === PAGE) event.respondWith(page(event.request));
  else if (KEPT.has(asked.pathname + asked.search)) event.respondWith(kept(event.request));
});

// The page as it is now, in the language of now; the one that is kept where there is no network.
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (!fresh.ok) return (await cache.match(PAGE)) ?? fresh;
    await cache.put(PAGE, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(PAGE)) ?? Response.error();
  }
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) ?? fetch(request);
}
