// Forms marked data-queue (its value says what is entered). Each is written down on this device first and then sent as
// any form is; without network it stays written down, and the form is empty again for the next entry.
import { measured, now } from "./clock.js";
import { connection, csrfToken, lost, reached } from "./connection.js";
import { describe, fieldsOf, pathOf } from "./describe.js";
import { drop, hold, keep, me, ofSession, release, toSend } from "./outbox.js";
import { meaning, measuredIn, typing } from "./readings.js";
import { send } from "./sender.js";
import { isOpen } from "./vault.js";
import { element, word } from "./words.js";

const listeners = new Set();

export function onKept(listener) {
  listeners.add(listener);
}

export function pageData() {
  const data = document.getElementById("offline-data");
  return data ? JSON.parse(data.textContent) : null;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-queue]") || !isOpen() || !form.elements.idempotency_key) return;
  if (form.dataset.written) {
    delete form.dataset.written;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  take(form, event.submitter).catch(() => sendLive(form, event.submitter));
}, true);

async function take(form, submitter) {
  sign(form);
  const session = sessionOf(form);
  const waits = connection.offline || ofSession(session).some((item) => item.state === "waiting");
  const found = waits && form.dataset.check === "reading" ? asked(form) : {};
  if (found.isOpen) {
    delete form.dataset.sending;
    return;
  }
  const id = form.elements.idempotency_key.value;
  if (!waits) hold(id);
  await keep(id, contentsOf(form, submitter, session, found));
  form.dataset.item = id;
  if (!waits) return sendLive(form, submitter);
  empty(form);
  goOn(form, found);
  if (!connection.offline) send();
}

function sign(form) {
  for (const [name, value] of [["typed_by", me()], ["csrfmiddlewaretoken", csrfToken()]]) {
    if (!form.elements[name]) form.append(element("input", { type: "hidden", name }));
    form.elements[name].value = value;
  }
}

function sessionOf(form) {
  const found = pathOf(form).match(/\/sessions\/([0-9a-f-]{36})\//);
  return found ? found[1] : "";
}

function contentsOf(form, submitter, session, found) {
  return {
    session,
    action: pathOf(form),
    label: form.dataset.queue,
    event: form.dataset.event || "",
    readAt: form.dataset.check === "reading" ? now() - minutesAgo(form) * 60000 : null,
    said: form.dataset.said || describe(form),
    zone: (pageData() || {}).zone,
    fields: fieldsOf(form, submitter).filter(([name]) => name !== "typed_by"),
    typedAt: new Date().toISOString(),
    offset: measured(),
    page: form.dataset.correctAt || location.pathname + location.search,
    breaches: found.breaches || [],
    unchecked: found.unchecked || [],
    problems: [],
  };
}

function sendLive(form, submitter) {
  delete form.dataset.sending;
  form.dataset.written = "yes";
  form.requestSubmit(submitter && submitter.isConnected ? submitter : undefined);
}

// --- What came of a form that was sent at once.
// The request tells, not the page: by then the form may have been taken off it.
document.body.addEventListener("htmx:configRequest", ({ detail: { elt: form, headers } }) => {
  // Nobody need keep it for its author should they be signed out: this device does.
  if (form.dataset.item) headers["Clinic-Kept"] = "1";
});

document.body.addEventListener("htmx:beforeSend", ({ detail: { elt: form, xhr } }) => {
  const id = form.matches("form[data-queue]") && form.dataset.item;
  if (id) xhr.addEventListener("loadend", () => answered(form, id, xhr));
});

async function answered(form, id, { status, responseURL }) {
  delete form.dataset.item;
  const isSignIn = status === 401 || (responseURL && new URL(responseURL).pathname.startsWith("/account/"));
  // Stored, or turned down before the eyes of whoever typed it and with what was typed still in the form.
  if (!isSignIn && (status < 300 || status === 409 || status === 422) && status > 0) {
    reached();
    return drop(id);
  }
  if (status === 0) lost();
  // At once: what is typed from now on is the next entry, and would go with this one while the store is written.
  empty(form);
  await release(id);
  // Signed out, the page stays behind the dialog and goes on from there.
  goOn(form, {}, { goesOn: !isSignIn });
  if (status > 0 && !isSignIn) send();
}

function empty(form) {
  delete form.dataset.item;
  // The second half of a double click finds an empty form with a new key; it must not become a second entry.
  form.dataset.sending = "yes";
  setTimeout(() => delete form.dataset.sending, 1000);
  form.querySelectorAll("[data-asked]").forEach((part) => part.remove());
  form.reset();
  form.elements.idempotency_key.value = crypto.randomUUID();
  const fold = form.closest("details.write");
  if (fold) fold.open = false;
}

function goOn(form, found, { goesOn = true } = {}) {
  listeners.forEach((listener) => listener({ form, ...found }));
  // Where the entry opens a page of its own, that page is kept on this device.
  if (goesOn && form.dataset.queueThen) location.assign(form.dataset.queueThen);
}

// A form that came back on a page of its own still holds what was typed: its entry is not a second one.
export async function settleReturned() {
  if (document.body.dataset.copy) return;
  for (const form of document.querySelectorAll("form[data-queue]")) {
    const key = form.elements.idempotency_key;
    if (key && toSend().some((item) => item.id === key.value)) await drop(key.value);
  }
}

// --- A reading without network. Returns what it means, or isOpen while it cannot be kept as it is.
function asked(form) {
  const known = pageData();
  if (!known) return {};
  const values = measuredIn(form, known.ranges);
  const { refused, unusual } = typing(values, known.ranges);
  const isConfirmed = form.elements.confirmed && form.elements.confirmed.checked;
  if (refused.length || (unusual.length && !isConfirmed)) {
    form.querySelectorAll("[data-asked]").forEach((part) => part.remove());
    form.prepend(question(refused.length ? refused : unusual, { confirm: !refused.length && !form.elements.confirmed }));
    return { isOpen: true };
  }
  return meaning(values, known, now() - minutesAgo(form) * 60000);
}

function minutesAgo(form) {
  const chosen = form.querySelector("[name=ago]:checked");
  return chosen ? Number(chosen.value) : 0;
}

function question(sentences, { confirm }) {
  const list = element("ul", {}, sentences.map((text) => element("li", { text })));
  const box = element("label", { className: "asked__confirm" }, [
    element("input", { type: "checkbox", name: "confirmed" }), word("confirm-reading"),
  ]);
  return element("div", { className: "strip strip--danger", role: "alert", "data-asked": "" }, confirm ? [list, box] : [list]);
}
