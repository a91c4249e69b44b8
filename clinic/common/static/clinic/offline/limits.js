// The twin of sessions/rules/limits.py: which approved limits a reading breaches, and what nothing is known about.
// A test compares both over a table. Where they differ, the server is right.
const URGENCY = ["info", "warn", "hold_start", "pause", "stop"];
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

// `values` by parameter in the units of the limits; `known` is { limits, baseline }.
export function check(values, { limits, baseline }, phase) {
  const breaches = [];
  const checked = new Set();
  for (const limit of limits) {
    const value = values[limit.parameter];
    if (limit.phase !== phase || value === undefined || value === null) continue;
    const before = baseline ? baseline[limit.parameter] : null;
    if (limit.relative && (before === undefined || before === null)) continue;
    checked.add(limit.parameter);
    const measured = limit.relative ? value - before : value;
    if (COMPARED[limit.comparator](measured, limit.value)) breaches.push({ limit, value: measured });
  }
  breaches.sort((a, b) => URGENCY.indexOf(b.limit.level) - URGENCY.indexOf(a.limit.level));
  const unchecked = Object.keys(values).filter((name) => values[name] !== null && !checked.has(name));
  return { breaches, unchecked };
}
