import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { clusterSuite, type Cluster } from "./support/cluster.js";
import type { ClusterNode } from "./support/cluster_node.js";
import { WORKER_KILLED } from "./support/error_log.js";
import { eventually, timePasses } from "./support/eventually.js";
import { request } from "./support/http_client.js";
import { tally, underLoad } from "./support/load.js";
import { isChecked, isCheckedOncePerInterval, makePool, startPatient, type Patient } from "./support/patient.js";
import { ownerOfPort } from "./support/processes.js";

// Which workers make active health checks, and that there is always one. When they are made is in
// health_check_turns.test.ts.

const KILLED = { allow: WORKER_KILLED };

/** A check lasts until it is known whose it is, which takes a busy machine some time. */
const LASTING = { health_timeout: 10 };

/** Remembers which of some nodes' workers have checked a patient, by the nodes' order. */
function checkersOf(patient: Patient, nodes: readonly ClusterNode[]): Set<number>[] {
  const checkers = nodes.map(() => new Set<number>());
  patient.onCheck = async (port) => {
    const owners = await Promise.all(nodes.map((node) => ownerOfPort(port, node.workers())));
    owners.forEach((pid, i) => {
      if (pid !== undefined) checkers[i]?.add(pid);
    });
  };
  return checkers;
}

/** A cluster's pool of one member, and a request for it. Each test has another: nodes remember for a minute what was used. */
async function onePatient(cluster: Cluster, context: TestContext, pool: string) {
  const patient = await startPatient(context, "patient");
  await makePool(cluster.redis, context, pool, [patient.address], LASTING);
  const ask = (node: ClusterNode) => request(node.port, { host: `${pool}.test` });
  return { patient, ask };
}

clusterSuite("the worker that checks a pool", { nodes: 2, workers: 2 }, (test) => {
  test("is one of each node whose requests use it", async (cluster, context) => {
    const patient = await startPatient(context, "patient");
    const [one, other] = cluster.nodes as [ClusterNode, ClusterNode];
    const checkers = checkersOf(patient, cluster.nodes);
    // Several, begun one after the other, so that two workers who both check would not leave all of them to one.
    const pools = Array.from({ length: 50 }, (_, i) => `nodes${i}`);
    for (const pool of pools) await makePool(cluster.redis, context, pool, [patient.address], LASTING);
    const use = async (node: ClusterNode) => {
      for (const pool of pools) {
        await request(node.port, { host: `${pool}.test` });
        await timePasses(30);
      }
    };
    // What was not used for a minute is checked no more.
    const whileUsed = async (nodes: readonly ClusterNode[], action: () => Promise<void>) => {
      let isOver = false;
      const uses = nodes.map(async (node) => {
        while (!isOver) await use(node);
      });
      await action().finally(() => (isOver = true));
      await Promise.all(uses);
    };
    await use(one);
    await whileUsed([one], () => isCheckedOncePerInterval(patient));
    assert.deepEqual(sizes(checkers), [1, 0]);
    await use(other);
    await whileUsed([one, other], () => isCheckedOncePerInterval(patient, 2));
    assert.deepEqual(sizes(checkers), [1, 1]);
  });

  test(
    "is replaced within seconds when it is killed",
    async (cluster, context) => {
      const { patient, ask } = await onePatient(cluster, context, "killed");
      const [node] = cluster.nodes as [ClusterNode];
      await underLoad(
        () => ask(node),
        () => killsChecker(patient, node),
      );
    },
    KILLED,
  );

  test(
    "is replaced within seconds when it is killed, though no request comes meanwhile",
    async (cluster, context) => {
      const { patient, ask } = await onePatient(cluster, context, "quiet");
      const [node] = cluster.nodes as [ClusterNode];
      await ask(node);
      await killsChecker(patient, node);
    },
    KILLED,
  );

  test("is replaced when nginx reloads, and checks go on, once per interval", async (cluster, context) => {
    const { patient, ask } = await onePatient(cluster, context, "reloaded");
    const [node] = cluster.nodes as [ClusterNode];
    await underLoad(
      () => ask(node),
      async () => {
        await isChecked(patient);
        for (let i = 0; i < 3; i++) {
          await node.reload();
          const [checkers] = checkersOf(patient, [node]) as [Set<number>];
          await isChecked(patient);
          await isCheckedOncePerInterval(patient);
          assert.equal(checkers.size, 1);
          assert.ok(node.workers().includes([...checkers][0] as number));
        }
      },
    );
  });

  test("leaves to the next which members are out: they get no request meanwhile", async (cluster, context) => {
    const [node] = cluster.nodes as [ClusterNode];
    const [well, sick] = [await startPatient(context, "well"), await startPatient(context, "sick")];
    await makePool(cluster.redis, context, "left", [well.address, sick.address]);
    const ask = () => request(node.port, { host: "left.test" });
    sick.health = 500;
    await ask();
    await sick.checkedAgain(4);
    const served = sick.servedAt.length;
    const outcomes = await underLoad(ask, async () => {
      for (let i = 0; i < 3; i++) {
        await node.reload();
        await sick.checkedAgain(5);
      }
    });
    assert.deepEqual(Object.keys(tally(outcomes)), ["200 well"]);
    assert.equal(sick.servedAt.length, served);
  });

  test("goes on while Redis is down", async (cluster, context) => {
    const { patient, ask } = await onePatient(cluster, context, "lost");
    const [node] = cluster.nodes as [ClusterNode];
    await ask(node);
    await isChecked(patient);
    await cluster.redis.kill();
    try {
      await isCheckedOncePerInterval(patient);
      assert.equal((await ask(node)).body, "patient");
    } finally {
      await cluster.redis.start();
    }
  });
});

/** Kills the worker that checks, and makes sure that another does so soon, once per interval. */
async function killsChecker(patient: Patient, node: ClusterNode): Promise<void> {
  const [before] = checkersOf(patient, [node]) as [Set<number>];
  const killed = await eventually(() => [...before][0] ?? assert.fail("no check whose worker is known"));
  await node.killWorker(killed);
  const [after] = checkersOf(patient, [node]) as [Set<number>];
  await isChecked(patient);
  await isCheckedOncePerInterval(patient);
  assert.equal(after.size, 1);
  assert.ok(!after.has(killed));
}

function sizes(sets: readonly ReadonlySet<number>[]): number[] {
  return sets.map(({ size }) => size);
}
