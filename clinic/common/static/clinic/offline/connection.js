// Whether the server can be reached: what the last exchange said, not what the browser believes of its cable.
import { measure } from "./clock.js";

const PROBE = 3000;
const listeners = new Set();
export const connection = { offline: false, since: null };

export function onConnection(listener) {
  listeners.add(listener);
}

export function reached() {
  if (!connection.offline) return;
  Object.assign(connection, { offline: false, since: null });
  listeners.forEach((listener) => listener(connection));
}

export function lost() {
  if (connection.offline) return;
  Object.assign(connection, { offline: true, since: Date.now() });
  listeners.forEach((listener) => listener(connection));
  setTimeout(probe, PROBE);
}

// Until somebody answers again; a browser's own word for it comes late, or never.
async function probe() {
  if (!connection.offline) return;
  try {
    const answer = await fetch("/health", { cache: "no-store" });
    if (answer.ok) return reached();
  } catch {
    // Still nobody.
  }
  setTimeout(probe, PROBE);
}

export function csrfToken() {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  if (cookie) return cookie.slice("csrftoken=".length);
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

// Post and read JSON. Throws where no server answered at all; `body` is null where the answer is no JSON.
export async function post(path, fields = {}, { headers = {}, patience = 20000 } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const askedAt = Date.now();
  try {
    const answer = await fetch(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": csrfToken(), ...headers },
      credentials: "same-origin",
      signal: stop.signal,
    });
    const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    const body = isJson ? await answer.json() : null;
    if (body) measure(body.now, askedAt, Date.now());
    reached();
    return { status: answer.status, redirected: answer.redirected, body };
  } catch (error) {
    lost();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

document.addEventListener("clinic:unreachable", lost);
window.addEventListener("offline", lost);
window.addEventListener("online", probe);
