// What of a session is unsent, shown where it will stand once the server has it: in the timeline, in the log of an
// emergency, among the medicines. A list says whose (data-pending) and, where not everything belongs there, the end of
// the address that its entries go to (data-pending-of).
import { typedText } from "./clock.js";
import { onConnection } from "./connection.js";
import { ofSession, onOutbox, toSend } from "./outbox.js";
import { refresh } from "./refresh.js";
import { onSent } from "./sender.js";
import { element, word } from "./words.js";

export function startPending() {
  onOutbox(draw);
  onSent(refresh);
  // A copy makes way for the page itself; where something waits, after that was sent.
  onConnection(({ offline }) => {
    if (!offline && document.body.dataset.copy && !toSend().length) refresh([]);
  });
  document.body.addEventListener("htmx:afterSettle", draw);
  draw();
}

function draw() {
  for (const list of document.querySelectorAll("[data-pending]")) {
    const mine = unsentOf(list);
    const isNewestFirst = !list.hasAttribute("data-pending-last");
    list.replaceChildren(...(isNewestFirst ? [...mine].reverse() : mine).map((item) => row(item, list)));
    list.hidden = !mine.length;
    drawTaps(list.closest("main"), mine);
  }
  const isAny = Boolean(document.querySelector("[data-pending]:not([hidden])"));
  document.querySelectorAll("[data-pending-none]").forEach((line) => { line.hidden = isAny; });
}

function unsentOf({ dataset: { pending, pendingOf } }) {
  return ofSession(pending).filter(({ contents }) => !pendingOf || contents.action.endsWith(pendingOf));
}

function row({ contents, state }, { dataset }) {
  const isRefused = state === "refused";
  // In a list of one kind its name goes without saying.
  const isShort = "pendingShort" in dataset && contents.said;
  const parts = [
    element("b", { text: isShort ? contents.said : contents.label }), ` ${isShort ? "" : contents.said} `,
    element("span", { className: "tag tag--warning", text: word(isRefused ? "refused" : "waiting") }),
  ];
  if (isRefused) parts.push(element("span", { className: "pending__why", text: contents.problems.join(" ") }));
  return element("li", { className: "timeline__pending" }, [
    element("time", { className: "timeline__at", text: typedText(contents) }),
    element("span", {}, parts),
  ]);
}

// A button that was tapped says so, and what was begun without network can be ended without it.
function drawTaps(page, mine) {
  for (const form of page.querySelectorAll("form[data-ends-log]")) form.hidden = !form.dataset.endsLog && !mine.length;
  for (const button of page.querySelectorAll("[data-tap]")) {
    const tapped = mine.filter(({ contents, state }) => state === "waiting" && kindOf(contents) === button.dataset.tap);
    button.querySelector("[data-tapped]")?.remove();
    button.classList.toggle("tap--unsent", tapped.length > 0);
    if (tapped.length) button.append(element("span", { text: `${typedText(tapped[0].contents)} · ${word("waiting")}`, "data-tapped": "" }));
  }
}

const kindOf = ({ fields }) => new Map(fields).get("kind");
