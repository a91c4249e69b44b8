// Sends what is kept: strictly in the order of typing, one at a time, only what the person signed in has typed. An
// entry carries the key it was typed under, so one that arrived although its answer was lost is not stored twice.
import { connection, onConnection, post } from "./connection.js";
import { drop, keep, load, me, toSend } from "./outbox.js";
import { word } from "./words.js";

const AGAIN = 15000;
const TRIES = 5;
const state = { blocked: "", running: false };
const listeners = new Set();

export const sender = state;

export function onSent(listener) {
  listeners.add(listener);
}

// Several pages of one browser share the outbox; one of them sends.
export function send() {
  if (!navigator.locks) return sendAll();
  return navigator.locks.request("clinic-outbox", { ifAvailable: true }, (lock) => (lock ? sendAll() : undefined));
}

async function sendAll() {
  if (state.running || !me()) return;
  Object.assign(state, { running: true, blocked: "" });
  const sent = [];
  try {
    await load();
    for (let [item] = toSend(); item; [item] = toSend()) {
      if (!(await sendOne(item))) break;
      sent.push(item);
    }
  } finally {
    state.running = false;
    await load();
  }
  if (sent.length) listeners.forEach((listener) => listener(sent));
}

// Whether the next one may go: this one is stored, or refused and set aside with the server's sentences.
async function sendOne(item) {
  const { contents } = item;
  let answer;
  try {
    answer = await post(contents.action, envelope(item), { headers: { "X-Outbox": "1" } });
  } catch {
    return false;
  }
  const { status, body } = answer;
  if (body && body.stored) {
    await drop(item.id);
    return true;
  }
  if (status === 401 || answer.redirected) {
    state.blocked = "sign-in";
    return false;
  }
  if (!body || status >= 500 || !body.problems.length) return fails(item, status);
  await keep(item.id, { ...contents, problems: body.problems }, { state: "refused" });
  return true;
}

// A server that is down is waited for. One that breaks on this entry alone must not hold up the rest for ever.
async function fails(item, status) {
  const tries = (item.contents.tries || 0) + 1;
  state.blocked = "server";
  if (status !== 500) return false;
  const isEnough = tries >= TRIES;
  const problems = isEnough ? [word("breaks")] : [];
  await keep(item.id, { ...item.contents, tries: isEnough ? 0 : tries, problems }, { state: isEnough ? "refused" : "waiting" });
  return isEnough;
}

function envelope({ author, contents }) {
  const told = { typed_by: author, typed_at: contents.typedAt };
  if (contents.offset !== null) told.clock_offset_ms = contents.offset;
  return [...contents.fields, ...Object.entries(told)];
}

onConnection(({ offline }) => !offline && send());
document.addEventListener("clinic:here", send);
setInterval(() => {
  if (!connection.offline && toSend().length) send();
}, AGAIN);
