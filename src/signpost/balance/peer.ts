import { Address, printAddress, printHostPort, Scheme } from "../format/address";
import { healthKey } from "../health/standing_rules";

/** A backend of a pool, as the balancer sees it. */
export interface Peer {
  /** The canonical address, which tells peers apart in a pool. */
  readonly name: string;
  /** The key of its health: the address and the pool's rules. */
  readonly healthKey: string;
  readonly scheme: Scheme;
  /**
   * As `balancer.set_current_peer` requires it: IPv6 in brackets. Without brackets nginx 1.22 takes what follows the
   * first colon for a port ("invalid port").
   */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Host and port, as `$upstream` has them for a peer that goes by address. */
  readonly hostPort: string;
  /**
   * Whether connections to it may be pooled: plain http to an IP literal. nginx tells pooled connections apart by
   * address alone, so a TLS connection made for one name could carry requests for another; and a name must be resolved
   * first.
   */
  readonly isPoolable: boolean;
  /** Its share of the requests, in proportion to the others' weights. 0 drains: it gets no new request. */
  readonly weight: number;
}

/**
 * @param weight 0 or more
 * @param rules the pool's; see `rulesId`. Empty: the rules of addresses that a route names itself
 */
export function newPeer(address: Address, weight: number, rules = ""): Peer {
  const name = printAddress(address);
  return {
    name,
    healthKey: healthKey(name, rules),
    scheme: address.scheme,
    host: address.form === "ipv6" ? `[${address.host}]` : address.host,
    port: address.port,
    hostPort: printHostPort(address),
    isPoolable: address.scheme === "http" && address.form !== "name",
    weight,
  };
}
