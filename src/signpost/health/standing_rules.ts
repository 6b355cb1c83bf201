import { numberText } from "../text/numbers";
import type { OptionValues, StatusSet } from "../format/option_values";
import { NO_OPTIONS } from "../format/pool_definition";

/** @returns a short text that nobody can make another text have, in printable characters. */
export type Digest = (this: void, text: string) => string;

/**
 * Names the rules by which a pool judges its members. What is known of a peer belongs to its address and these rules:
 * pools share it only if everything that leads to a verdict is the same. Otherwise whoever writes one pool could take the
 * members of another out.
 *
 * A verdict from statuses is a pool's own, because its requests provoke them: the pool's name is then among the rules.
 *
 * @param owner the pool's name; not looked at unless `fail_on` lists statuses
 * @returns "" for the rules of a pool without options
 */
export function rulesId(options: OptionValues, owner: string, digest: Digest): string {
  if (options === NO_OPTIONS) return "";
  const text = rulesText(options, owner);
  return text === DEFAULT_TEXT ? "" : digest(text);
}

/** What health knows a peer by. A peer's name has no blank, so that no two differ in name and rules and share a key. */
export function healthKey(peerName: string, rules: string): string {
  return rules === "" ? peerName : `${peerName} ${rules}`;
}

const DEFAULT_TEXT = rulesText(NO_OPTIONS, "");

/** Different rules have different texts: no line but the last, the owner, can hold the end of a line. */
function rulesText(options: OptionValues, owner: string): string {
  const { failOn, maxFails, failWindow, failTimeout, connectTimeout, readTimeout } = options;
  const [firstStatus] = next(failOn.statuses);
  return table.concat(
    [
      `${failOn.connect} ${failOn.timeout} ${statusesText(failOn.statuses)}`,
      `${maxFails} ${numberText(failWindow)} ${numberText(failTimeout)}`,
      `${connectTimeout ?? "-"} ${readTimeout ?? "-"}`,
      options.host ?? "",
      checkText(options),
      firstStatus === undefined ? "" : owner,
    ],
    "\n",
  );
}

/** How members are checked: nothing for a pool that asks for no checks. */
function checkText(options: OptionValues): string {
  const { healthPath, healthInterval, healthTimeout, healthStatus, rise, fall } = options;
  if (healthPath === undefined) return "";
  const times = `${numberText(healthInterval)} ${numberText(healthTimeout)}`;
  return `${healthPath} ${times} ${rise} ${fall} ${statusesText(healthStatus)}`;
}

function statusesText(statuses: StatusSet): string {
  const listed: number[] = [];
  for (const [status] of pairs(statuses)) listed.push(status);
  table.sort(listed);
  return table.concat(listed, " ");
}
