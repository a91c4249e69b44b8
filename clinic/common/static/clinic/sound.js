// A sound while an alert of the highest level stands open: on unless this device has switched it off.
// A browser plays nothing before somebody has touched the page; then the switch says so and asks for one tap.
"use strict";

(() => {
  const KEY = "clinic-sound";
  const EVERY = 10000;
  let voice = null;

  function wanted() {
    try {
      return localStorage.getItem(KEY) !== "off";
    } catch {
      return true;
    }
  }

  function keep(on) {
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      // Private windows keep nothing: it is on again next time.
    }
  }

  // Asked before a voice is made: one that is made too early only fills the console.
  function mayPlay() {
    return !navigator.userActivation || navigator.userActivation.hasBeenActive;
  }

  function tone(at, pitch) {
    const source = voice.createOscillator();
    const loudness = voice.createGain();
    source.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
    source.connect(loudness).connect(voice.destination);
    source.start(at);
    source.stop(at + 0.25);
  }

  function play() {
    if (!mayPlay() || !window.AudioContext) return;
    voice = voice || new AudioContext();
    voice.resume();
    [880, 660, 880].forEach((pitch, place) => tone(voice.currentTime + place * 0.3, pitch));
  }

  function show() {
    for (const place of document.querySelectorAll("[data-sound]")) {
      const button = place.querySelector("[data-sound-switch]");
      const blocked = wanted() && !mayPlay();
      button.textContent = blocked ? place.dataset.blocked : wanted() ? place.dataset.on : place.dataset.off;
      button.setAttribute("aria-pressed", String(wanted() && !blocked));
      place.classList.toggle("sound--blocked", blocked);
      place.hidden = false;
    }
  }

  let rungAt = -EVERY;
  function ring() {
    const calls = document.querySelector("[data-stop-call]");
    if (!calls) rungAt = -EVERY;
    else if (wanted() && mayPlay() && performance.now() - rungAt >= EVERY) {
      rungAt = performance.now();
      play();
    }
  }

  let wasBlocked = !mayPlay();
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sound-test]")) play();
    if (event.target.closest("[data-sound-switch]")) {
      // The tap that a silent browser asked for switches nothing off.
      if (!wasBlocked || !wanted()) keep(!wanted());
      if (wanted()) play();
    }
    wasBlocked = false;
    show();
  });
  setInterval(ring, 1000);
  show();
})();
