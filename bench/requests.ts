import { execFileSync } from "node:child_process";
import { startNginx } from "../spec/e2e/support/nginx_server.js";
import { startRedis, type RedisServer } from "../spec/e2e/support/redis_server.js";
import {
  backend,
  emptySnippets,
  fixedUpstream,
  haproxy,
  postOf2012,
  signpost,
  type Proxy,
  type World,
} from "./contenders.js";
import { keepTo, REST } from "./cores.js";
import { has, instructionsPerRequest, startProxy, type RunningProxy } from "./proxies.js";
import { publish, quantile, table } from "./results.js";
import { writeRoutes } from "./routes.js";
import { startLoad } from "./wrk.js";

const FEW_HOSTS = 10;
const HOSTS = 1000;
const MANY_ROUTES = 1_000_000;
const CONNECTIONS = 16;
const SECONDS = 1;
const ROUNDS = Number(process.argv[2] ?? 20);

/** One line of the table. */
interface Contender {
  readonly name: string;
  readonly proxy: Proxy;
  /** How many hosts are asked for in turn. */
  readonly hosts: number;
}

/** What one contender took in one round. */
interface Taken {
  /** Of the process that does the work, for one request. */
  readonly cpuMicroseconds: number;
  readonly requestsPerSecond: number;
}

/**
 * What a request costs the process that proxies it. The contenders take turns, so that whatever else the machine does
 * meets all of them; each is compared with the first of the same round.
 */
async function main(): Promise<void> {
  const disposables: { dispose(): Promise<void> }[] = [];
  const kept = <T extends { dispose(): Promise<void> }>(one: T): T => {
    disposables.push(one);
    return one;
  };
  try {
    keepTo(REST, process.pid);
    const few = kept(await startRedis());
    const many = kept(await startRedis());
    const behind = kept(await startNginx(backend().config));
    const address = `127.0.0.1:${behind.port}`;
    await writeRoutes(few, HOSTS, address);
    await writeRoutes(few, HOSTS, address, "");
    await writeRoutes(many, MANY_ROUTES, address);
    const contenders = lineUp({ backend: address, redis: `127.0.0.1:${few.port}` }, `127.0.0.1:${many.port}`);
    const running = new Map<Proxy, RunningProxy>();
    for (const { proxy } of contenders) {
      if (!running.has(proxy)) running.set(proxy, kept(await startProxy(proxy)));
    }
    const { rounds, asked } = await race(contenders, running, [few, many]);
    for (const proxy of running.values()) await proxy.dispose();
    publish("requests", report(contenders, rounds, await countInstructions(contenders), asked));
  } finally {
    for (const one of disposables.reverse()) await one.dispose();
  }
}

function lineUp(world: World, manyRoutes: string): Contender[] {
  const fixed = fixedUpstream(world);
  const cached = signpost(world);
  const ofMany = signpost({ ...world, redis: manyRoutes });
  const contenders = [
    { name: "static `upstream` with `keepalive`", proxy: fixed, hosts: HOSTS },
    { name: `the same, ${FEW_HOSTS} hosts`, proxy: fixed, hosts: FEW_HOSTS },
    { name: `Signpost, ${FEW_HOSTS} hosts`, proxy: cached, hosts: FEW_HOSTS },
    { name: `Signpost, ${FEW_HOSTS} hosts of ${grouped(MANY_ROUTES)} routes`, proxy: ofMany, hosts: FEW_HOSTS },
    { name: `Signpost, ${grouped(HOSTS)} hosts`, proxy: cached, hosts: HOSTS },
    { name: `Signpost, ${grouped(HOSTS)} hosts of ${grouped(MANY_ROUTES)} routes`, proxy: ofMany, hosts: HOSTS },
    { name: "the snippets of Signpost, empty Lua", proxy: emptySnippets(world), hosts: HOSTS },
    { name: "the post of 2012", proxy: postOf2012(world), hosts: HOSTS },
  ];
  if (has("haproxy")) {
    contenders.push({ name: `HAProxy ${haproxyVersion()}, a map`, proxy: haproxy(world, HOSTS), hosts: HOSTS });
  }
  return contenders;
}

/** @returns for each round what each contender took, and what Redis was asked meanwhile */
async function race(
  contenders: readonly Contender[],
  running: ReadonlyMap<Proxy, RunningProxy>,
  redis: readonly RedisServer[],
): Promise<{ rounds: Taken[][]; asked: Record<string, number>[] }> {
  const run = (contender: Contender) => measure(contender, running.get(contender.proxy) as RunningProxy);
  for (const contender of contenders) await run(contender);
  const rounds: Taken[][] = [];
  const asked = await countedBy(redis, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const taken: Taken[] = [];
      for (const at of turns(round, contenders.length)) taken[at] = await run(contenders[at] as Contender);
      rounds.push(taken);
      process.stdout.write(`\rround ${round + 1} of ${ROUNDS}`);
    }
    console.log();
  });
  return { rounds, asked };
}

