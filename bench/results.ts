import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { checkout, stack } from "../spec/e2e/support/environment.js";

const FILE = join(checkout, "bench", "RESULTS.md");

const HEADING = `# Results

What \`make bench\`, \`make bench-pauses\` and \`make bench-propagation\` found when they were last run here. Times on such a
machine mean little, ratios and differences within one run mean more.
`;

/** Numbers sorted, for quantiles. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

/** Prints a section of the results, and puts it in its place in RESULTS.md. */
export function publish(name: string, markdown: string): void {
  const section = `<!-- ${name} -->\n${markdown.trim()}\n\n${machine()}\n<!-- /${name} -->\n`;
  console.log(`\n${markdown.trim()}\n`);
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : HEADING;
  const place = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->\n`);
  const after = place.test(before) ? before.replace(place, () => section) : `${before}\n${section}`;
  writeFileSync(FILE, after);
}

/** A Markdown table. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const [head = [], ...body] = rows.map((row) => `| ${row.join(" | ")} |`);
  return [head, `|${"---|".repeat(rows[0]?.length ?? 0)}`, ...body].join("\n");
}

function machine(): string {
  const versions = [firstLine(stack.nginx, "-v"), firstLine(stack.redisServer, "--version")].join("; ");
  const date = new Date().toISOString().slice(0, 10);
  const memory = Math.round(totalmem() / 2 ** 30);
  return `Run on ${date}: ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${memory} GiB; ${versions}.`;
}

function firstLine(program: string, flag: string): string {
  const output = execFileSync("sh", ["-c", `"$0" ${flag} 2>&1 | head -n 1`, program], { encoding: "utf8" });
  return output.trim().replace(/ sha=.*/, "");
}
