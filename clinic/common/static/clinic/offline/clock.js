// How far this device's clock is from the server's, as measured at the last exchange that succeeded.
const NAME = "clinic.clock";
const BAD = 60000;

export function measured() {
  const found = Number.parseInt(localStorage.getItem(NAME), 10);
  return Number.isFinite(found) ? found : null;
}

// The server's time lies between asking and the answer; half of the way is the best guess.
export function measure(serverTime, askedAt, answeredAt) {
  if (Number.isFinite(serverTime)) localStorage.setItem(NAME, Math.round(serverTime - (askedAt + answeredAt) / 2));
}

export const now = () => Date.now() + (measured() || 0);

export function skew() {
  const offset = measured();
  return offset !== null && Math.abs(offset) > BAD ? offset : 0;
}

// Times read as on the clocks of the site, whatever zone the tablet is set to; the last site's where none is known.
export function rememberZone(zone) {
  if (zone) localStorage.setItem("clinic.zone", zone);
}

export function clockText(moment, zone = localStorage.getItem("clinic.zone") || undefined) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

// When an entry was typed, by the server's clock.
export const typedMoment = ({ typedAt, offset }) => Date.parse(typedAt) + (offset || 0);
export const typedText = (contents) => clockText(typedMoment(contents), contents.zone);

// "Tue 24 Nov", where a time alone would not tell of which day.
export const typedDay = (contents) => new Date(typedMoment(contents)).toLocaleDateString("en-GB", {
  weekday: "short", day: "numeric", month: "short", timeZone: contents.zone || localStorage.getItem("clinic.zone") || undefined,
});
