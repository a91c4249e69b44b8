// What is unsent, in sight on every page: how many, what, since when, and what the server says of an entry it refused.
import { clockText, skew, typedText } from "./clock.js";
import { connection, onConnection } from "./connection.js";
import { canCorrect, correct } from "./correcting.js";
import { discardForm } from "./discarding.js";
import { entries, keep, me, mineUnsent, onOutbox } from "./outbox.js";
import { send, sender } from "./sender.js";
import { element, word } from "./words.js";

const bar = document.getElementById("outbox");
let warned = "";

export function startBar() {
  if (!bar) return;
  onOutbox(draw);
  onConnection(draw);
  setInterval(drawClock, 5000);
  bar.addEventListener("click", pressed);
}

export function draw() {
  if (!bar) return;
  // Nothing is taken from under the hands of somebody who is giving a reason.
  if (bar.contains(document.activeElement) && document.activeElement.matches("input")) return;
  const mine = mineUnsent();
  const others = othersUnsent();
  const count = mine.length + others.reduce((sum, { count: one }) => sum + one, 0);
  const isTold = count > 0 || connection.offline || skew() !== 0;
  bar.hidden = !isTold;
  document.body.classList.toggle("has-outbox", isTold);
  bar.classList.toggle("outbox--quiet", count === 0 && connection.offline === false);
  part("count").textContent = count ? word(count === 1 ? "one-unsent" : "unsent", { count }) : word("none-unsent");
  part("state").textContent = stateText(mine, others);
  warned = clockWarning();
  part("clock").textContent = warned;
  part("clock").hidden = !warned;
  part("list").replaceChildren(...mine.map(row), ...others.map(otherRow));
  bar.querySelector("details").classList.toggle("outbox__box--empty", count === 0);
}

const part = (name) => bar.querySelector(`[data-${name}]`);

function stateText(mine, others) {
  const since = connection.since ? clockText(connection.since) : "";
  if (connection.offline) return word("offline", { since });
  if (sender.blocked === "sign-in") return word("sign-in", { name: document.body.dataset.authorName || "" });
  if (!mine.length && others.length) return word("sign-in", { name: others.map(({ name }) => name).join(", ") });
  const refused = mine.filter((item) => item.state === "refused").length;
  if (refused && refused === mine.length) return word("all-refused");
  if (sender.blocked === "server") return word("server-fails");
  return mine.length ? word("sending") : "";
}

function othersUnsent() {
  const found = new Map();
  for (const item of entries()) {
    if (item.author === me()) continue;
    const known = found.get(item.author) || { name: item.name, count: 0 };
    found.set(item.author, { ...known, count: known.count + 1 });
  }
  return [...found.values()];
}

// The clock is measured at every exchange: what stands here is made anew only where the warning is another one.
function drawClock() {
  if (clockWarning() !== warned) draw();
}

function clockWarning() {
  if (skew() === 0) return "";
  const minutes = Math.max(1, Math.round(Math.abs(skew()) / 60000));
  return word(skew() > 0 ? "clock-slow" : "clock-fast", { minutes });
}

function otherRow({ name, count }) {
  return element("li", { className: "outbox__item", text: word("of-other", { name, count }) });
}

function row(item) {
  const { contents } = item;
  if (!contents) return element("li", { className: "outbox__item", text: word("locked") });
  const lines = [
    element("span", { className: "outbox__at", text: typedText(contents) }),
    element("span", { className: "outbox__what" }, [element("b", { text: contents.label }), ` ${contents.said}`]),
    element("span", { className: "outbox__how", text: word(item.state === "refused" ? "refused" : "waiting") }),
  ];
  if (contents.breaches.length) lines.push(element("p", { className: "outbox__breach", text: contents.breaches.join("; ") }));
  if (item.state === "refused") lines.push(refusal(item));
  return element("li", { className: `outbox__item outbox__item--${item.state}` }, lines);
}

function refusal(item) {
  const sentences = element("ul", { className: "outbox__why" }, item.contents.problems.map((text) => element("li", { text })));
  const label = word(canCorrect(item) ? "correct" : "open");
  const buttons = element("div", { className: "row" }, [
    element("button", { type: "button", className: "button", text: label, "data-correct": item.id }),
    element("button", { type: "button", className: "button", text: word("again"), "data-again": item.id }),
    element("button", { type: "button", className: "button button--danger", text: word("discard"), "data-discard": item.id }),
  ]);
  return element("div", { className: "outbox__refusal" }, [sentences, buttons]);
}

function pressed({ target }) {
  const button = target.closest("button");
  if (!button) return;
  const item = entries().find(({ id }) => id === (button.dataset.correct || button.dataset.again || button.dataset.discard));
  if (!item) return;
  if (button.dataset.correct) correct(item);
  else if (button.dataset.again) keep(item.id, item.contents).then(send);
  else discardForm(item, button.closest(".outbox__refusal"), draw);
}
