import { startLoad, type Load } from "./wrk.js";
import { startNodes, type Line, type Nodes } from "./nodes.js";
import { publish, quantile, table } from "./results.js";

const CHANGES = 1000;
/** Each change is of another host than the last: a name that changes again within 20 ms is put off on purpose. */
const HOSTS = Array.from({ length: 200 }, (_, i) => `changing${i}.test`);

/**
 * From the write's reply to the first request that each worker of two nodes serves by the new backend; and for
 * comparison the same sweep of requests when nothing has changed. Milliseconds.
 */
async function main(): Promise<void> {
  const nodes = await startNodes();
  try {
    const idle = await measure(nodes);
    const load = await loadOn(nodes);
    const loaded = await measure(nodes);
    await Promise.all(load.map((one) => one.stop()));
    const commands = await commandsSeen(nodes);
    publish("propagation", report(idle, loaded, commands));
  } finally {
    await nodes.dispose();
  }
}

interface Measured {
  readonly changes: readonly number[];
  readonly sweeps: readonly number[];
}

async function measure(nodes: Nodes): Promise<Measured> {
  const changes: number[] = [];
  const sweeps: number[] = [];
  for (let i = -HOSTS.length; i < CHANGES; i += 1) {
    const round = Math.floor(i / HOSTS.length);
    const host = HOSTS[i - round * HOSTS.length] as string;
    const backend = round % 2 === 0 ? nodes.backends[0] : nodes.backends[1];
    await nodes.redis.command("SET", `route:${host}`, backend.address);
    const written = performance.now();
    await Promise.all(nodes.lines.map((line) => askUntil(line, host, backend.name)));
    // In the first round, the nodes get to know the hosts.
    if (i < 0) continue;
    changes.push(performance.now() - written);
    const settled = performance.now();
    await Promise.all(nodes.lines.map((line) => line.ask(host)));
    sweeps.push(performance.now() - settled);
  }
  return { changes, sweeps };
}

async function askUntil(line: Line, host: string, name: string): Promise<void> {
  while (!(await line.ask(host)).includes(name));
}

async function loadOn(nodes: Nodes): Promise<Load[]> {
  await nodes.redis.command("SET", "route:busy.test", nodes.backends[0].address);
  return nodes.nginx.map((node) => startLoad(node.port, { host: "busy.test", connections: 8, seconds: 600 }));
}

/** What Redis is asked while cached requests are served, with nothing changing and with changes to other routes. */
async function commandsSeen({ redis, nginx }: Nodes): Promise<readonly (readonly (string | number)[])[]> {
  await redis.command("SET", "route:quiet.test", "return 418");
  const rows: (readonly (string | number)[])[] = [
    ["requests a second", "changes a second", "commands seen from the nodes"],
  ];
  for (const changesPerSecond of [0, 1000]) {
    const seconds = 10;
    let requests = 0;
    const counts = await redis.countCommands(async () => {
      const loads = nginx.map((node) => startLoad(node.port, { host: "quiet.test", connections: 4, seconds }));
      if (changesPerSecond > 0) await changeOthers(redis, changesPerSecond, seconds);
      for (const load of loads) requests += (await load.finished).requests;
    });
    const seen = Object.entries(counts).filter(([name]) => name !== "set");
    rows.push([Math.round(requests / seconds), changesPerSecond, seen.map(([name, n]) => `${name} ${n}`).join(", ")]);
  }
  return rows;
}

async function changeOthers(redis: Nodes["redis"], perSecond: number, seconds: number): Promise<void> {
  const began = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    await redis.command("SET", `route:other${i % 5000}.test`, `return ${500 + (i % 90)}`);
    const early = began + (1000 * i) / perSecond - performance.now();
    if (early > 2) await new Promise((resolve) => setTimeout(resolve, early));
  }
}

function report(idle: Measured, loaded: Measured, commands: readonly (readonly (string | number)[])[]): string {
  const row = (name: string, values: readonly number[]) => [
    name,
    ...[0.5, 0.99, 1].map((part) => quantile(values, part).toFixed(1)),
  ];
  return `## Propagation

\`make bench-propagation\`: 2 nodes × 2 workers, ${CHANGES} changes of ${HOSTS.length} hosts in turn; milliseconds from the write's reply until each worker has
served a request by the new backend. The plain sweep is one such request to each worker with nothing changed: what is more
than that is Signpost's.

${table([
  ["", "p50", "p99", "max"],
  row("idle", idle.changes),
  row("idle, plain sweep", idle.sweeps),
  row("under load (wrk, 8 connections to each node)", loaded.changes),
  row("under load, plain sweep", loaded.sweeps),
])}

Commands that Redis saw in 10 s of cached requests:

${table(commands)}`;
}

await main();
