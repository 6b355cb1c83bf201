import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { sayName, startBackend, type Backend, type BackendOptions, type Handler, type SeenRequest } from "./backend.js";
import { eventually, quietFor, timePasses } from "./eventually.js";
import { withFreePort } from "./ports.js";
import type { RedisServer } from "./redis_server.js";

/** The `health_path` of the tests' pools: what asks for it is a check, all else a request. */
export const HEALTH_PATH = "/health?deep=1";

/** The least there may be, in seconds. */
export const INTERVAL = 0.5;

export const INTERVAL_MS = INTERVAL * 1_000;

/** How long a check may take in the tests' pools, in seconds: longer than a backend that answers ever takes. */
export const TIMEOUT = 1;

/** How many checks are waited for to see how often they come, and how many more may have come: one that was late is made up for. */
const COUNTED = 10;
const MORE = 3;

/** How long what is to happen once per interval may take: a machine that is busy makes checks late. */
const SLOW = 8;

/** A backend that is ill or well as a test says, and that tells checks from requests. */
export interface Patient {
  readonly name: string;
  readonly port: number;
  /** As written in a pool: `127.0.0.1:<port>`. */
  readonly address: string;
  /** The status it answers checks with; 204 unless changed. It answers requests with its name whatever this is. */
  health: number;
  /** While true, it answers nothing, neither requests nor checks. */
  hangs: boolean;
  /** Called for each check, with the port at nginx' end. The check is answered when this has finished. */
  onCheck: (port: number) => void | Promise<void>;
  /** When checks came, and when requests: milliseconds on `performance.now`'s clock. */
  readonly checkedAt: readonly number[];
  readonly servedAt: readonly number[];
  /** The check it saw last. Throws when there was none. */
  lastCheck(): SeenRequest;
  /**
   * Waits for so many more checks to come.
   *
   * @throws an Error when they do not within `withinMs` milliseconds
   */
  checkedAgain(times?: number, withinMs?: number): Promise<void>;
  /** Connections to it are refused from now on, and those there are break. */
  die(): Promise<void>;
  /** Listens again, on the same port. */
  revive(): Promise<void>;
}

/** Starts a patient, which dies with the test. */
export function startPatient(
  context: TestContext,
  name: string,
  options: Pick<BackendOptions, "tls"> = {},
): Promise<Patient> {
  return withFreePort(async (port) => {
    const [checkedAt, servedAt]: [number[], number[]] = [[], []];
    let backend: Backend;
    let check: SeenRequest | undefined;

    const answerCheck: Handler = async (request, response) => {
      const now = performance.now();
      check = backend.lastRequest();
      await patient.onCheck(request.socket.remotePort ?? 0);
      checkedAt.push(now);
      if (!patient.hangs) response.writeHead(patient.health).end();
    };
    const answerRequest: Handler = async (request, response) => {
      servedAt.push(performance.now());
      if (!patient.hangs) await sayName(name)(request, response);
    };
    const handler: Handler = (request, response) =>
      (request.url === HEALTH_PATH ? answerCheck : answerRequest)(request, response);

    const patient: Patient = {
      name,
      port,
      address: `127.0.0.1:${port}`,
      health: 204,
      hangs: false,
      onCheck: () => {},
      checkedAt,
      servedAt,
      lastCheck: () => {
        if (check === undefined) throw new Error(`no check of ${name}`);
        return check;
      },
      checkedAgain: async (times = 1, withinMs?: number) => {
        const before = checkedAt.length;
        await eventually(() => {
          const more = checkedAt.length - before;
          if (more < times) throw new Error(`${more} more checks of ${name}, not ${times}`);
        }, withinMs);
      },
      die: () => backend.close(),
      revive: async () => {
        backend = await startBackend(name, { ...options, port, handler });
      },
    };
    await patient.revive();
    context.after(() => patient.die());
    return patient;
  });
}

/** Options of a pool, beside those of {@link makePool}. */
export type PoolOptions = Readonly<Record<string, string | number>>;

/**
 * Writes `pool:<name>`, and the route `<name>.test` to it. Its members are checked; they all have weight 1. It is deleted
 * with the test.
 */
export async function makePool(
  redis: RedisServer,
  context: TestContext,
  name: string,
  members: readonly string[],
  options: PoolOptions = {},
): Promise<void> {
  const checks = { health_path: HEALTH_PATH, health_interval: INTERVAL, health_timeout: TIMEOUT };
  const fields = Object.entries({ ...Object.fromEntries(members.map((member) => [member, 1])), ...checks, ...options });
  await redis.command("HSET", `pool:${name}`, ...fields.flat());
  await redis.command("SET", `route:${name}.test`, `@${name}`);
  context.after(async () => {
    await redis.command("DEL", `pool:${name}`);
  });
}

/** Waits, and counts the checks that come meanwhile. */
export async function countChecks(patient: Patient, forMs: number): Promise<number> {
  const before = patient.checkedAt.length;
  await timePasses(forMs);
  return patient.checkedAt.length - before;
}

/**
 * Makes sure that a patient is checked, and again after that.
 *
 * @throws an Error when it is not
 */
export async function isChecked(patient: Patient): Promise<void> {
  await patient.checkedAgain(2);
}

/**
 * Makes sure that a patient is checked once per interval by each of so many nodes: one, unless `nodes` says otherwise. Never
 * more often, however long it takes; and not so much more seldom that it is not for lack of a processor.
 *
 * @throws an AssertionError
 */
export async function isCheckedOncePerInterval(patient: Patient, nodes = 1): Promise<void> {
  const [before, began] = [patient.checkedAt.length, performance.now()];
  await patient.checkedAgain(nodes * COUNTED, SLOW * COUNTED * INTERVAL_MS);
  const [count, ms] = [patient.checkedAt.length - before, performance.now() - began];
  const most = (nodes * ms) / INTERVAL_MS + MORE;
  assert.ok(count <= most, `${count} checks, not ${Math.floor(most)} at most, in ${Math.round(ms)} ms`);
}

/**
 * Makes sure that a patient is no longer checked.
 *
 * @throws an AssertionError
 */
export async function isNotChecked(patient: Patient): Promise<void> {
  const before = patient.checkedAt.length;
  await quietFor(4 * INTERVAL_MS);
  assert.equal(patient.checkedAt.length - before, 0, `checks of ${patient.name}`);
}

/**
 * Waits until a patient is no longer checked.
 *
 * @throws an AssertionError when it goes on being checked
 */
export async function isCheckedNoMore(patient: Patient): Promise<void> {
  await eventually(() => isNotChecked(patient));
}
