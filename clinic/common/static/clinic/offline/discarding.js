// A refused entry is given up with a reason, which the server notes before the entry goes from this device.
import { typedDay, typedText } from "./clock.js";
import { post } from "./connection.js";
import { drop } from "./outbox.js";
import { element, word } from "./words.js";

export function discardForm(item, place, redraw) {
  const reason = element("input", { type: "text", maxlength: "2000", id: `why-${item.id}`, autocomplete: "off" });
  const said = element("p", { className: "field__error", role: "alert" });
  said.hidden = true;
  const form = element("form", { className: "outbox__discard" }, [
    element("label", { for: `why-${item.id}`, text: word("discard-why") }),
    reason,
    element("button", { type: "submit", className: "button button--danger", text: word("discard-now") }),
    said,
  ]);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    said.textContent = await discard(item, reason.value);
    said.hidden = !said.textContent;
    if (!said.textContent) {
      form.remove();
      redraw();
    }
  });
  place.replaceChildren(form);
  reason.focus();
}

// Returns what stands in the way, or nothing once it is done.
async function discard({ id, contents }, reason) {
  const patient = contents.fields.find(([name]) => name === "for_patient");
  const fields = {
    idempotency_key: crypto.randomUUID(),
    for_patient: patient ? patient[1] : "",
    entry: id,
    what: `${contents.label}: ${contents.said || "-"} (${typedDay(contents)} ${typedText(contents)})`,
    reason,
  };
  try {
    const { body } = await post(`/sessions/${contents.session}/discarded-entries/`, fields, { headers: { "X-Outbox": "1" } });
    if (body && body.stored) {
      await drop(id);
      return "";
    }
    return body && body.problems.length ? body.problems.join(" ") : word("server-fails");
  } catch {
    return word("discard-offline");
  }
}
