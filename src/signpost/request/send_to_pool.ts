import type { Pool } from "../balance/pool";
import { type DecideParts, type Draft, refuse, refuseAtPool } from "./decision";
import { hashKey } from "./hash_key";
import type { RequestReader } from "./request_reader";
import { blockFor } from "./upstream_block";

/**
 * Decides which peer of a pool a request goes to, and how nginx gets there. A request that has been here before is
 * refused first: it counts for no peer.
 */
export function sendToPool(parts: DecideParts, request: RequestReader, pool: Pool, clock: number, draft: Draft): void {
  const hop = request.nextHop(parts.nodeId);
  if (hop === undefined) {
    refuse(draft, "loop");
    return;
  }
  const key = pool.isPlain ? 0 : keyFor(pool, request, draft);
  const [peer, as] = parts.choose(pool, key, clock);
  if (peer === undefined) {
    refuseAtPool(draft, pool, "no_peer_up");
    return;
  }
  const block = pool.isPlain ? parts.block : blockFor(pool.options.reuse, parts.block, request);
  const isByAddress = !pool.isPoolable || block === "";
  if (isByAddress && peer.scheme === "https" && !request.isVerified()) {
    parts.giveBack(pool, peer, as);
    refuseAtPool(draft, pool, "bad_route");
    return;
  }
  draft.kind = "send";
  draft.hop = hop;
  draft.pool = pool;
  draft.key = key;
  draft.peer = peer;
  draft.as = as;
  draft.isByAddress = isByAddress;
  draft.upstream = isByAddress ? peer.hostPort : block;
}

function keyFor(pool: Pool, request: RequestReader, draft: Draft): number {
  const [key, cookie] = hashKey(pool.options, request, true);
  draft.cookie = cookie;
  return key;
}
