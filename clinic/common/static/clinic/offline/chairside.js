// A session's page: it is heard of every half minute, says what needs the server, offers the next event of the
// infusion by what was typed here, and keeps the screen awake.
import { rememberZone } from "./clock.js";
import { connection, csrfToken, onConnection, post } from "./connection.js";
import { onKept, pageData } from "./forms.js";
import { ofSession, onOutbox } from "./outbox.js";
import { refresh } from "./refresh.js";
import { element, word } from "./words.js";

const BEAT = 25000;
let timer = 0;

export function startChairside() {
  rememberZone(pageData().zone);
  onConnection(({ offline }) => {
    draw();
    if (!offline) beat();
  });
  onOutbox(draw);
  onKept(kept);
  document.body.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return leave();
    stayAwake();
    return beat();
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", stayAwake);
  beat();
  stayAwake();
}

// --- The heartbeat: is the server there, what time is it there, and this page is open here.
async function beat() {
  clearTimeout(timer);
  const known = pageData();
  if (!known || document.hidden) return;
  try {
    // The page's own doing: whoever has left it alone is signed out all the same.
    await post(known.contact, {}, { patience: 8000, headers: { "Clinic-Poll": "1" } });
    if (document.body.dataset.copy) refresh([]);
  } catch {
    // The connection has told everybody.
  }
  timer = setTimeout(beat, BEAT);
}

function leave() {
  clearTimeout(timer);
  const known = pageData();
  if (!known) return;
  const told = new FormData();
  told.set("csrfmiddlewaretoken", csrfToken());
  told.set("leaving", "yes");
  navigator.sendBeacon(known.contact, told);
}

async function stayAwake() {
  if (!("wakeLock" in navigator) || document.hidden) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // A browser may refuse, with a low battery for instance; the page works all the same.
  }
}

// --- What changes on the page without network.
function draw() {
  const known = pageData();
  document.body.classList.toggle("is-offline", connection.offline);
  if (!known) return;
  const unsent = ofSession(known.session);
  drawEvents(known, unsent);
  drawDue(known, unsent);
  drawNeedsServer();
}

const STATUS_AFTER = { pause: "paused", resume: "infusing", end: "ended", leave: "left" };

// The button follows the last event, sent or not; nothing is hidden that the server alone has decided.
function drawEvents(known, unsent) {
  const events = unsent.filter((item) => item.contents.event && item.state === "waiting");
  if (!events.length && !document.querySelector("[data-event][data-moved]")) return;
  let status = known.status;
  for (const { contents } of events) status = STATUS_AFTER[contents.event];
  const isGone = status === "left";
  const shown = { pause: status === "infusing", resume: status === "paused", end: !isGone && status !== "ended", leave: !isGone };
  for (const form of document.querySelectorAll("[data-event]")) {
    form.dataset.moved = "yes";
    (form.closest("details") || form).hidden = !shown[form.dataset.event];
  }
  const pill = document.querySelector(".bed-head .pill");
  if (!pill) return;
  pill.dataset.before ||= JSON.stringify([pill.className, pill.textContent]);
  if (!events.length) {
    // What was shown of an event goes with it, should the server have refused it.
    [pill.className, pill.textContent] = JSON.parse(pill.dataset.before);
    return;
  }
  pill.className = `pill pill--${status === "ended" ? "recovering" : status}`;
  pill.textContent = word(`status-${status}`);
}

// The next reading is due after the last one, whether the server has it yet or not.
function drawDue({ interval }, unsent) {
  const last = Math.max(...unsent.map((item) => item.contents.readAt || 0), 0);
  const clock = document.querySelector(".due-line [data-due]");
  if (!last || !clock || !interval) return;
  const due = last + interval * 60000;
  if (due > Date.parse(clock.dataset.due)) clock.dataset.due = new Date(due).toISOString();
}

function drawNeedsServer() {
  document.querySelectorAll("[data-note-of-server]").forEach((note) => note.remove());
  const sections = new Set();
  for (const form of document.querySelectorAll("#main form[method=post]:not([data-queue])")) {
    for (const button of form.querySelectorAll("button[type=submit]:not([disabled]), button[data-waits]")) {
      button.disabled = connection.offline;
      button.toggleAttribute("data-waits", connection.offline);
    }
    if (connection.offline) sections.add(form.closest("section") || form);
  }
  for (const place of sections) place.append(serverNote());
}

function serverNote() {
  const sheet = document.querySelector("a[data-downtime]");
  const parts = [word("needs-server"), " "];
  if (sheet) parts.push(element("a", { href: sheet.href, text: word("downtime-sheet") }));
  return element("p", { className: "why small needs-server", "data-note-of-server": "" }, parts);
}

// --- What a reading that was kept means, beside the place where it was typed.
function kept({ form, breaches = [], unchecked = [] }) {
  const place = form.closest("section") || form;
  place.querySelectorAll("[data-meaning]").forEach((part) => part.remove());
  const lines = [];
  if (breaches.length) lines.push(element("b", { text: word("over-limit") }), element("ul", {}, breaches.map((text) => element("li", { text }))));
  if (unchecked.length) lines.push(element("p", { text: word("not-checked", { names: unchecked.join(", ") }) }));
  if (lines.length) {
    const kind = breaches.length ? "danger" : "warning";
    form.before(element("div", { className: `strip strip--${kind}`, role: "alert", "data-meaning": "" }, lines));
  }
  const told = window.toast(word("kept-now", { what: form.dataset.queue }));
  setTimeout(() => told.remove(), 5000);
}
