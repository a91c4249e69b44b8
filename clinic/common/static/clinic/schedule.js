// The schedule beyond HTML: visits open in a dialog, and move by mouse, by keys or by touch. The server decides; a move
// is asked for in a form that it made, and the page is made anew once it is stored. Without this file every visit is a
// link to its page, and moves there.
"use strict";

const panel = document.getElementById("panel");
const mover = document.getElementById("mover");
const GRAIN = 5;
const HALF_HOUR = 30;
const FOCUS = "schedule.focus";

const grid = () => document.getElementById("schedule");
const body = () => grid().querySelector(".plan__body");
const isWeek = () => grid().dataset.view === "week";
const byNurse = () => grid().dataset.by === "nurse";

// --- The dialog: fragments of pages that also stand by themselves.
function open(url, submit = false) {
  // Only what has settled is under htmx's hands: a form sent before that would leave the page.
  document.getElementById("panel-body").addEventListener("htmx:afterSettle", () => {
    if (!panel.open) panel.showModal();
    for (const button of panel.querySelectorAll("[data-start-moving]")) button.hidden = !movable(link(button.dataset.startMoving));
    const form = panel.querySelector("form[data-placed]");
    if (submit && form) form.requestSubmit();
    else (form ? form.querySelector(".button--main") : panel.querySelector("#panel-title")).focus();
  }, { once: true });
  htmx.ajax("GET", url, { target: "#panel-body", swap: "innerHTML" });
}

const link = (id) => document.getElementById(`visit-${id}`);
const movable = (visit) => Boolean(visit && visit.dataset.move);

// --- Places. In a day `x` counts minutes from the left edge, in a week days from Monday; `row` counts the rows.
function lanes() {
  return [...grid().querySelectorAll(isWeek() ? "tbody tr" : ".plan__lane")];
}

function cell(place) {
  const row = lanes()[place.row];
  return isWeek() ? row.querySelectorAll(".week__cell")[place.x] : row;
}

function isOut(place) {
  return "out" in cell(place).dataset;
}

function placeOf(visit) {
  const at = visit.closest(isWeek() ? ".week__cell" : ".plan__lane");
  const row = lanes().indexOf(isWeek() ? at.closest("tr") : at);
  const x = isWeek() ? [...at.parentElement.querySelectorAll(".week__cell")].indexOf(at) : Number(visit.closest("li").dataset.at);
  return { row, x };
}

function furthest(move) {
  return isWeek() ? 6 : Number(body().dataset.window) * 60 - Math.min(move.minutes, Number(body().dataset.window) * 60);
}

const twoDigits = (number) => String(number).padStart(2, "0");

// What the clock on the wall shows: the hours are labelled by the server, since on some nights one is missing.
function clockAt(minutes) {
  const hours = [...body().querySelectorAll("[data-hour]")];
  const index = Math.min(Math.floor(minutes / 60), hours.length - 1);
  const [hour, minute] = hours[index].dataset.hour.split(":").map(Number);
  const total = hour * 60 + minute + minutes - index * 60;
  return `${twoDigits(Math.floor(total / 60) % 24)}:${twoDigits(total % 60)}`;
}

function timeOf(move) {
  return isWeek() || byNurse() ? move.time : clockAt(move.to.x);
}

function words(move) {
  const target = cell(move.to);
  if (byNurse()) return target.dataset.label;
  if (isWeek()) return `${target.dataset.dayLabel} ${move.time}, ${target.dataset.label}`;
  return `${clockAt(move.to.x)}–${clockAt(move.to.x + move.minutes)}, ${target.dataset.label}`;
}

function isTaken(move) {
  if (isWeek() || byNurse()) return false;
  const others = [...cell(move.to).querySelectorAll(".visit")].filter((one) => !one.contains(move.visit));
  return others.some((one) => {
    const at = Number(one.dataset.at);
    return at < move.to.x + move.minutes && at + Number(one.dataset.for) > move.to.x;
  });
}

// --- Moving: begun by a drag, by M, or by the button in the dialog; ended by putting down or leaving it.
let moving = null;

