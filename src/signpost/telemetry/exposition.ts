import { SafeDict } from "../ports";
import { Counter, COUNTERS, countOf } from "../state/counters";

/**
 * @returns the node's state and counters in the Prometheus text format, by name
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format)
 */
export function exposition(state: SafeDict, isTracking: boolean): string {
  const names: Counter[] = [];
  for (const [name] of pairs(COUNTERS)) {
    names.push(name);
  }
  table.sort(names);
  const lines: string[] = [];
  describe(
    lines,
    "signpost_tracking",
    "gauge",
    "1 while changes are pushed; 0 while routes are polled every cache_ttl",
  );
  lines.push(`signpost_tracking ${isTracking ? 1 : 0}`);
  for (const name of names) {
    const metric = `signpost_${name}_total`;
    describe(lines, metric, "counter", COUNTERS[name]);
    lines.push(`${metric} ${countOf(state, name)}`);
  }
  return `${table.concat(lines, "\n")}\n`;
}

function describe(lines: string[], metric: string, type: "counter" | "gauge", help: string): void {
  lines.push(`# HELP ${metric} ${help}`);
  lines.push(`# TYPE ${metric} ${type}`);
}
