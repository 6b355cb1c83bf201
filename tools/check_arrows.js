// node tools/check_arrows.js [DIR]
//
// Which folder of src/signpost may import which. Anything else is an error, and so are an arrow that nothing uses any
// longer and a cycle. Files that stand in src/signpost itself (ports, result) are the folder ".": every folder may import
// them.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** From the folders that know least to those that know most. Those with "*" may import all. */
const ARROWS = {
  ".": [],
  text: [],
  format: ["text"],
  state: [],
  redis: ["format", "state", "text"],
  health: ["format", "state", "text"],
  balance: ["format", "health"],
  routing: ["balance", "format", "redis"],
  cache: ["format", "redis", "state"],
  watch: ["cache", "redis", "state"],
  snapshot: ["cache", "format", "redis", "state", "text"],
  settings: ["format", "redis", "text"],
  telemetry: ["cache", "redis", "state", "text"],
  platform: ["health", "redis", "settings", "state", "text"],
  request: ["balance", "cache", "format", "health", "platform", "routing", "state", "text"],
  wiring: ["*"],
  phases: ["*"],
};

const root = process.argv[2] ?? "src/signpost";
const problems = [...new Set([...cycles(), ...strayImports()])];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** A folder may only import those that stand before it in the list: so there is no cycle. */
function cycles() {
  const order = Object.keys(ARROWS);
  return order.flatMap((folder, place) =>
    ARROWS[folder]
      .filter((imported) => imported !== "*" && order.indexOf(imported) >= place)
      .map((imported) => `tools/check_arrows.js: ${folder} -> ${imported} points down the list`),
  );
}

function strayImports() {
  const used = new Set();
  const stray = [];
  for (const file of readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
    const from = folderOf(file);
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (from === to || to === "." || ARROWS[from]?.includes("*")) continue;
      used.add(`${from} -> ${to}`);
      if (!ARROWS[from]?.includes(to)) stray.push(`${root}/${file}: ${from} may not import ${to} (${target})`);
    }
  }
  const idle = Object.entries(ARROWS)
    .flatMap(([from, all]) => all.map((to) => `${from} -> ${to}`))
    .filter((arrow) => !arrow.endsWith("*") && !used.has(arrow));
  return [...stray, ...idle.map((arrow) => `tools/check_arrows.js: ${arrow}: nothing imports so`)];
}

/** The files below `root` that a file imports, for their types too. */
function importsOf(file) {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)]
    .map(([, path]) => normalize(join(root, dirname(file), path)))
    .map((path) => relative(root, path))
    .filter((path) => !path.startsWith(".."));
}

function folderOf(file) {
  return dirname(file).split("/")[0];
}
