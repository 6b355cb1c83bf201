import type { Said } from "./worker_line.js";

/**
 * What was written and answered, in the order it happened, checked as it comes: no answer may be older than one that
 * had ended on the same node before it was asked for, nor older than what had been written long enough before.
 *
 * A version is a number, larger with each change of the route, which says it as {@link textOf} has it: no status can be
 * taken for one. A removed route says 404, which can be any of the removals: it is taken for the oldest that is not too
 * old, so that a violation is never claimed where there is none.
 */
export interface History {
  /** @returns the version that the route is about to be given */
  writing(host: string, kind: "text" | "removal"): number;
  /** Redis has said that the change was made. */
  written(host: string, version: number): void;
  /** A request is about to be sent. */
  asking(node: number, host: string): Question;
  answered(question: Question, answer: Said): void;
  /** What a route must say once all is quiet. */
  last(host: string): string;
  /** How many answers were checked. */
  answers(): number;
  /** What was wrong, each with what was answered before. */
  readonly violations: readonly string[];
}

/** One request, from before it was sent. */
export interface Question {
  readonly node: number;
  readonly host: string;
  /** What it may not be older than. */
  readonly floor: number;
  readonly askedAt: number;
}

interface Route {
  version: number;
  /** Versions in which it did not exist; the first is that before anything was written. */
  readonly removals: number[];
  /** Changes that Redis has confirmed, oldest first; of those that every node must know by now, only the newest. */
  readonly confirmed: { readonly version: number; readonly at: number }[];
  /** The newest version that an answer has ended with, by node. */
  readonly seen: number[];
  readonly events: string[];
}

/** How many events of a route are told with a violation. */
const TOLD = 30;

/** What a route says in a version: `v12`. */
export function textOf(version: number): string {
  return `v${version}`;
}

/** @returns the version; NaN of what is none */
function versionOf(said: string): number {
  return Number(/^v(\d+)$/.exec(said)?.[1] ?? NaN);
}

/** @param boundMs within how many milliseconds a change must be seen everywhere */
export function newHistory(boundMs: number): History {
  const routes = new Map<string, Route>();
  const violations: string[] = [];
  let answers = 0;

  function routeOf(host: string): Route {
    const route = routes.get(host) ?? { version: 0, removals: [0], confirmed: [], seen: [], events: [] };
    routes.set(host, route);
    return route;
  }

  function note(route: Route, event: string): void {
    route.events.push(`${performance.now().toFixed(1)} ${event}`);
    if (route.events.length > TOLD) route.events.shift();
  }

  /** What every node must know by now. */
  function due({ confirmed }: Route): number {
    const before = performance.now() - boundMs;
    while (confirmed[1] !== undefined && confirmed[1].at <= before) confirmed.shift();
    return confirmed[0] !== undefined && confirmed[0].at <= before ? confirmed[0].version : 0;
  }

  function writing(host: string, kind: "text" | "removal"): number {
    const route = routeOf(host);
    route.version += 1;
    if (kind === "removal") route.removals.push(route.version);
    note(route, `writing ${route.version}, a ${kind}`);
    return route.version;
  }

  function written(host: string, version: number): void {
    const route = routeOf(host);
    route.confirmed.push({ version, at: performance.now() });
    note(route, `written ${version}`);
  }

  function asking(node: number, host: string): Question {
    const route = routeOf(host);
    return { node, host, floor: Math.max(route.seen[node] ?? 0, due(route)), askedAt: performance.now() };
  }

  function answered({ node, host, floor, askedAt }: Question, { said, worker, cache }: Said): void {
    answers += 1;
    const route = routeOf(host);
    const version = said === "404" ? route.removals.find((removal) => removal >= floor) : versionOf(said);
    const asked = `asked at ${askedAt.toFixed(1)} with no older than ${floor}`;
    note(route, `node ${node}, worker ${worker}, ${cache}: ${said} (${asked})`);
    if (version === undefined || !(version >= floor && version <= route.version)) {
      violations.push([`${host} on node ${node} said ${said}`, ...route.events].join("\n  "));
    } else {
      route.seen[node] = Math.max(route.seen[node] ?? 0, version);
    }
  }

  function last(host: string): string {
    const { version, removals } = routeOf(host);
    return removals.at(-1) === version ? "404" : textOf(version);
  }

  return { writing, written, asking, answered, last, answers: () => answers, violations };
}
