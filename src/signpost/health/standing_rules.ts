import { numberText } from "../text/numbers";
import type { OptionValues, StatusSet } from "../format/option_values";
import { NO_OPTIONS } from "../format/pool_definition";

/** @returns a short text in printable characters. Nobody can construct another text with the same digest. */
export type Digest = (this: void, text: string) => string;

/**
 * Identifies the rules by which a pool judges its members. A peer's health belongs to its address and these rules.
 * Pools share it only if everything that leads to a verdict is the same. Otherwise the author of one pool could take
 * out the members of another.
 *
 * A verdict from statuses belongs to one pool, because that pool's requests provoke it. The pool's name is then part of
 * the rules.
 *
 * @param owner the pool's name; used only if `fail_on` lists statuses
 * @returns "" for the rules of a pool without options
 */
export function rulesId(options: OptionValues, owner: string, digest: Digest): string {
  if (options === NO_OPTIONS) return "";
  const text = rulesText(options, owner);
  return text === DEFAULT_TEXT ? "" : digest(text);
}

/** The key of a peer's health. A peer's name has no blank, so peers with different names or rules never share a key. */
export function healthKey(peerName: string, rules: string): string {
  return rules === "" ? peerName : `${peerName} ${rules}`;
}

const DEFAULT_TEXT = rulesText(NO_OPTIONS, "");

/** Different rules have different texts: only the last line, the owner, can contain a line feed. */
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

/** How members are checked. It is empty for a pool that requests no checks. */
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
