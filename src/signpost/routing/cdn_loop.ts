/**
 * The `CDN-Loop` header (RFC 8586): every node that sends a request on adds its own id, so that it knows the request
 * when it comes back.
 *
 *     CDN-Loop: signpost-5f1c0b9e3a7d2468, other-cdn; abc=123
 */

/** Begins the id of every Signpost node; the rest is the node's own. The whole is a token, as the RFC demands. */
export const NODE_ID_PREFIX = "signpost-";

/** How many Signpost nodes a request may pass. A chain of two or three may be deliberate. */
export const MAX_HOPS = 10;

/** Which Signpost nodes a header names. */
export interface Hops {
  /** How often it names this node. */
  readonly own: number;
  /** How often it names Signpost nodes, this one included. */
  readonly all: number;
}

/**
 * Counts the Signpost nodes that a header names. A comma in a quoted parameter counts as the end of an entry: a client
 * that writes an id after it forges a hop, as any client can, and only its own request is refused.
 *
 * @param header the values of all `CDN-Loop` lines, separated by commas
 * @param id this node's
 */
export function countHops(header: string, id: string): Hops {
  let own = 0;
  let all = 0;
  for (const [entry = ""] of string.gmatch(header, "[^,]+")) {
    const [entryId = ""] = string.match(entry, "^%s*([^;%s]+)");
    if (entryId === id) {
      own += 1;
    }
    if (string.sub(entryId, 1, NODE_ID_PREFIX.length) === NODE_ID_PREFIX) {
      all += 1;
    }
  }
  return { own, all };
}

/** @returns the header with this node added after what others wrote, as the RFC demands */
export function withHop(header: string, id: string): string {
  return header === "" ? id : `${header}, ${id}`;
}
