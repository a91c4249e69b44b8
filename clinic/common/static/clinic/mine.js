// The strip of my chairs stays at the top; the patient's banner stays below it, and no field disappears behind them.
"use strict";

(() => {
  const bar = document.querySelector(".mine-bar");
  if (!bar) return;

  function keepInSight(field) {
    const banner = document.querySelector(".banner");
    const covered = Math.max(bar.getBoundingClientRect().bottom, banner ? banner.getBoundingClientRect().bottom : 0);
    const place = field.getBoundingClientRect();
    if (place.top < covered && place.bottom > 0) field.scrollIntoView({ block: "nearest" });
  }

  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--mine-height", `${bar.offsetHeight}px`);
    const field = document.activeElement;
    if (field && field.matches("input, select, textarea")) keepInSight(field);
  }).observe(bar);

  // A stop alert of another patient stands once: in the strip, which is always in sight.
  function showOnce() {
    const told = new Set([...bar.querySelectorAll("[data-stop-call] a")].map((link) => link.pathname));
    for (const line of document.querySelectorAll("[data-elsewhere]")) {
      line.hidden = told.has(line.querySelector("a").pathname);
    }
  }

  // A link to another chair: what is typed here is kept first (app.js sends waiting drafts when the page is left).
  document.body.addEventListener("htmx:afterSettle", (event) => {
    showOnce();
    const here = event.target.id === "my-chairs" && event.target.querySelector("[aria-current]");
    if (!here || bar.dataset.shown) return;
    here.scrollIntoView({ block: "nearest", inline: "nearest" });
    bar.dataset.shown = "yes";
  });
})();
