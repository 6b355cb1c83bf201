import type { Result } from "../result";
import { type Address, printAddress, printHostPort } from "../routing/address";
import { numberText } from "../settings/text";
import type { Check } from "./check_schedule";
import type { StatusSet } from "./option_values";
import type { PoolSpec } from "./pool_spec";

/** A check that asks a peer for a path. */
export interface ProbeCheck extends Check {
  readonly address: Address;
  /** The `Host` that is sent. */
  readonly hostHeader: string;
  readonly path: string;
  /** The answers that say that the peer is well. */
  readonly statuses: StatusSet;
}

/**
 * Makes a check, within its timeout. Yields.
 * @returns the HTTP status; `failed`: there was no answer, and the detail says why
 */
export type Probe = (this: void, check: ProbeCheck) => Result<number, "failed">;

/**
 * @returns a check for each member that gets requests; none for a pool without `health_path`. Checks of several pools
 * have the same `id` only if all that is asked and all that is made of the answer is the same.
 */
export function checksOf(spec: PoolSpec): readonly ProbeCheck[] {
  const checks: ProbeCheck[] = [];
  const path = spec.healthPath;
  if (path === undefined) return checks;
  const rules = rulesText(spec, path);
  for (const { address, weight } of spec.members) {
    if (weight > 0) checks.push(newCheck(address, path, spec, rules));
  }
  return checks;
}

/** What is the same for all members. No part has a blank in it but the last, so that different rules differ in text. */
function rulesText(spec: PoolSpec, path: string): string {
  const interval = numberText(spec.healthInterval);
  const timeout = numberText(spec.healthTimeout);
  return `${path} ${interval} ${timeout} ${spec.rise} ${spec.fall} ${statusesText(spec.healthStatus)}`;
}

function statusesText(statuses: StatusSet): string {
  const listed: number[] = [];
  for (const [status] of pairs(statuses)) listed.push(status);
  table.sort(listed);
  return table.concat(listed, " ");
}

function newCheck(address: Address, path: string, spec: PoolSpec, rules: string): ProbeCheck {
  const peer = printAddress(address);
  const hostHeader = spec.host ?? printHostPort(address);
  return {
    id: `${peer} ${hostHeader} ${rules}`,
    peer,
    address,
    hostHeader,
    path,
    statuses: spec.healthStatus,
    interval: spec.healthInterval,
    timeout: spec.healthTimeout,
    rise: spec.rise,
    fall: spec.fall,
  };
}
