import type { Result } from "../result";
import { type Address, printAddress, printHostPort } from "../routing/address";
import { numberText } from "../settings/text";
import type { Check } from "./check_schedule";
import type { OptionValues, StatusSet } from "./option_values";
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
export function checksOf({ members, options }: PoolSpec): readonly ProbeCheck[] {
  const checks: ProbeCheck[] = [];
  const path = options.healthPath;
  if (path === undefined) return checks;
  const rules = rulesText(options, path);
  for (const { address, weight } of members) {
    if (weight > 0) checks.push(newCheck(address, path, options, rules));
  }
  return checks;
}

/** What is the same for all members. No part has a blank in it but the last, so that different rules differ in text. */
function rulesText(options: OptionValues, path: string): string {
  const interval = numberText(options.healthInterval);
  const timeout = numberText(options.healthTimeout);
  return `${path} ${interval} ${timeout} ${options.rise} ${options.fall} ${statusesText(options.healthStatus)}`;
}

function statusesText(statuses: StatusSet): string {
  const listed: number[] = [];
  for (const [status] of pairs(statuses)) listed.push(status);
  table.sort(listed);
  return table.concat(listed, " ");
}

function newCheck(address: Address, path: string, options: OptionValues, rules: string): ProbeCheck {
  const peer = printAddress(address);
  const hostHeader = options.host ?? printHostPort(address);
  return {
    id: `${peer} ${hostHeader} ${rules}`,
    peer,
    address,
    hostHeader,
    path,
    statuses: options.healthStatus,
    interval: options.healthInterval,
    timeout: options.healthTimeout,
    rise: options.rise,
    fall: options.fall,
  };
}
