import assert from "node:assert/strict";
import { eventually, timePasses } from "./eventually.js";
import type { Answer } from "./http_client.js";
import type { NginxServer } from "./nginx_server.js";

/** For a site's `location`: answers tell which worker they are from. {@link everyWorker} needs it. */
export const SHOW_WORKER = "      add_header x-worker $pid always;";

/** What came of one request of a load. */
export interface Outcome {
  /** The status, or 0 when there was no answer. */
  readonly status: number;
  /** The answer's body; or why there was no answer. */
  readonly body: string;
  /** When it was sent, and how long until the whole answer was there: milliseconds on `performance.now`'s clock. */
  readonly sentAt: number;
  readonly tookMs: number;
}

/** Requests that are sent steadily. */
export interface Load {
  /**
   * Waits until all requests that are under way at the call have been answered, and `count` of those sent later.
   *
   * @param withinMs how long that may take, in milliseconds
   */
  answers(count: number, withinMs?: number): Promise<void>;
}

/**
 * Sends requests steadily while something else happens, four at a time, each a few milliseconds after the one before,
 * and until they have all been answered.
 *
 * @param send one request
 * @param action what happens meanwhile; the load ends with it
 * @returns what came of every request, in the order of the answers
 */
export async function underLoad(
  send: () => Promise<Answer>,
  action: (load: Load) => Promise<unknown>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const underWay = new Set<{ readonly sentAt: number }>();
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const sent = { sentAt: performance.now() };
      underWay.add(sent);
      outcomes.push(await outcomeOf(send));
      underWay.delete(sent);
      await timePasses(5);
    }
  };
  const answers: Load["answers"] = async (count, withinMs) => {
    const since = performance.now();
    await eventually(() => {
      const later = outcomes.filter(({ sentAt }) => sentAt > since).length;
      const old = [...underWay].filter(({ sentAt }) => sentAt <= since).length;
      assert.ok(old === 0 && later >= count, `${later} answers, not ${count}; ${old} of before are under way`);
    }, withinMs);
  };
  const clients = [client(), client(), client(), client()];
  try {
    await action({ answers });
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
  return outcomes;
}

/** Sends requests as {@link underLoad} does, until `count` have been answered. */
export async function steadily(count: number, send: () => Promise<Answer>): Promise<Outcome[]> {
  return await underLoad(send, ({ answers }) => answers(count, LOAD_WITHIN_MS));
}

/** Sends one request for each item, all of them at once. */
export async function atOnce<T>(items: readonly T[], send: (item: T) => Promise<Answer>): Promise<Outcome[]> {
  return await Promise.all(items.map((item) => outcomeOf(() => send(item))));
}

/** How long a load of {@link steadily} may take, in milliseconds. */
const LOAD_WITHIN_MS = 120_000;

/** How many requests of a sample are under way at once. */
const SAMPLED_AT_ONCE = 20;

/**
 * Sends one request for each item, twenty at a time.
 *
 * @returns what came of each, in the order of the items
 */
export async function inTurn<T>(items: readonly T[], send: (item: T) => Promise<Answer>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let i = 0; i < items.length; i += SAMPLED_AT_ONCE) {
    outcomes.push(...(await atOnce(items.slice(i, i + SAMPLED_AT_ONCE), send)));
  }
  return outcomes;
}

/** Sends so many requests, twenty at a time, and counts the answers as {@link tally} does. */
export async function sample(count: number, send: () => Promise<Answer>): Promise<Record<string, number>> {
  return tally(await inTurn(Array.from({ length: count }), send));
}

/** Sends a request; that there is no answer is an outcome too. */
export async function outcomeOf(send: () => Promise<Answer>): Promise<Outcome> {
  const sentAt = performance.now();
  const { status, body } = await send().catch((error: unknown) => ({ status: 0, body: String(error) }));
  return { status, body, sentAt, tookMs: performance.now() - sentAt };
}

/**
 * Sends requests until each of nginx' workers has given a right answer.
 *
 * @throws an Error with what came, when one of them has not within `withinMs` milliseconds
 */
export async function everyWorker(
  nginx: Pick<NginxServer, "workers">,
  send: () => Promise<Answer>,
  right: Pick<Answer, "status"> & Partial<Pick<Answer, "body">>,
  withinMs?: number,
): Promise<void> {
  const seen = new Set<number>();
  await eventually(async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    for (const { status, body, headers } of answers) {
      if (status === right.status && body === (right.body ?? body)) seen.add(Number(headers["x-worker"]));
    }
    const others = nginx.workers().filter((pid) => !seen.has(pid));
    if (others.length > 0)
      throw new Error(`not from worker ${others.join()}; last came ${JSON.stringify(tally(answers))}`);
  }, withinMs);
}

/** How often each answer came, by status and body: `{ "200 red": 12 }`. Short enough for the message of an assertion. */
export function tally(outcomes: readonly Pick<Outcome, "status" | "body">[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of outcomes) {
    const name = `${status} ${body.slice(0, 100).trim()}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** `<prefix>1.test` … `<prefix><count>.test`. */
export function hostNames(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}.test`);
}
