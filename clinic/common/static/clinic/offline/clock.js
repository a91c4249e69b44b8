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

export function clockText(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
