// The key of whoever is signed in. The server gives it to its owner only; the browser keeps it so that no script can
// read it out, and it is gone when somebody signs out. What lies encrypted then is opened by its author's key alone.
import { post } from "./connection.js";
import { dropKeys, getKey, keyOwners, putKey } from "./store.js";

let mine = null;

export const possible = () => window.isSecureContext && "indexedDB" in window && Boolean(window.crypto && crypto.subtle);

// The key of this person: from this device, or else from the server. False where there is neither.
export async function unlock(author, { address }) {
  const owners = await keyOwners();
  if (owners.some((owner) => owner !== author)) await dropKeys();
  const known = await getKey(author);
  mine = known ? known.key : await ask(author, address);
  return Boolean(mine);
}

async function ask(author, address) {
  try {
    const { body } = await post(address);
    if (!body || body.author !== author) return null;
    const raw = Uint8Array.from(atob(body.key), (char) => char.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    raw.fill(0);
    await putKey({ author, key });
    return key;
  } catch {
    return null;
  }
}

export const isOpen = () => mine !== null;

export async function lock() {
  mine = null;
  await dropKeys();
}

export async function seal(contents) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(contents));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, mine, text) };
}

export async function unseal({ iv, data }) {
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, mine, data);
  return JSON.parse(new TextDecoder().decode(text));
}
