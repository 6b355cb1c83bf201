import { SharedDict } from "../ports";
import { Result } from "../result";

/** The zones that `nginx/signpost.http.conf` declares. */
export interface Zones {
  readonly records: SharedDict;
  readonly absent: SharedDict;
  readonly state: SharedDict;
  /** What is known of backends' health: a dict of its own if one is declared, otherwise `state`. */
  readonly health: SharedDict;
  readonly isHealthApart: boolean;
}

/** @returns the shared dicts; `no_zone` names the first that nginx's configuration does not declare. */
export function sharedZones(): Result<Zones, "no_zone"> {
  const { signpost_records: records, signpost_absent: absent, signpost_state: state } = ngx.shared;
  if (records === undefined || absent === undefined || state === undefined) {
    const missing =
      records === undefined ? "signpost_records" : absent === undefined ? "signpost_absent" : "signpost_state";
    const detail = `lua_shared_dict ${missing} is not declared: include signpost.http.conf at the http level`;
    return $multi(undefined, "no_zone", detail);
  }
  const { signpost_health: apart } = ngx.shared;
  return $multi({ records, absent, state, health: apart ?? state, isHealthApart: apart !== undefined }, undefined);
}
