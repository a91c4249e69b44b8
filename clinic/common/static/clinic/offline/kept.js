// What the browser keeps for the time without network: the service worker, pages worth keeping, and the promise not
// to throw away what is unsent.
import { element, word } from "./words.js";

const AGAIN = 5 * 60000;
// Whether this page came through the worker, which then has kept it; asked before a new worker claims the page.
const cameThroughWorker = Boolean(navigator.serviceWorker && navigator.serviceWorker.controller);

export async function register() {
  if (!("serviceWorker" in navigator)) return null;
  await navigator.serviceWorker.register("/worker.js", { updateViaCache: "none" });
  return navigator.serviceWorker.ready;
}

async function tell(message) {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration || !registration.active) return;
  const channel = new MessageChannel();
  const done = new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    setTimeout(resolve, 3000);
  });
  registration.active.postMessage(message, [channel.port2]);
  await done;
}

export function forgetPages() {
  forgetWhen(() => true);
  return tell({ forget: true });
}

export function onlyPagesOf(author) {
  forgetWhen((name) => !name.startsWith(`kept:${author}:`));
  return tell({ only: author });
}

function forgetWhen(isGone) {
  const names = Object.keys(sessionStorage).filter((name) => name.startsWith("kept:"));
  names.filter(isGone).forEach((name) => sessionStorage.removeItem(name));
}

// This page, where the server allows it, and every link on it that is marked data-offline.
export async function keepPages(author) {
  await register();
  const links = [...document.querySelectorAll("a[data-offline]")].map((link) => new URL(link.href).pathname);
  const wanted = [...new Set(links)].filter((path) => isDue(path, author));
  if (document.querySelector("[data-keep-page]") && !cameThroughWorker) wanted.push(location.pathname);
  if (!wanted.length) return;
  await tell({ keep: wanted, author });
  for (const path of wanted) sessionStorage.setItem(`kept:${author}:${path}`, Date.now());
}

function isDue(path, author) {
  return Date.now() - Number(sessionStorage.getItem(`kept:${author}:${path}`) || 0) > AGAIN;
}

// Asked for once somebody is signed in; the answer stands on the first page.
export async function persist() {
  const line = document.querySelector("[data-storage]");
  if (!line) return;
  let name = "storage-none";
  if (navigator.storage && navigator.storage.persist && window.isSecureContext) {
    name = (await navigator.storage.persisted()) || (await navigator.storage.persist()) ? "storage-kept" : "storage-may-go";
  }
  line.textContent = word(name);
  line.classList.toggle("storage--warning", name !== "storage-kept");
}

// The page that is shown in the place of one that is not kept lists those that are.
export async function listKept() {
  const list = document.querySelector("[data-kept-list]");
  if (!list || !("caches" in window)) return;
  for (const name of await caches.keys()) {
    if (!name.startsWith("pages:")) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) list.append(await row(cache, request));
  }
  document.querySelector("[data-kept-none]").hidden = list.children.length > 0;
}

async function row(cache, request) {
  const text = await (await cache.match(request)).text();
  const title = new DOMParser().parseFromString(text, "text/html").querySelector("title");
  const path = new URL(request.url).pathname;
  return element("li", {}, [element("a", { href: path, text: title ? title.textContent.trim() : path })]);
}
