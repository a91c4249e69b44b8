// A session's page: it is heard of every half minute, says what needs the server, offers the next event of the
// infusion by what was typed here, shows what is unsent where it belongs, and keeps the screen awake.
import { rememberZone, typedText } from "./clock.js";
import { connection, csrfToken, onConnection, post } from "./connection.js";
import { onKept, pageData } from "./forms.js";
import { ofSession, onOutbox } from "./outbox.js";
import { onSent } from "./sender.js";
import { element, word } from "./words.js";

const BEAT = 25000;
let timer = 0;
let refreshing = null;

export function startChairside() {
  rememberZone(pageData().zone);
  onConnection(({ offline }) => {
    draw();
    if (!offline) beat();
  });
  onOutbox(draw);
  onKept(kept);
  onSent(refresh);
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

// --- After something was sent: the page as the server has it now, unless somebody is typing.
function refresh(sent) {
  const known = pageData();
  if (!known) return;
  if (sent.length && !sent.some((item) => item.contents.session === known.session)) return;
  if (isTyping(sent)) return tellOfRefresh();
  if (document.body.dataset.copy) return location.reload();
  refreshing = sent;
  const how = { target: "#main", select: "#main", swap: "outerHTML show:none" };
  window.htmx.ajax("GET", location.pathname, how).finally(() => { refreshing = null; });
}

// Somebody may have begun to type while the page was on its way.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!refreshing || detail.requestConfig.verb !== "get" || !isTyping(refreshing)) return;
  detail.shouldSwap = false;
  tellOfRefresh();
});

function isTyping(sent) {
  if (document.activeElement?.matches("#main form :is(input, textarea, select), #main details.write > summary")) return true;
  const gone = new Set(sent.map((item) => JSON.stringify(values(item.contents.fields))));
  return [...document.querySelectorAll("#main form")].some((form) => {
    const hasTyping = [...form.elements].some((field) => window.isTyped(field) && window.isChanged(field));
    // A draft of what has just been sent is not somebody typing.
    return hasTyping && !gone.has(JSON.stringify(values([...new FormData(form)])));
  });
}

const NOT_TYPED = new Set(["csrfmiddlewaretoken", "idempotency_key", "draft_of", "typed_by"]);
const values = (fields) => fields.filter(([name, value]) => value && !NOT_TYPED.has(name));

function tellOfRefresh() {
  const button = element("button", { type: "button", text: word("reload") });
  button.addEventListener("click", () => location.reload());
  window.toast(word("sent-reload"), button);
}

// --- What changes on the page without network.
function draw() {
  const known = pageData();
  document.body.classList.toggle("is-offline", connection.offline);
  if (!known) return;
  const unsent = ofSession(known.session);
  drawEvents(known, unsent);
  drawPending(unsent);
  drawDue(known, unsent);
  drawNeedsServer();
}

// The button follows the last event, sent or not; nothing is hidden that the server alone has decided.
function drawEvents(known, unsent) {
  const events = unsent.filter((item) => item.contents.event && item.state === "waiting");
  if (!events.length && !document.querySelector("[data-event][data-moved]")) return;
  let status = known.status;
  for (const { contents } of events) status = { pause: "paused", resume: "infusing", end: "ended" }[contents.event];
  const shown = { pause: status === "infusing", resume: status === "paused", end: status !== "ended" };
  for (const form of document.querySelectorAll("[data-event]")) {
    form.dataset.moved = "yes";
    (form.closest("details") || form).hidden = !shown[form.dataset.event];
  }
  const pill = document.querySelector(".bed-head .pill");
  if (!events.length || !pill) return;
  pill.className = `pill pill--${status === "ended" ? "recovering" : status}`;
  pill.textContent = word(`status-${status}`);
}

function drawPending(unsent) {
  const list = document.querySelector("[data-pending]");
  if (!list) return;
  const rows = [...unsent].reverse().map(({ contents, state }) => element("li", { className: "timeline__pending" }, [
    element("span", { className: "timeline__at", text: typedText(contents) }),
    element("span", {}, [
      element("span", { text: `${contents.label} ${contents.said}`.trim() }), " ",
      element("span", { className: "tag tag--warning", text: word(state === "refused" ? "refused" : "waiting") }),
    ]),
  ]));
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
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
