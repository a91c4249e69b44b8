// Unsent entries, in the order in which they were typed. Of other people's only the number and the name are known.
import { allItems, dropItem, putItem } from "./store.js";
import { isOpen, seal, unseal } from "./vault.js";

const listeners = new Set();
const otherTabs = "BroadcastChannel" in window ? new BroadcastChannel("clinic-outbox") : null;
const inFlight = new Set();
let items = [];

export const entries = () => items;
export const me = () => document.body.dataset.author || "";
export const mineUnsent = () => items.filter((item) => item.author === me() && !inFlight.has(item.id));
export const toSend = () => mineUnsent().filter((item) => item.state === "waiting" && item.contents);
export const ofSession = (session) => mineUnsent().filter((item) => item.contents && item.contents.session === session);

export function onOutbox(listener) {
  listeners.add(listener);
}

// While the page itself sends an entry as a form, nothing else touches it, and it does not count as unsent.
export function hold(id) {
  inFlight.add(id);
}

export async function release(id) {
  inFlight.delete(id);
  await load();
}

export async function load() {
  const rows = await allItems();
  items = await Promise.all(rows.map(async (row) => ({ ...row, contents: await opened(row) })));
  listeners.forEach((listener) => listener(items));
}

async function opened(row) {
  if (row.author !== me() || !isOpen()) return null;
  try {
    return await unseal(row);
  } catch {
    return null;
  }
}

async function changed() {
  await load();
  if (otherTabs) otherTabs.postMessage("changed");
}

// Durable when it returns; whoever calls may then forget what was typed.
export async function keep(id, contents, { state = "waiting" } = {}) {
  const name = document.body.dataset.authorName || "";
  await putItem({ id, author: me(), name, state, ...(await seal(contents)) });
  await changed();
}

export async function drop(id) {
  await dropItem(id);
  inFlight.delete(id);
  await changed();
}

if (otherTabs) otherTabs.onmessage = load;
