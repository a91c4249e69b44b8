// The number pad at the chairside: big keys on the page, and the same going on from field to field with a keyboard.
// Nothing here decides whether a value can be right; it only knows when one more digit could not be.
"use strict";

(() => {
  // What is folded away cannot take the focus.
  const fieldsOf = (form) => [...form.querySelectorAll("[data-pad-field]")].filter((field) => !field.closest("details:not([open])"));

  // The field in which a key of the pad writes: the one with the focus, else the first empty one.
  function fieldFor(form) {
    const fields = fieldsOf(form);
    const active = document.activeElement;
    if (active && active.form === form && active.matches("[data-pad-field]")) return active;
    return fields.find((field) => field.value === "") || fields[fields.length - 1];
  }

  function isFull(field) {
    const most = Number(field.dataset.most);
    const digits = field.value;
    if (!/^\d+$/.test(digits)) return false;
    return digits.length >= String(most).length || Number(digits) * 10 > most;
  }

  function goOn(field) {
    const fields = fieldsOf(field.form);
    const next = fields[fields.indexOf(field) + 1];
    if (next) next.focus();
    else field.form.querySelector("[data-pad-done]").focus();
  }

  function goBack(field) {
    const fields = fieldsOf(field.form);
    const before = fields[fields.indexOf(field) - 1];
    if (before) before.focus();
  }

  function changed(field) {
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }

  function press(field, key) {
    field.focus();
    if (key === "next") {
      goOn(field);
    } else if (key === "back") {
      if (field.value === "") return goBack(field);
      field.value = field.value.slice(0, -1);
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "deleteContentBackward" }));
    } else {
      field.value += key;
      changed(field);
    }
  }

  // The focus stays in the field: on a tablet no other keyboard comes up over the page.
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-pad-key]")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-pad-key]");
    if (!key) return;
    const field = fieldFor(key.closest("form"));
    if (field) press(field, key.dataset.padKey);
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-pad-field]") || !field.form.matches("[data-pad]")) return;
    if (event.inputType && event.inputType.startsWith("insert") && isFull(field)) goOn(field);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key === "Backspace" && field.matches("[data-pad-field]") && field.value === "") {
      event.preventDefault();
      goBack(field);
    }
  });

  // The names of the rows stay while the readings pass under them: half a reading beside a name would be misread
  // ("31/74" of "131/74"). So the sheet rests on whole columns only (flow.css); that its very end is such a place, too,
  // the names are given what is left over.
  function lineUp(sheet) {
    const [names, ...columns] = sheet.querySelectorAll("thead th");
    const widthOf = (each) => each.getBoundingClientRect().width;
    names.style.minWidth = "";
    const room = sheet.clientWidth - widthOf(names);
    if (sheet.scrollWidth > sheet.clientWidth) {
      let left = room;
      for (const width of columns.map(widthOf).reverse()) {
        if (width > left) break;
        left -= width;
      }
      if (left < room) names.style.minWidth = `${widthOf(names) + left}px`;
    }
    sheet.style.scrollPaddingLeft = `${widthOf(names)}px`;
    sheet.classList.add("is-lined-up");
    watchCut(sheet, widthOf(names), columns);
  }

  // On its way from column to column, and at the far edge, a column that is cut is blank as a whole.
  const watching = new WeakMap();
  function watchCut(sheet, covered, columns) {
    watching.get(sheet)?.disconnect();
    const watch = new IntersectionObserver(
      (entries) => {
        for (const { target, intersectionRatio: share } of entries) {
          for (const row of target.closest("table").rows) row.cells[target.cellIndex].classList.toggle("is-cut", share > 0 && share < 0.98);
        }
      },
      { root: sheet, rootMargin: `0px 0px 0px -${Math.floor(covered)}px`, threshold: [0, 0.01, 0.98, 1] },
    );
    for (const column of columns) watch.observe(column);
    watching.set(sheet, watch);
  }

  const widths = new WeakMap();
  const turned = new ResizeObserver((entries) => {
    for (const { target: sheet, contentRect } of entries) {
      if (widths.get(sheet) === contentRect.width) continue;
      widths.set(sheet, contentRect.width);
      lineUp(sheet);
      goToNewest(sheet);
    }
  });

  // What is planned comes after it: of that only the next is shown, so that the newest reading is always in sight.
  function goToNewest(sheet) {
    const [names, ...columns] = sheet.querySelectorAll("thead th");
    const newest = columns.findLastIndex((column) => "reading" in column.dataset);
    const room = sheet.clientWidth - names.getBoundingClientRect().width + 1;
    const firstUpTo = (last) => columns.find((column) => last && last.getBoundingClientRect().right - column.getBoundingClientRect().left <= room);
    const withNext = firstUpTo(columns[newest + 1]);
    const first = columns.indexOf(withNext) <= newest && withNext ? withNext : firstUpTo(columns[newest]) || columns[newest];
    if (!first) return;
    sheet.scrollLeft += first.getBoundingClientRect().left - names.getBoundingClientRect().right;
  }

  // The newest is in sight when the page comes and when the tablet is turned. Whoever has gone back to an earlier reading
  // stays there, whatever else of the page is refreshed.
  function showNewest() {
    for (const sheet of document.querySelectorAll("[data-newest-last]")) {
      if (!widths.has(sheet)) turned.observe(sheet);
    }
  }

  // A finger has the pad on the page; the system's own keyboard would cover it.
  function settle() {
    showNewest();
    if (!window.matchMedia("(pointer: coarse)").matches) return;
    for (const field of document.querySelectorAll("form[data-pad] [data-pad-field]")) field.inputMode = "none";
  }

  document.addEventListener("DOMContentLoaded", settle);
  document.addEventListener("htmx:afterSettle", settle);
})();
