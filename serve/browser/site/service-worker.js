// Keeps what was loaded, so that the page works without a network after the first visit. VERSION and SHELL stand above: a
// digest of all files, and what the page needs before anything is asked. Other hosts are never asked.
"use strict";

const CACHE = `pocketrag ${self.registration.scope} ${VERSION}`;
const OURS = `pocketrag ${self.registration.scope} `;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (!event.request.url.startsWith(self.registration.scope)) event.respondWith(Response.error());
  else if (event.request.method === "GET") event.respondWith(kept(event.request));
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
}

async function dropOlder() {
  for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
}

/** A copy that turned out to be broken is asked for with `reload`, and replaced. */
async function kept(request) {
  const cache = await caches.open(CACHE), path = request.url.split("?")[0];
  const anew = request.cache === "reload", found = anew ? undefined : await cache.match(path);
  if (found) return found;
  const answer = await fetch(path, { cache: anew ? "reload" : "no-cache" });
  if (answer.ok) await cache.put(path, answer.clone());
  return answer;
}
