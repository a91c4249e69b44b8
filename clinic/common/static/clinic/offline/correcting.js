// A refused entry goes back into its form, under its own key, with the time at which it was typed.
import { clockText, typedMoment } from "./clock.js";
import { pathOf, PLUMBING } from "./describe.js";
import { entries } from "./outbox.js";

const MARK = "#correct=";
const here = () => location.pathname + location.search;

function formFor(item) {
  const forms = [...document.querySelectorAll("form[data-queue]")];
  return forms.find((form) => pathOf(form) === item.contents.action && !form.closest("[hidden]") && saysTheSame(form, item));
}

// Several forms go to one address, and only what they carry unseen tells them apart: an order, a way of leaving.
function saysTheSame(form, { contents: { fields } }) {
  const sent = new Map(fields);
  const unseen = [...form.elements].filter((field) => field.type === "hidden" && !PLUMBING.has(field.name));
  return unseen.every((field) => sent.get(field.name) === field.value);
}

export function canCorrect(item) {
  return here() !== item.contents.page || Boolean(formFor(item));
}

export function correct(item) {
  const { page } = item.contents;
  if (here() !== page) location.assign(page + MARK + item.id);
  else if (!fill(item)) location.reload();
}

// After the page was opened for a correction.
export function correctFromAddress() {
  if (!location.hash.startsWith(MARK)) return;
  const id = location.hash.slice(MARK.length);
  history.replaceState(null, "", here());
  const item = entries().find((entry) => entry.id === id && entry.contents);
  if (item) fill(item);
}

function fill(item) {
  const form = formFor(item);
  if (!form) return false;
  const { fields } = item.contents;
  const typed = [...form.elements].filter(window.isTyped);
  for (const name of new Set(typed.map((field) => field.name))) {
    const values = fields.filter(([one]) => one === name).map(([, value]) => value);
    const places = typed.filter((field) => field.name === name);
    // Of a box that nobody has ticked nothing was sent.
    if (values.length || places[0].type === "checkbox") places.forEach((field, place) => window.putIn(field, values, place));
  }
  form.elements.idempotency_key.value = item.id;
  form.dataset.restored = "yes";
  setTime(form, item.contents, Number(new Map(fields).get("ago") || 0));
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  document.querySelector("#outbox details").open = false;
  form.scrollIntoView({ block: "center" });
  const first = [...form.elements].find((field) => field.type !== "hidden" && field.offsetParent);
  if (first) first.focus();
  return true;
}

// Typed then, not now: the time of day in place of "now" or "2 minutes ago".
function setTime(form, contents, minutesAgo) {
  if (!form.elements.at || form.elements.at.value) return;
  form.elements.at.value = clockText(typedMoment(contents) - minutesAgo * 60000, contents.zone);
}
