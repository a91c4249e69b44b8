// What the pages do beyond HTML: clocks that tick from the server's time, drafts, one send per form, toasts.
// Every page works without it; nothing here decides anything.
"use strict";

// --- Clocks. The tablet's own clock is never trusted: only the time since the page was made is.
const madeAt = performance.now();
// A page that the device has kept knows no present: there the device's clock counts, as far as it was measured.
const keptNow = () => Date.now() + Number(localStorage.getItem("clinic.clock") || 0);
const serverAt = document.body.dataset.copy ? keptNow() : Date.parse(document.body.dataset.now);

function serverNow() {
  return serverAt + (performance.now() - madeAt);
}

function minutesText(minutes) {
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

// "14:05:20" on the clocks of a site, of a moment since the page was made.
function wallClock(at, zone) {
  return new Date(serverAt + at - madeAt).toLocaleTimeString("en-GB", zone ? { timeZone: zone } : {});
}

// <time data-since="ISO">: minutes gone by. <time data-due="ISO">: "in 3 min", "now", "2 min late". <td data-dims="ISO">: a
// value that is older than its interval from then on.
function tick() {
  const now = serverNow();
  for (const clock of document.querySelectorAll("[data-since]")) {
    const minutes = Math.max(0, Math.floor((now - Date.parse(clock.dataset.since)) / 60000));
    clock.textContent = minutesText(minutes);
  }
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(clock.dataset.due) - now;
    const late = left <= -60000;
    const minutes = late ? Math.floor(-left / 60000) : Math.ceil(left / 60000);
    clock.textContent = late ? `${minutesText(minutes)} overdue` : minutes <= 0 ? "now" : `in ${minutesText(minutes)}`;
    clock.classList.toggle("due--late", late);
    clock.classList.toggle("due--soon", !late && left < 180000);
  }
  for (const cell of document.querySelectorAll("[data-dims]")) cell.classList.toggle("is-stale", now > Date.parse(cell.dataset.dims));
  for (const clock of document.querySelectorAll("[data-left]")) {
    clock.textContent = minutesText(Math.max(0, Math.ceil((Date.parse(clock.dataset.left) - now) / 60000)));
  }
  for (const clock of document.querySelectorAll("[data-stopwatch]")) {
    const seconds = Math.max(0, Math.floor((now - Date.parse(clock.dataset.stopwatch)) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  for (const line of document.querySelectorAll("[data-fresh]")) {
    const at = Number(line.dataset.at || 0);
    const seconds = Math.floor((performance.now() - at) / 1000);
    const stale = seconds > 20;
    line.textContent = stale ? `not refreshed since ${wallClock(at, line.dataset.zone)}: check the network` : seconds < 3 ? "updated just now" : `updated ${seconds} s ago`;
    line.classList.toggle("due--late", stale);
    document.body.classList.toggle("is-stale", stale);
  }
}
setInterval(tick, 1000);

function markFresh() {
  for (const line of document.querySelectorAll("[data-fresh]")) line.dataset.at = performance.now();
}

// --- Fields: which of them somebody types into, which were changed, and how values come back into them.
function isTyped(field) {
  return field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type);
}

function isChanged(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  if (field.multiple) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  const set = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(set, 0);
}

// `values` are all those of the field's name; `place` is which of several fields of that name it is.
function putIn(field, values, place = 0) {
  if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
  else if (field.tagName === "SELECT" && field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
  else field.value = values[Math.min(place, values.length - 1)] ?? "";
}

// --- A line in the corner of the page; the newest takes the place of the one before. `button` is what can be done.
function toast(text, button) {
  const line = document.createElement("div");
  line.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  line.append(words);
  if (button) line.append(button);
  document.getElementById("toasts").replaceChildren(line);
  return line;
}

// --- Drafts: what is typed is on the server two seconds later, and back in the form when the page is opened again.
const waiting = new Map();

function draftBody(form) {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  body.set("form", form.dataset.draft);
  return body;
}

function say(form, text) {
  const line = form.querySelector("[data-draft-line]");
  if (line) line.textContent = text;
}

async function saveDraft(form) {
  waiting.delete(form);
  try {
    const headers = { "Clinic-Script": "1" };
    const answer = await fetch("/drafts/", { method: "POST", body: draftBody(form), credentials: "same-origin", headers });
    if (answer.headers.has("Clinic-Sign-In")) {
      say(form, "Signed out: the draft is saved when you are back");
      document.dispatchEvent(new CustomEvent("clinic:signed-out", { detail: { goOn: () => saveDraft(form) } }));
      return;
    }
    say(form, answer.ok ? (answer.status === 204 ? "" : "Draft saved") : "Draft not saved: it stays on this page");
  } catch {
    say(form, "No network: what you typed stays on this page");
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(saveDraft, 1500, form));
});

// A form that begins with what stands, such as a correction, is gone on with where it was left; only where what is sent
// is a row of its own (data-draft-over), so that an old draft cannot write over a newer value.
function isUntouched(form, field) {
  return form.dataset.draftOver !== undefined && field.value === field.defaultValue;
}
// Leaving for another chair in the middle of a word: what waits to be saved is sent with the page's last breath.
window.addEventListener("pagehide", () => {
  for (const [form, timer] of waiting) {
    clearTimeout(timer);
    fetch("/drafts/", { method: "POST", body: draftBody(form), credentials: "same-origin", keepalive: true }).catch(() => {});
  }
  waiting.clear();
});

function fill(form, body) {
  for (const [name, values] of Object.entries(body)) {
    const fields = [...form.elements].filter((field) => field.name === name && field.type !== "hidden");
    fields.forEach((field, place) => {
      const isChoice = field.type === "radio" || field.type === "checkbox";
      if (isChoice || !field.value || isUntouched(form, field)) putIn(field, values, place);
    });
  }
}

// The drafts of these forms, by name; none where there is no network, or nobody is signed in.
async function draftsOf(forms) {
  const names = new URLSearchParams(forms.map((form) => ["form", form.dataset.draft]));
  try {
    const answer = await fetch(`/drafts/?${names}`, { credentials: "same-origin", headers: { "Clinic-Script": "1" } });
    return answer.ok ? (await answer.json()).bodies : {};
  } catch {
    return {};
  }
}

// All forms that have come onto the page are asked for at once.
async function restoreDrafts() {
  const forms = [...document.querySelectorAll("form[data-draft]:not([data-restored])")].filter((form) => !form.querySelector(".field--bad"));
  if (!forms.length) return;
  for (const form of forms) form.dataset.restored = "yes";
  const bodies = await draftsOf(forms);
  for (const form of forms) {
    const body = bodies[form.dataset.draft];
    if (!body || !Object.keys(body).length) continue;
    fill(form, body);
    say(form, "Draft restored");
  }
}

// The form names its draft when it is sent, so that storing the one drops the other.
function nameDraft(form) {
  if (!form.dataset.draft || form.elements.draft_of) return;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "draft_of";
  field.value = form.dataset.draft;
  form.append(field);
}

// --- One send per form: a second click while the first is on its way does nothing.
const sending = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const question = event.submitter && event.submitter.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  nameDraft(form);
  form.dataset.sending = "yes";
  // The end of an earlier sending must not open the form in the middle of this one.
  clearTimeout(sending.get(form));
  sending.set(form, setTimeout(() => delete form.dataset.sending, 8000));
}, true);

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// --- Buttons: a phrase for a field, what somebody else has stored, printing; a click beside a menu closes it.
document.addEventListener("click", (event) => {
  const phrase = event.target.closest("[data-append]");
  if (phrase) {
    const field = document.getElementById(phrase.dataset.append);
    field.value = [field.value.trim(), phrase.dataset.value].filter(Boolean).join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
  const theirs = event.target.closest("[data-theirs]");
  if (theirs) takeTheirs(theirs);
  if (event.target.closest("[data-print]")) window.print();
  const close = event.target.closest("[data-close]");
  if (close) close.closest(".toast").remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// --- After an edit conflict: what somebody else has stored in a field comes into it.
function takeTheirs(tick) {
  const values = JSON.parse(tick.dataset.theirs);
  const fields = [...tick.form.elements].filter((field) => field.name === tick.value);
  for (const [place, field] of fields.entries()) {
    putIn(field, values, place);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  (fields.find((field) => field.checked) || fields[0]).focus();
  // It stands in the field now, where it can still be changed; the tick would put it there again.
  tick.closest(".theirs").remove();
}

// --- Pages that go on by themselves: an import posts its next chunk.
function goOn() {
  const form = document.querySelector("form[data-go-on]");
  if (form && !form.dataset.sending) form.requestSubmit();
}

function ready() {
  markFresh();
  tick();
  restoreDrafts();
  document.querySelectorAll("select[data-submit]").forEach((list) => {
    list.addEventListener("change", () => list.form.requestSubmit());
  });
  goOn();
}

document.body.addEventListener("htmx:afterSettle", () => {
  restoreDrafts();
  tick();
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  delete event.detail.elt.dataset.sending;
  // Only the answer that brings the rows says that they are fresh; a refusal brings none.
  const status = event.detail.xhr ? event.detail.xhr.status : 0;
  if (status >= 200 && status < 400 && event.detail.elt.querySelector("[data-fresh]")) markFresh();
});
// A link to another page opens that page, with the styles it needs; only its words would come into this one. Without
// network nothing is left for a page that may not come: what is typed here stays.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, boosted } = event.detail;
  if (!boosted || !elt.matches("a") || elt.pathname === location.pathname) return;
  if (document.body.classList.contains("is-offline") && elt.dataset.offline === undefined) return;
  event.preventDefault();
  location.assign(elt.href);
});
document.body.addEventListener("htmx:sendError", (event) => {
  // What is written down on the device tells of itself.
  if (document.body.dataset.outbox && event.detail.elt.matches("form[data-queue]")) return;
  // What the page asks for by itself nobody has sent; rows that grow old say so themselves.
  if (!event.detail.requestConfig.triggeringEvent) return;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.close = "";
  button.textContent = "Close";
  toast("No network. Nothing was stored; what you typed is still here. Send it again.", button);
});
ready();