/** Who comes when: another one first in each round, and forwards and backwards in turn. */
function turns(round: number, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => (i + round) % count);
  return round % 2 === 0 ? order : order.reverse();
}

/** @returns for each Redis which commands it was given while `action` ran */
async function countedBy(
  redis: readonly RedisServer[],
  action: () => Promise<void>,
): Promise<Record<string, number>[]> {
  const [first, ...others] = redis;
  if (first === undefined) {
    await action();
    return [];
  }
  let counts: Record<string, number>[] = [];
  const ofFirst = await first.countCommands(async () => {
    counts = await countedBy(others, action);
  });
  return [ofFirst, ...counts];
}

async function measure({ name, hosts }: Contender, proxy: RunningProxy): Promise<Taken> {
  const before = proxy.cpuSeconds();
  const load = startLoad(proxy.port, { host: hosts, connections: CONNECTIONS, seconds: SECONDS });
  const { requests, failed, requestsPerSecond } = await load.finished;
  if (requests === 0 || failed > 0) throw new Error(`${name}: ${failed} of ${requests} requests failed`);
  return { cpuMicroseconds: (1e6 * (proxy.cpuSeconds() - before)) / requests, requestsPerSecond };
}

/** @returns for each contender, as long as the machine has valgrind */
async function countInstructions(contenders: readonly Contender[]): Promise<number[]> {
  const counts: number[] = [];
  if (!has("valgrind")) return counts;
  for (const { name, proxy, hosts } of contenders) {
    console.log(`callgrind: ${name}`);
    counts.push(await instructionsPerRequest(proxy, hosts));
  }
  return counts;
}

function report(
  contenders: readonly Contender[],
  rounds: readonly (readonly Taken[])[],
  instructions: readonly number[],
  asked: readonly Record<string, number>[],
): string {
  const of = (i: number, pick: (taken: Taken) => number) => rounds.map((round) => pick(round[i] as Taken));
  const cpu = (i: number) => of(i, ({ cpuMicroseconds }) => cpuMicroseconds);
  const base = cpu(0);
  const rows = contenders.map(({ name }, i) => {
    const ratios = cpu(i).map((microseconds, round) => microseconds / (base[round] as number));
    const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
    const perSecond = of(i, ({ requestsPerSecond }) => requestsPerSecond);
    return [
      name,
      median,
      `${low} to ${high}`,
      ...counted(instructions, i),
      grouped(quantile(perSecond, 0.5)),
    ] as string[];
  });
  const seen = asked.map((counts, i) => {
    const commands = Object.entries(counts).map(([command, n]) => `${command} ${n}, `);
    return `${commands.join("")}with ${grouped(i === 0 ? HOSTS : MANY_ROUTES)} routes`;
  });
  return `## Cost of a request

\`make bench\`: what a request costs the process that proxies it, as a ratio to nginx with a static \`upstream\`, which is the
limit. One nginx worker each (HAProxy: one thread), all before the same nginx, ${CONNECTIONS} kept client connections, 25-byte
hosts asked for in turn, the same request headers set (the post: its own). ${ROUNDS} rounds of ${SECONDS} s each in turn; the
median of the rounds' ratios, and between which two half of them lie. The second line is how far the measure can be trusted.
With empty Lua, the snippets enter rewrite, balancer and log and do nothing there: what is more than that is Signpost's own.

${table([["", "CPU time", "half of the rounds", "instructions", "ratio", "requests a second"], ...rows])}

CPU time is that of user space and kernel; 1.00 is ${quantile(base, 0.5).toFixed(1)} µs. Instructions are those of user space
alone, counted by callgrind with one connection. The process that is measured has a core to itself; the load, the backend
and Redis are on another.

While ${grouped(rounds.length * contenders.length * SECONDS)} s of cached requests were served, Redis saw: ${seen.join("; ")}.`;
}

function counted(instructions: readonly number[], i: number): [count: string, ratio: string] {
  const [base, count] = [instructions[0], instructions[i]];
  return base === undefined || count === undefined ? ["", ""] : [grouped(count), (count / base).toFixed(2)];
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function haproxyVersion(): string {
  return /version (\d+\.\d+)/.exec(execFileSync("haproxy", ["-v"], { encoding: "utf8" }))?.[1] ?? "";
}

await main();
