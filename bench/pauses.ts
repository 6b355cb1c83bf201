import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signpostConfig, type Settings } from "../spec/e2e/support/config.js";
import { checkout } from "../spec/e2e/support/environment.js";
import { eventually } from "../spec/e2e/support/eventually.js";
import { request } from "../spec/e2e/support/http_client.js";
import { startNginx, type NginxServer, type Place } from "../spec/e2e/support/nginx_server.js";
import { startRedis, type RedisServer } from "../spec/e2e/support/redis_server.js";
import { startBackend } from "./nodes.js";
import { publish, table } from "./results.js";
import { hostName, writeRoutes } from "./routes.js";
import { startLoad } from "./wrk.js";

const HELD = 100_000;
const IN_REDIS = 1_000_000;
const IDLE_SECONDS = 4;
const SNAPSHOT = "routes";

/** What kept a worker from its requests while something went on. */
interface Pauses {
  readonly name: string;
  /** How long it went on. */
  readonly seconds: number;
  readonly turns: number;
  readonly wall: Kind;
  readonly cpu: Kind;
}

interface Kind {
  readonly longestMs: number;
  /** How many turns took more than 10 ms. */
  readonly long: number;
}

/** One worker, which answers requests and does all that Signpost does beside them. */
async function main(): Promise<void> {
  const redis = await startRedis();
  const backends = [await startBackend("one"), await startBackend("two")] as const;
  const [one, two] = backends.map(({ port }) => `127.0.0.1:${port}`) as [string, string];
  try {
    const found = [...(await whileChanging(redis, one, two)), await whileWriting(redis, one)];
    publish("pauses", report(found));
  } finally {
    for (const backend of backends) await backend.dispose();
    await redis.dispose();
  }
}

/** Nothing; then all routes that the node holds are changed at once. */
async function whileChanging(redis: RedisServer, before: string, after: string): Promise<Pauses[]> {
  const nginx = await startNginx(config({ redis: redis.url }));
  try {
    const idle = await pausesOf(nginx, "nothing goes on", () => sleep(1000 * IDLE_SECONDS));
    await writeRoutes(redis, HELD, before);
    await holdAll(nginx);
    const change = async () => {
      await writeRoutes(redis, HELD, after);
      await eventually(() => serves(nginx, hostName(HELD), "two"), 60_000);
    };
    const changing = await pausesOf(nginx, `${grouped(HELD)} routes it holds are changed at once`, change);
    for (const n of [1, HELD / 2, HELD]) await serves(nginx, hostName(n), "two");
    return [idle, changing];
  } finally {
    await nginx.dispose();
  }
}

async function whileWriting(redis: RedisServer, target: string): Promise<Pauses> {
  await writeRoutes(redis, IN_REDIS, target);
  const write = (place: Place) => config({ redis: redis.url, ...snapshotAt(place) })(place);
  const nginx = await startNginx(write);
  try {
    const version = () => statSync(join(nginx.directory, SNAPSHOT)).mtimeMs;
    // The first is written from the start on. This one is written while the probe is there to see it.
    const first = await eventually(version, 120_000);
    const rewrite = async () => {
      await redis.command("SET", "route:another.bench.example", target);
      await eventually(() => {
        if (version() === first) throw new Error("no new snapshot");
      }, 120_000);
    };
    return await pausesOf(nginx, `a snapshot of ${grouped(IN_REDIS)} routes is written`, rewrite);
  } finally {
    await nginx.dispose();
  }
}

function snapshotAt(place: Place): Settings {
  return { snapshot: join(place.directory, SNAPSHOT), snapshot_interval: 0.1 };
}

function config(settings: Settings): (place: Place) => string {
  return signpostConfig({
    settings,
    server: `access_log off; keepalive_requests 1000000000;
    location = /probe { content_by_lua_file ${join(checkout, "bench", "probe.lua")}; }
    location = /held { content_by_lua_block { ngx.say(#ngx.shared.signpost_records:get_keys(0)) } }`,
  });
}

async function pausesOf(nginx: NginxServer, name: string, action: () => Promise<unknown>): Promise<Pauses> {
  console.log(name);
  const probe = (path: string) => request(nginx.port, { host: "probe.test", path, withinMs: 600_000 });
  const answer = probe("/probe");
  await sleep(100);
  const began = performance.now();
  await action();
  const seconds = (performance.now() - began) / 1000;
  await probe("/probe?stop=1");
  const words = (await answer).body.split(" ").map(Number) as [number, number, number, number, number];
  const [turns, wallMs, wallLong, cpuMs, cpuLong] = words;
  return {
    name,
    seconds,
    turns,
    wall: { longestMs: wallMs, long: wallLong },
    cpu: { longestMs: cpuMs, long: cpuLong },
  };
}

/** Asks for every host in turn, until the node holds them all. */
async function holdAll(nginx: NginxServer): Promise<void> {
  const load = startLoad(nginx.port, { host: HELD, connections: 8, seconds: 120 });
  const held = async () => Number((await request(nginx.port, { host: "probe.test", path: "/held" })).body);
  let count = 0;
  for (let attempt = 0; attempt < 120 && count < HELD; attempt += 1) {
    await sleep(1000);
    count = await held();
  }
  const { failed } = await load.stop();
  if (count < HELD || failed > 0) throw new Error(`${count} of ${HELD} routes are held; ${failed} requests failed`);
}

async function serves(nginx: NginxServer, host: string, name: string): Promise<void> {
  const { body } = await request(nginx.port, { host });
  if (body.trim() !== name) throw new Error(`${host} is served by ${body}`);
}

function report(found: readonly Pauses[]): string {
  const row = ({ name, seconds, turns, wall, cpu }: Pauses) =>
    [name, seconds.toFixed(1), grouped(turns), wall.longestMs, wall.long, cpu.longestMs.toFixed(1), cpu.long] as const;
  return `## Pauses

\`make bench-pauses\`: how long a worker is kept from its requests. It is the only one of its node, so all that Signpost
does beside requests is done in it. A light thread sleeps for 1 ms again and again; what the turn takes beyond that is the
pause. The wall clock (whole milliseconds) also counts what other processes take of the machine; CPU time is what the worker
itself has used in the turn.

${table([
  ["while", "s", "turns", "longest, ms", "over 10 ms", "longest by CPU time, ms", "over 10 ms by CPU time"],
  ...found.map(row),
])}`;
}

function grouped(value: number): string {
  return value.toLocaleString("en");
}

await main();
