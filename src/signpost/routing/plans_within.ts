import type { ReachProblem } from "../format/reach";
import type { FailurePlan, PathlessPlan, Plan, Planner, TellBad } from "./plan";

/**
 * Refuses plans that lead where the settings do not allow. Records read from Redis are checked when they are read.
 * This is for the others, which serve without being read again: from a snapshot, or from before a reload with other
 * settings.
 */
export function plansWithin<P extends Plan>(
  reach: ReachProblem | undefined,
  planner: Planner<P | FailurePlan>,
  tellBad: TellBad,
): Planner<P | FailurePlan> {
  if (reach === undefined) return planner;
  return (known, before, name) => {
    const plan = planner(known, before, name);
    const problem = problemOf(reach, plan);
    if (problem === undefined) return plan;
    tellBad(name, problem);
    return { kind: "fail", word: "bad_route" };
  };
}

function problemOf(reach: ReachProblem, plan: Plan): string | undefined {
  if (plan.kind !== "paths") return pathlessProblem(reach, plan);
  for (const { to } of plan.paths) {
    const problem = pathlessProblem(reach, to);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function pathlessProblem(reach: ReachProblem, plan: PathlessPlan): string | undefined {
  const to = plan.kind === "with_rules" ? plan.to : plan;
  if (to.kind !== "backends") return undefined;
  for (const { address } of to.definition.members) {
    const problem = reach(address);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
