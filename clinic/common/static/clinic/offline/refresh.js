// After something was sent: the page as the server has it now, unless somebody is typing.
import { PLUMBING } from "./describe.js";
import { element, word } from "./words.js";

let refreshing = null;

// Which session this page is of; it shows what of it is unsent.
const sessionHere = () => document.querySelector("[data-pending]")?.dataset.pending;

export function refresh(sent) {
  const session = sessionHere();
  if (!session) return;
  if (sent.length && !sent.some((item) => item.contents.session === session)) return;
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
  // A form on its way would lose its answer with the page that it stands on.
  if (document.querySelector("#main form.htmx-request")) return true;
  if (document.activeElement?.matches("#main form :is(input, textarea, select), #main details.write > summary")) return true;
  const gone = new Set(sent.map((item) => JSON.stringify(values(item.contents.fields))));
  return [...document.querySelectorAll("#main form")].some((form) => {
    const hasTyping = [...form.elements].some((field) => window.isTyped(field) && window.isChanged(field));
    // A draft of what has just been sent is not somebody typing.
    return hasTyping && !gone.has(JSON.stringify(values([...new FormData(form)])));
  });
}

const values = (fields) => fields.filter(([name, value]) => value && !PLUMBING.has(name));

function tellOfRefresh() {
  const button = element("button", { type: "button", text: word("reload") });
  button.addEventListener("click", () => location.reload());
  window.toast(word("sent-reload"), button);
}
