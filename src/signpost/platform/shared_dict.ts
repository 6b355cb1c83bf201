import { SafeDict, SharedDict } from "../ports";
import { Result } from "../result";

/** The zones that `nginx/signpost.http.conf` declares. */
export interface Zones {
  readonly records: SharedDict;
  readonly absent: SharedDict;
  /**
   * What all else is kept in. Correctness depends on some of its entries (see `NodeState`): so whoever uses it by this name
   * cannot evict any, and the compiler sees to that.
   */
  readonly state: SafeDict;
  /** The same dict, for `NodeState` and the lease alone: without their entries nothing is right, so these may evict. */
  readonly evictingState: SharedDict;
  /** What is known of peers' health: the dict of that name, or, where none is declared, the state dict. */
  readonly health: SafeDict;
  /** Whether health has a dict of its own; otherwise it shares the state dict and must be bounded. */
  readonly isHealthApart: boolean;
}

/** @returns the shared dicts; `no_zone` names the first that nginx's configuration does not declare and must. */
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
