// The service worker. The server puts TOLD in front: { version, shell, nothing, copy }.
// Static files are kept by version; pages only where the server marks them, for one person at a time, and a page is
// shown from here only when the network gives none. Nothing that the API answers is ever kept.
"use strict";

const FILES = `files:${TOLD.version}`;
const PAGES = "pages:";
const KEEP = "X-Keep-Offline";
const PATIENCE = 8000;
const MIDDLE = /<main id="main"[\s\S]*<\/main>/;

self.addEventListener("install", (event) => {
  event.waitUntil(fetchShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldFiles().then(() => self.clients.claim()));
});

async function fetchShell() {
  const cache = await caches.open(FILES);
  // Without cookies: what is kept for everybody names nobody.
  await Promise.all(TOLD.shell.map(async (path) => {
    const answer = await fetch(path, { credentials: "omit", cache: "no-cache" });
    if (answer.ok) await cache.put(path, answer);
  }));
}

async function dropOldFiles() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("files:") && name !== FILES).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || url.pathname.startsWith("/api/")) return;
  if (request.method === "POST") return posted(event, url);
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(staticFile(request, url));
  else if (request.mode === "navigate" || isOfASession(request, url)) event.respondWith(page(request, url));
});

const isOfASession = (request, url) => request.headers.get("HX-Request") && url.pathname.startsWith("/sessions/");

// Signing out empties the pages, also without network. The page that a form is answered with is the newest there is.
function posted(event, url) {
  if (url.pathname.endsWith("/logout/")) {
    event.respondWith(forget().then(() => fetch(event.request)).catch(nothing));
  } else if (isOfASession(event.request, url)) {
    event.respondWith(fetch(event.request).then(kept));
  } else if (event.request.mode === "navigate") {
    // A form that was sent before the page's scripts could keep it: this page leads back to it, the browser's does not.
    event.respondWith(fetch(event.request).catch(nothing));
  }
}

async function staticFile(request, url) {
  const cache = await caches.open(FILES);
  const isHashed = /\.[0-9a-f]{12}\.\w+$/.test(url.pathname);
  const found = await cache.match(url.pathname);
  if (found && isHashed) return found;
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(url.pathname, answer.clone());
    return answer;
  } catch (error) {
    if (found) return found;
    throw error;
  }
}

async function page(request, url) {
  const copy = await copyOf(url);
  try {
    return await kept(await (copy ? soon(request) : fetch(request)));
  } catch (error) {
    if (copy) return marked(copy);
    if (request.mode === "navigate") return nothing();
    throw error;
  }
}

// A network that answers nothing is none, once there is a copy to show.
function soon(request) {
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("late")));
  return Promise.race([fetch(request), late]);
}

async function nothing() {
  return (await caches.match(TOLD.nothing)) || Response.error();
}

// --- Pages: one cache, named after the person whose pages they are.
async function kept(answer) {
  const author = answer.headers.get(KEEP);
  if (answer.ok && author) await put(new URL(answer.url).pathname, answer.clone(), author);
  return answer;
}

async function put(path, answer, author) {
  const name = PAGES + author;
  await forget((other) => other !== name);
  const headers = { "X-Kept-At": new Date().toISOString() };
  for (const header of ["Content-Type", "Content-Security-Policy", "Referrer-Policy"]) {
    if (answer.headers.has(header)) headers[header] = answer.headers.get(header);
  }
  const cache = await caches.open(name);
  const text = await framed(cache, path, await answer.text());
  if (text) await cache.put(path, new Response(text, { headers }));
}

// What a form brings back is only the middle of its page; the frame is that of the copy.
async function framed(cache, path, text) {
  const [middle] = text.match(MIDDLE) || [];
  if (!middle || text.includes("<html")) return text;
  const copy = await cache.match(path, { ignoreVary: true });
  return copy && (await copy.text()).replace(MIDDLE, () => middle);
}

async function copyOf(url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const found = await (await caches.open(name)).match(url.pathname, { ignoreVary: true });
    if (found) return found;
  }
  return null;
}

// The copy says in the page itself that it is one, and of when.
async function marked(copy) {
  const keptAt = copy.headers.get("X-Kept-At");
  const found = await copy.text();
  const [, timeZone] = found.match(/"zone": "([\w/+-]+)"/) || [];
  const time = new Date(keptAt).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  const line = `<p class="strip strip--warning copy-mark" role="status">${TOLD.copy.replace("{time}", time)}</p>`;
  const text = found
    .replace(/<div class="notices"[\s\S]*?<\/div>/, "")
    .replace("<body", `<body data-copy="${keptAt}"`)
    .replace(/<main id="main"[^>]*>/, (tag) => tag + line);
  return new Response(text, { headers: copy.headers });
}

async function forget(which = () => true) {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PAGES) && which(name)).map((name) => caches.delete(name)));
}

// --- What an open page asks for.
self.addEventListener("message", (event) => {
  const { keep, author, forget: all, only } = event.data;
  const done = () => event.ports[0] && event.ports[0].postMessage("done");
  if (all) event.waitUntil(forget().then(done));
  else if (only) event.waitUntil(forget((name) => name !== PAGES + only).then(done));
  else if (keep) event.waitUntil(Promise.all(keep.map((path) => keepLink(path, author))).then(done));
});

async function keepLink(path, author) {
  try {
    const answer = await fetch(path, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await put(new URL(answer.url).pathname, answer, author);
  } catch {
    // The next page that is opened asks again.
  }
}
