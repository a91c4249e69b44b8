// A reading that is typed without network: typing errors are asked about as the server would, and what it breaches
// of the limits that came with the page is told at once.
import { check, phaseAt } from "./limits.js";
import { word } from "./words.js";

const SIGNS = { ">": ">", ">=": "≥", "<": "<", "<=": "≤" };

// What stands in a form of vital signs, by parameter, temperature in °C; what is no number is left out.
export function measuredIn(form, ranges) {
  const values = {};
  for (const name of Object.keys(ranges)) {
    const field = form.elements[name];
    const text = field ? field.value.trim().replace(",", ".") : "";
    if (text && Number.isFinite(Number(text))) values[name] = Number(text);
  }
  const unit = form.elements.temperature_unit;
  if ("temperature" in values && unit && unit.value === "[degF]") {
    values.temperature = Math.round(((values.temperature - 32) * 50) / 9) / 10;
  }
  return values;
}

// The twin of sessions/rules/plausibility.py: { refused, unusual }, sentences each.
export function typing(values, ranges) {
  if (!Object.keys(values).length) return { refused: [word("reading-empty")], unusual: [] };
  const told = (name, [low, high], sentence) => word(sentence, { ...ranges[name], value: values[name], low, high });
  const outside = (kind, sentence) => Object.keys(values)
    .filter((name) => values[name] < ranges[name][kind][0] || values[name] > ranges[name][kind][1])
    .map((name) => told(name, ranges[name][kind], sentence));
  const refused = outside("possible", "reading-impossible");
  const { systolic, diastolic } = values;
  if ((systolic === undefined) !== (diastolic === undefined)) refused.push(word("reading-pair"));
  else if (systolic !== undefined && diastolic >= systolic) refused.push(word("reading-diastolic", { systolic, diastolic }));
  return { refused, unusual: refused.length ? [] : outside("usual", "reading-unusual") };
}

// What a reading means against the page's limits: { breaches, unchecked }, sentences and labels.
export function meaning(values, known, moment) {
  const { breaches, unchecked } = check(values, known, phaseAt(moment, known));
  return {
    breaches: breaches.map(({ limit, value }) => {
      const { label, unit } = known.ranges[limit.parameter];
      const change = limit.relative ? word("from-baseline") : "";
      const shown = `${Math.round(value * 10) / 10} ${limit.in_percent ? "%" : unit}`.trim();
      const found = [label, shown, change].filter(Boolean).join(" ");
      return word("breach", { found, limit: `${SIGNS[limit.comparator]} ${limit.value}` });
    }),
    unchecked: unchecked.map((name) => known.ranges[name].label),
  };
}
