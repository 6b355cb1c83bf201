import { SafeDict, SharedDict } from "../ports";
import { Result } from "../result";

/** The zones that `nginx/signpost.http.conf` declares. */
export interface Zones {
  readonly records: SharedDict;
  readonly absent: SharedDict;
  /**
   * Holds everything else. Correctness depends on some of its entries (see `NodeState`), so this type has no call that
   * evicts any.
   */
  readonly state: SafeDict;
  /**
   * The same dict, for `NodeState` and the lease alone: they may evict, because nothing is correct without their
   * entries.
   */
  readonly evictingState: SharedDict;
  /** Holds the health of peers: the dict `signpost_health`, or the state dict if that is not declared. */
  readonly health: SafeDict;
  /** Whether health has a dict of its own; otherwise it shares the state dict and must be bounded. */
  readonly isHealthApart: boolean;
}

/**
 * @returns the shared dicts; the detail of `no_zone` names the first required dict that nginx's configuration does not
 * declare.
 */
export function sharedZones(): Result<Zones, "no_zone"> {
  const { signpost_records: records, signpost_absent: absent, signpost_state: state } = ngx.shared;
  if (records === undefined || absent === undefined || state === undefined) {
    const missing =
      records === undefined ? "signpost_records" : absent === undefined ? "signpost_absent" : "signpost_state";
    const detail = `lua_shared_dict ${missing} is not declared: include signpost.http.conf at the http level`;
    return $multi(undefined, "no_zone", detail);
  }
  const { signpost_health: ofItsOwn } = ngx.shared;
  const health = ofItsOwn ?? state;
  const isHealthApart = ofItsOwn !== undefined;
  return $multi({ records, absent, state, evictingState: state, health, isHealthApart }, undefined);
}
