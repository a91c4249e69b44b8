// Where the offline parts of every page begin. Without a secure context or a store nothing of it runs, and the pages
// work as they always did, with a network.
import { measure } from "./clock.js";
import { startBar, draw } from "./bar.js";
import { startChairside } from "./chairside.js";
import { lost, onConnection } from "./connection.js";
import { correctFromAddress } from "./correcting.js";
import { pathOf } from "./describe.js";
import { settleReturned } from "./forms.js";
import { forgetPages, keepPages, listKept, onlyPagesOf, persist } from "./kept.js";
import { entries, load, me } from "./outbox.js";
import { startPending } from "./pending.js";
import { send } from "./sender.js";
import { isOpen, lock, possible, unlock } from "./vault.js";

const { dataset } = document.body;

async function start() {
  if (document.querySelector("[data-kept-list]")) return inPlaceOfAPage();
  persist();
  if (!possible()) return;
  startBar();
  if (document.querySelector("[data-signed-out]")) return signedOut();
  if (dataset.copy) lost();
  else measureByPage();
  if (me()) await signedIn();
  else await load();
}

// This page stands where the network gave none; it makes way as soon as the server answers.
async function inPlaceOfAPage() {
  if (!possible()) return;
  startBar();
  await Promise.all([load(), listKept()]);
  // Opened by its own address it stands in nothing's place.
  if (location.pathname === "/offline/") return;
  lost();
  setInterval(() => fetch("/health", { cache: "no-store" }).then(({ ok }) => ok && location.reload(), () => {}), 5000);
}

async function signedOut() {
  await Promise.all([lock(), forgetPages()]);
  await load();
}

async function signedIn() {
  const isChairside = Boolean(document.getElementById("offline-data"));
  await load();
  // A key is asked for where something can be kept, as at a chair or in an emergency, and where something of mine waits.
  const isWanted = document.querySelector("form[data-queue]") || isChairside || entries().some((item) => item.author === me());
  if (isWanted) await openOutbox();
  await settleReturned();
  correctFromAddress();
  if (isChairside) startChairside();
  if (document.querySelector("[data-pending]")) startPending();
  draw();
  await send();
  if (dataset.copy) return;
  await onlyPagesOf(me());
  await keepPages(me());
  if (dataset.outbox) dataset.outbox = "ready";
}

// Another session's page may have been put in the place of this one.
document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "main" && me()) keepPages(me());
});

// Without the key nothing is taken into the outbox; where the network was missing, it is asked for again.
async function openOutbox() {
  if (!(await unlock(me(), { address: dataset.outboxKey }))) return;
  dataset.outbox = "open";
  await load();
}

onConnection(({ offline }) => {
  if (!offline && dataset.author && !isOpen()) openOutbox();
});

// Rough, for the answer took its time; an exchange of a few bytes measures it better soon.
function measureByPage() {
  const [navigation] = performance.getEntriesByType("navigation");
  const answeredAt = performance.timeOrigin + (navigation ? navigation.responseStart : performance.now());
  const askedAt = performance.timeOrigin + (navigation ? navigation.requestStart : 0);
  measure(Date.parse(dataset.now), askedAt, answeredAt);
}

// Signing out takes the key and the pages from this device; what is unsent stays, and only its author can open it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!pathOf(form).endsWith("/logout/") || form.dataset.cleared || !possible()) return;
  event.preventDefault();
  Promise.all([lock(), forgetPages()]).finally(() => {
    form.dataset.cleared = "yes";
    form.submit();
  });
});

start();