function begin(visit, how) {
  if (!movable(visit) || moving) return;
  const from = placeOf(visit);
  const { who, minutes, time } = visit.dataset;
  moving = { visit, from, to: { ...from }, who, time, how, minutes: Number(minutes), ghost: document.createElement("div") };
  moving.ghost.className = "plan__ghost";
  visit.closest("li").classList.add("is-moving");
  document.body.classList.add("has-moving");
  if (how === "drag") document.body.classList.add("has-dragging");
  mover.hidden = how === "drag";
  for (const arrow of mover.querySelectorAll("[data-mover='left'], [data-mover='right']")) arrow.hidden = byNurse();
  draw(how === "drag" ? "" : `Moving ${who}. `);
  if (how !== "drag") {
    document.getElementById("main").classList.add("is-above-mover");
    visit.focus();
  }
}

function draw(before = "") {
  const { ghost, to, minutes } = moving;
  const taken = isTaken(moving);
  const told = words(moving) + (taken ? ", taken" : "");
  ghost.textContent = told;
  ghost.classList.toggle("is-taken", taken);
  if (!isWeek()) {
    const all = Number(body().dataset.window) * 60;
    ghost.style.left = `${(to.x / all) * 100}%`;
    ghost.style.width = `${(minutes / all) * 100}%`;
  }
  cell(to).append(ghost);
  document.getElementById("mover-where").textContent = before + told;
}

function go(to) {
  const next = { row: to.row, x: byNurse() ? moving.from.x : Math.max(0, Math.min(to.x, furthest(moving))) };
  if (next.row < 0 || next.row >= lanes().length || isOut(next)) return;
  moving.to = next;
  draw();
}

function step(across, down) {
  const { row, x } = moving.to;
  let next = row + down;
  while (down && next >= 0 && next < lanes().length && isOut({ row: next, x })) next += down;
  go({ row: next, x: x + across });
}

function leave() {
  if (!moving) return;
  const { visit, ghost } = moving;
  moving = null;
  ghost.remove();
  visit.closest("li").classList.remove("is-moving");
  document.body.classList.remove("has-moving", "has-dragging");
  document.getElementById("main").classList.remove("is-above-mover");
  mover.hidden = true;
  document.getElementById("mover-where").textContent = "";
  visit.focus();
}

function address(move) {
  const target = cell(move.to);
  const url = new URL(move.visit.dataset.move, location.href);
  if (byNurse()) {
    url.searchParams.set("nurse", target.dataset.row);
    return url.pathname + url.search;
  }
  url.searchParams.set("day", isWeek() ? target.dataset.day : body().dataset.day);
  url.searchParams.set("at", timeOf(move));
  // A chair that is open until check-in stays so, unless the visit was put into another row.
  const stays = "openChair" in move.visit.dataset && move.to.row === move.from.row;
  url.searchParams.set("chair", stays ? "" : target.dataset.row);
  return url.pathname + url.search;
}

// A drag may slip, so it is asked about; whoever pressed Enter has been told the place and is taken at their word.
function put(confirmed) {
  const { from, to } = moving;
  if (from.row === to.row && from.x === to.x) {
    leave();
    return;
  }
  moving.asked = true;
  mover.hidden = true;
  document.body.classList.remove("has-dragging");
  sessionStorage.setItem(FOCUS, moving.visit.id);
  open(address(moving), confirmed);
}

// --- Keys.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SIDES = { left: "ArrowLeft", right: "ArrowRight", up: "ArrowUp", down: "ArrowDown" };

function arrow(name, far) {
  const [across, down] = ARROWS[name];
  const grain = isWeek() ? 1 : far ? HALF_HOUR : GRAIN;
  step(across * grain, down);
}

document.addEventListener("keydown", (event) => {
  if (panel && panel.open) return;
  if (!moving) {
    const visit = event.target.closest && event.target.closest("[data-visit]");
    if (!movable(visit) || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "m") return;
    event.preventDefault();
    begin(visit, "keys");
    return;
  }
  if (event.key === "Escape") leave();
  else if (event.key in ARROWS) arrow(event.key, event.shiftKey);
  else if (event.key === "Enter" && !event.target.closest("#mover")) put(true);
  else return;
  event.preventDefault();
});

// --- Pointers. A finger scrolls and taps; only what can hover drags.
let pressed = null;

