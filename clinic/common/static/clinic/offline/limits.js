// The twin of sessions/rules/limits.py: which approved limits a reading breaches, and what nothing is known about.
// A test compares both over a table. Where they differ, the server is right.
const URGENCY = ["info", "warn", "hold_start", "pause", "stop", "emergency"];
const COMPARED = {
  ">": (measured, limit) => measured > limit,
  ">=": (measured, limit) => measured >= limit,
  "<": (measured, limit) => measured < limit,
  "<=": (measured, limit) => measured <= limit,
};

// "pre", "infusion" or "recovery" at a moment; `moments` are { started_at, ended_at }, ISO texts or null.
export function phaseAt(at, { started_at: started, ended_at: ended }) {
  if (!started || at < Date.parse(started)) return "pre";
  return !ended || at <= Date.parse(ended) ? "infusion" : "recovery";
}

// What is held against a limit: the measurement, or its change from `before`; null where that is not known.
function compared(limit, value) {
  if (!limit.relative) return value;
  if (limit.before === null || (limit.in_percent && !limit.before)) return null;
  const change = value - limit.before;
  return limit.in_percent ? (change * 100) / limit.before : change;
}

// `values` by parameter in the units of the limits, which bring along what a change is counted from.
export function check(values, { limits }, phase) {
  const breaches = [];
  const checked = new Set();
  for (const limit of limits) {
    const value = values[limit.parameter];
    if (limit.phase !== phase || value === undefined || value === null) continue;
    const measured = compared(limit, value);
    if (measured === null) continue;
    checked.add(limit.parameter);
    if (COMPARED[limit.comparator](measured, limit.value)) breaches.push({ limit, value: measured });
  }
  breaches.sort((a, b) => URGENCY.indexOf(b.limit.level) - URGENCY.indexOf(a.limit.level));
  const unchecked = Object.keys(values).filter((name) => values[name] !== null && !checked.has(name));
  return { breaches, unchecked };
}
