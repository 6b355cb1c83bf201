import { addressOf, Attempt, attemptOf, countRuns } from "./attempts";
import { Outcome } from "../balance/outcome";
import { Peer } from "../balance/peer";
import { Use } from "./assignment";

/** @returns how many runs of `proxy_pass` this request has had. */
export function runsUntilNow(): number {
  return countRuns(ngx.var.upstream_status);
}

/** @returns what became of the try before the one that the balancer is asked for. */
export function outcomeOfTry(use: Use): Outcome | undefined {
  return attempt(use.run, use.tries);
}

/**
 * What became of the last try of a use that is over.
 *
 * Invariant: only tries count that Signpost's balancer made, or, of a peer that goes by address, that `proxy_pass` made to
 * this peer. nginx's lists hold other locations' tries as well: those of `auth_request` denied and led to a login, of
 * `try_files`, of error pages. What cannot be told to be ours is nobody's.
 *
 * @returns nothing if there was no try, or it came to no end, or is another location's
 */
export function outcomeOf(use: Use): Outcome | undefined {
  if (!use.isByAddress) {
    const ours = use.tries === 0 ? undefined : attempt(use.run, use.tries);
    return ours !== undefined && wentToIp(use.peer, ours) ? ours : undefined;
  }
  const last = attempt(use.run, 0);
  return last !== undefined && destination(use) === "peer" ? last : undefined;
}

/** Whether nginx sent the request to the peer, or tried to; true when that cannot be told. */
export function wasTried(use: Use): boolean {
  if (!use.isByAddress) {
    return use.tries > 0;
  }
  return runsUntilNow() > use.run && destination(use) !== "elsewhere";
}

function attempt(run: number, number: number): Attempt | undefined {
  const { upstream_status, upstream_addr, upstream_connect_time, upstream_header_time } = ngx.var;
  const lists = {
    status: upstream_status,
    address: upstream_addr,
    connectTime: upstream_connect_time,
    headerTime: upstream_header_time,
  };
  return attemptOf(lists, run, number);
}

/**
 * Whether it can have gone to the peer. A use whose request had no log phase of ours may be found by another request. nginx
 * writes some IPv6 addresses otherwise than we do, so these are not compared.
 */
function wentToIp(peer: Peer, { address }: Attempt): boolean {
  return address === peer.hostPort || string.sub(peer.hostPort, 1, 1) === "[";
}

/**
 * Where the `proxy_pass` of a use by address has sent the request. A peer given by name is not known by the address that it
 * was resolved to, but by what `proxy_pass` was given; and so is one by IPv6, for nginx's form of it may differ from ours.
 */
function destination({ peer, run }: Use): "peer" | "elsewhere" | "unknown" {
  if (addressOf(ngx.var.upstream_addr, run) === peer.hostPort) {
    return "peer";
  }
  const [ipv4] = string.match(peer.hostPort, "^[%d.]+:");
  if (ipv4 !== undefined) {
    return "elsewhere";
  }
  const proxied = runsUntilNow() === run + 1 ? lastProxied() : "";
  if (proxied === "") {
    return "unknown";
  }
  return namesPeer(proxied, peer) ? "peer" : "elsewhere";
}

/**
 * @returns what the last `proxy_pass` was given; empty if the request was led to another location since. Snippets of 0.1.0 do
 *   not say: there it is `$upstream`, as long as the request was not led anywhere.
 */
function lastProxied(): string {
  return ngx.var.signpost_proxied_to ?? (ngx.req.is_internal() ? "" : ngx.var.upstream);
}

/** nginx leaves out the port if it is the scheme's own. */
function namesPeer(proxied: string, { hostPort, scheme }: Peer): boolean {
  return proxied === hostPort || `${proxied}:${scheme === "https" ? 443 : 80}` === hostPort;
}