function placeAt(event, shift) {
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const target = under.find((one) => one.matches(isWeek() ? ".week__cell" : ".plan__lane"));
  if (!target) return null;
  if (isWeek()) {
    const row = target.closest("tr");
    return { row: lanes().indexOf(row), x: [...row.querySelectorAll(".week__cell")].indexOf(target) };
  }
  const box = target.getBoundingClientRect();
  const minutes = ((event.clientX - shift - box.left) / box.width) * Number(body().dataset.window) * 60;
  return { row: lanes().indexOf(target), x: Math.round(minutes / GRAIN) * GRAIN };
}

document.addEventListener("pointerdown", (event) => {
  const visit = event.target.closest("[data-visit]");
  if (event.button || event.pointerType === "touch" || moving || !movable(visit)) return;
  pressed = { visit, x: event.clientX, y: event.clientY, shift: event.clientX - visit.getBoundingClientRect().left };
});

document.addEventListener("pointermove", (event) => {
  if (!pressed) return;
  if (!moving && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 5) begin(pressed.visit, "drag");
  const place = moving && placeAt(event, pressed.shift);
  if (place) go(place);
});

document.addEventListener("pointerup", () => {
  if (pressed && moving && moving.how === "drag") {
    // The click that ends a drag opens nothing.
    document.addEventListener("click", (click) => { click.preventDefault(); click.stopImmediatePropagation(); }, { capture: true, once: true });
    setTimeout(() => put(false));
  }
  pressed = null;
});
document.addEventListener("pointercancel", () => {
  pressed = null;
  leave();
});
document.addEventListener("dragstart", (event) => {
  if (event.target.closest && event.target.closest("[data-visit]")) event.preventDefault();
});

// --- Clicks and taps.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  if (!panel) return;
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const opener = event.target.closest("a[data-panel]");
  const button = event.target.closest("[data-mover]");
  const starter = event.target.closest("[data-start-moving]");
  if (button) press(button.dataset.mover);
  else if (starter) {
    panel.close();
    begin(link(starter.dataset.startMoving), "tap");
  } else if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    panel.close();
  } else if (moving && event.target.closest(".schedule")) {
    event.preventDefault();
    const place = placeAt(event, 0);
    if (place) go(place);
  } else if (opener && plain) {
    event.preventDefault();
    open(opener.href);
  } else if (event.target.matches(".plan__lane, .plan__lane > ol") && "mayMove" in grid().dataset && !byNurse()) {
    keep(event);
  }
});

function press(what) {
  if (what === "put") put(true);
  else if (what === "leave") leave();
  else arrow(SIDES[what], false);
}

// A click on a free place proposes to keep the chair from there.
function keep(event) {
  const place = placeAt(event, 0);
  const lane = lanes()[place.row];
  if ("out" in lane.dataset) return;
  const at = clockAt(Math.max(0, Math.floor(place.x / HALF_HOUR) * HALF_HOUR));
  const query = new URLSearchParams({ site: grid().dataset.site, day: body().dataset.day, chair: lane.dataset.row, at });
  open(`${grid().dataset.new}?${query}`);
}

// --- What the server answers. A refusal is shown in the dialog, and the visit stands where it stood.
if (panel) {
  panel.addEventListener("close", () => {
    sessionStorage.removeItem(FOCUS);
    if (moving && moving.asked) leave();
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!panel.querySelector("[data-refused]")) return;
    if (moving) leave();
    const sentence = panel.querySelector(".strip, .panel__conflict, .field--bad");
    if (sentence) {
      sentence.tabIndex = -1;
      sentence.focus();
    }
  });
  // Nothing is exchanged under somebody's hands.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === grid() && (moving || panel.open || pressed)) event.preventDefault();
  });
  const focus = link((sessionStorage.getItem(FOCUS) || "").replace("visit-", ""));
  if (focus) focus.focus();
  sessionStorage.removeItem(FOCUS);

  // The line of the present goes on by itself.
  const started = serverNow();
  const lines = [...document.querySelectorAll("[data-now-line]")].map((line) => [line, Number(getComputedStyle(line).getPropertyValue("--h")) * 60 + Number(getComputedStyle(line).getPropertyValue("--m"))]);
  setInterval(() => {
    const gone = Math.floor((serverNow() - started) / 60000);
    for (const [line, at] of lines) {
      line.style.setProperty("--h", Math.floor((at + gone) / 60));
      line.style.setProperty("--m", (at + gone) % 60);
    }
  }, 20000);
}
