// How long nobody has done anything here: a warning a minute before the end, and at the end the dialog over the page.
// The server decides; this only asks it in time.
"use strict";

{
  const { door, pageOf, call, present, askAgain, keepTyped } = window.entering;
  const WARN = 60;
  const warning = document.getElementById("idle-warning");
  let endsAt = performance.now() + Number(document.body.dataset.rest || 0) * 1000;
  let counted = performance.now();
  let asking = false;

  function secondsLeft() {
    return (endsAt - performance.now()) / 1000;
  }

  function take(who) {
    endsAt = performance.now() + who.seconds_left * 1000;
    if (warning) warning.hidden = who.seconds_left > WARN || who.seconds_left <= 0;
  }

  async function askServer() {
    asking = true;
    // Another tab may have been in use meanwhile.
    const who = await present();
    if (who && who.person === pageOf) {
      take(who);
      if (!warning.hidden) await keepTyped();
    } else if (who) {
      warning.hidden = true;
      await askAgain("", null);
    } else {
      endsAt = performance.now() + 15000 + WARN * 1000;
    }
    asking = false;
  }

  function watch() {
    if (asking || door.open) return;
    const left = secondsLeft();
    if (left <= 0 || (left <= WARN && warning.hidden)) askServer();
  }

  // Reading and typing are something too: told once a minute, and at once where the warning stands.
  async function stay() {
    counted = performance.now();
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    try {
      const answer = await call("/session/stay/", { method: "POST", headers: { "X-CSRFToken": token ? token.value : "" } });
      const who = answer.ok ? await answer.json() : null;
      if (who && who.person === pageOf) take(who);
    } catch {
      // Without a network the server finds out by itself.
    }
  }

  function noticed() {
    if (door.open || secondsLeft() <= 0) return;
    if (!warning.hidden || performance.now() - counted > 60000) stay();
  }

  if (pageOf && document.body.dataset.rest) {
    setInterval(watch, 1000);
    for (const act of ["pointerdown", "keydown"]) document.addEventListener(act, noticed, { passive: true });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !asking && !door.open) askServer();
    });
    document.addEventListener("clinic:here", (event) => take(event.detail));
  }
}
