/** The outcomes of a request's tries, from nginx's lists. */
import type { Outcome } from "../balance/outcome";
import type { Peer } from "../balance/peer";
import { DEFAULT_PORT } from "../format/address";
import { addressOf, type Attempt, attemptOf, countRuns } from "./attempts";

/**
 * Reads nginx's lists of a request's tries (see `attempts.ts`). `nginx_tries.ts` reads those of a real request.
 * @noSelf
 */
export interface TryReader {
  /** `$upstream_status` */
  statuses(): string | undefined;
  /** `$upstream_addr` */
  addresses(): string | undefined;
  /** `$upstream_connect_time` */
  connectTimes(): string | undefined;
  /** `$upstream_header_time` */
  headerTimes(): string | undefined;
  /**
   * What the last `proxy_pass` was given; empty if an internal redirect has moved the request since, or if it is not
   * known.
   */
  proxiedTo(): string;
}

/** The part of an `Assignment` that tells its tries from others. */
export interface Tried {
  readonly peer: Peer;
  readonly isByAddress: boolean;
  readonly tries: number;
  readonly run: number;
}

/** @returns the outcome of the try before the one that the balancer is asked for */
export function outcomeOfTry(tried: Tried, reader: TryReader): Outcome | undefined {
  return attempt(tried.run, tried.tries, reader);
}

/**
 * Finds the outcome of the last try of an assignment that has ended.
 *
 * Invariant: a try counts only if Signpost's balancer made it, or, for a peer that goes by address, if `proxy_pass`
 * made it to this peer. nginx's lists also hold the tries of other locations: of an `auth_request` that was denied and
 * led to a login, of `try_files`, of error pages. A try that may be another location's counts for no peer.
 *
 * @returns nothing if there was no try, if it did not end, or if it may be another location's
 */
export function outcomeOf(tried: Tried, reader: TryReader): Outcome | undefined {
  if (!tried.isByAddress) {
    const ours = tried.tries > 0 ? attempt(tried.run, tried.tries, reader) : undefined;
    return ours !== undefined && wentToIp(tried.peer, ours) ? ours : undefined;
  }
  const last = attempt(tried.run, 0, reader);
  return last !== undefined && destination(tried, reader) === "peer" ? last : undefined;
}

/** Whether nginx has sent the request to the peer, or tried to; true when that cannot be told. */
export function wasTried(tried: Tried, reader: TryReader): boolean {
  if (!tried.isByAddress) {
    return tried.tries > 0;
  }
  return countRuns(reader.statuses()) > tried.run && destination(tried, reader) !== "elsewhere";
}

function attempt(run: number, number: number, reader: TryReader): Attempt | undefined {
  const lists = {
    status: reader.statuses(),
    address: reader.addresses(),
    connectTime: reader.connectTimes(),
    headerTime: reader.headerTimes(),
  };
  return attemptOf(lists, run, number);
}

/**
 * Whether the try may have gone to the peer. An assignment whose request had no log phase of Signpost's may be found
 * by another request. IPv6 addresses are not compared: nginx writes some of them in another form.
 */
function wentToIp(peer: Peer, tried: Attempt): boolean {
  return tried.address === peer.hostPort || string.sub(peer.hostPort, 1, 1) === "[";
}

/**
 * Where `proxy_pass` has sent a request that goes by address. An IPv4 address is recognised by nginx's list. A name is
 * not, because the list has the address that it was resolved to; nor is IPv6, because nginx may write it in another
 * form. These two are recognised by what `proxy_pass` was given.
 */
function destination(tried: Tried, reader: TryReader): "peer" | "elsewhere" | "unknown" {
  const { peer, run } = tried;
  if (addressOf(reader.addresses(), run) === peer.hostPort) {
    return "peer";
  }
  const [ipv4] = string.match(peer.hostPort, "^[%d.]+:");
  if (ipv4 !== undefined) {
    return "elsewhere";
  }
  const proxied = countRuns(reader.statuses()) === run + 1 ? reader.proxiedTo() : "";
  if (proxied === "") {
    return "unknown";
  }
  return namesPeer(proxied, peer) ? "peer" : "elsewhere";
}

/** Whether `$proxy_host` is the peer's: nginx leaves out the port if it is the scheme's default. */
function namesPeer(proxied: string, peer: Peer): boolean {
  const { hostPort, scheme } = peer;
  return proxied === hostPort || `${proxied}:${DEFAULT_PORT[scheme]}` === hostPort;
}
