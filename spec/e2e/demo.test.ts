import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { checkout } from "./support/environment.js";
import { eventually } from "./support/eventually.js";
import { forgetGroup, killGroup, rememberGroup } from "./support/leftovers.js";

test("the demo prints commands that write a route, ask for it, and change it", { timeout: 120_000 }, async () => {
  const demo = spawn(join(checkout, "tools", "run"), { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const group = demo.pid as number;
  rememberGroup(group);
  let said = "";
  for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  try {
    await eventually(() => assert.match(said, /Ctrl-C stops everything/, said), 60_000);
    const commands = said.match(/^ {4}(redis-cli|curl) .*$/gm) ?? [];
    const answers = commands.map((command) =>
      execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: "pipe" }).trim(),
    );
    assert.deepEqual(answers, [
      "OK",
      "hello from backend A, demo.localhost",
      "OK",
      "hello from backend B, demo.localhost",
    ]);
  } finally {
    const ended = new Promise((resolve) => demo.once("close", resolve));
    killGroup(group, "SIGTERM");
    await ended;
    forgetGroup(group);
  }
});
