// Quick phrases: a tap puts the words where the cursor stands. The field then fires "input", so that its draft is kept.
"use strict";

function insertPhrase(field, words) {
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? start;
  const before = field.value.slice(0, start);
  const gap = before && !/\s$/.test(before) ? " " : "";
  field.setRangeText(gap + words, start, end, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function showPhrases() {
  for (const chips of document.querySelectorAll("[data-phrases]")) chips.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-phrase]");
  if (!button) return;
  const field = document.getElementById(button.closest("[data-phrases]").dataset.phrases);
  if (field) insertPhrase(field, button.dataset.phrase);
});
document.body.addEventListener("htmx:afterSettle", showPhrases);
showPhrases();
