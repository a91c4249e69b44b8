// What a form says, in words: for the list of unsent entries.
const HIDDEN = new Set(["for_patient", "confirmed"]);
// What the page adds of its own, anew for each entry: no part of what somebody has entered.
export const PLUMBING = new Set(["csrfmiddlewaretoken", "idempotency_key", "typed_by", "draft_of"]);

// Not form.action: a field may bear that name.
export const pathOf = (form) => new URL(form.getAttribute("action") || "", location.href).pathname;

export function fieldsOf(form, submitter) {
  const data = new FormData(form, submitter && submitter.name ? submitter : undefined);
  return [...data].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
}

export function describe(form) {
  const parts = [];
  const named = form.dataset.queue;
  for (const field of form.elements) {
    if (!field.name || HIDDEN.has(field.name) || field.type === "hidden" || field.tagName === "BUTTON") continue;
    const text = textOf(field, named);
    if (text) parts.push(text);
  }
  return parts.join(", ");
}

function textOf(field, named) {
  if (field.type === "radio" || field.type === "checkbox") {
    // A choice that nobody made says nothing.
    return field.checked && !field.defaultChecked ? labelOf(field) : "";
  }
  const value = field.tagName === "SELECT" ? field.selectedOptions[0]?.textContent.trim() : field.value.trim();
  const chosen = field.tagName !== "SELECT" || ![...field.options].some((option) => option.defaultSelected && option.selected);
  const isFirst = field.tagName === "SELECT" && field.selectedIndex === 0;
  return field.value && value && chosen && !isFirst ? [labelOf(field), value].filter((part) => part !== named).join(" ").trim() : "";
}

function labelOf(field) {
  const label = field.labels && field.labels[0];
  return label ? label.textContent.replace(/\(.*?\)/g, "").trim() : "";
}
