import { SharedDict } from "../ports";
import { Counter, COUNTERS, countOf } from "./counters";

/**
 * @returns the node's counters in the Prometheus text format, by name
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
 */
export function exposition(state: SharedDict): string {
  const names: Counter[] = [];
  for (const [name] of pairs(COUNTERS)) {
    names.push(name);
  }
  table.sort(names);
  const lines: string[] = [];
  for (const name of names) {
    const metric = `signpost_${name}_total`;
    lines.push(`# HELP ${metric} ${COUNTERS[name]}`);
    lines.push(`# TYPE ${metric} counter`);
    lines.push(`${metric} ${countOf(state, name)}`);
  }
  return `${table.concat(lines, "\n")}\n`;
}
