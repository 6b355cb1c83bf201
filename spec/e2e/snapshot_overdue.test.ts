import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { eventually } from "./support/eventually.js";
import { suite } from "./support/suite.js";

const directory = mkdtempSync(join(tmpdir(), "overdue-"));
chmodSync(directory, 0o777);
const snapshot = join(directory, "routes");
after(() => {
  rmSync(directory, { recursive: true });
});

const isWritten = () => existsSync(snapshot) && statSync(snapshot).isFile();

/** Makes what is due since now be due since ten minutes ago. */
const WAIT_LONG = `location = /wait-long {
  content_by_lua_block { ngx.say(ngx.shared.signpost_state:incr("snapshot_due", -600) ~= nil) }
}`;

const settings = { snapshot, snapshot_interval: 0.2 };

suite("a snapshot that cannot be written", { workers: 2, settings, server: WAIT_LONG }, (test) => {
  test("is said to be overdue, once, and once more to be written again", async ({ nginx, redis, get }) => {
    const lines = (pattern: RegExp) => nginx.errorLog().match(pattern)?.length ?? 0;
    const overdue = () => lines(/\[error\].* signpost: the snapshot \S+ is overdue: for 6\d\d s /g);
    const again = () => lines(/\[warn\].* signpost: the snapshot \S+ is written again, after 6\d\d s/g);
    await eventually(() => assert.ok(isWritten()));
    rmSync(snapshot);
    mkdirSync(snapshot);
    await redis.command("SET", "route:a.test", "return 204");
    await eventually(() => assert.equal(lines(/\[error\].* signpost: no new snapshot: /g), 1));
    assert.equal(overdue(), 0);
    await eventually(async () => assert.equal((await get("site.test", "/wait-long")).body, "true\n"));
    await eventually(() => assert.equal(overdue(), 1));
    assert.equal(again(), 0);
    rmdirSync(snapshot);
    await eventually(() => assert.ok(isWritten()));
    await eventually(() => assert.equal(again(), 1));
    assert.equal(overdue(), 1);
  });
});
