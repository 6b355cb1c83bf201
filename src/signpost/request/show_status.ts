import { hasPassedNode } from "./cdn_loop_header";

const FORBIDDEN = 403;

/**
 * Answers with the node's counters. Refuses a request that a Signpost node has sent: it comes from this machine, but
 * anybody who can write a route can cause it.
 */
export function showStatus(nodeId: string, exposition: string): void {
  if (hasPassedNode(nodeId)) {
    ngx.exit(FORBIDDEN);
  }
  ngx.header["Content-Length"] = exposition.length;
  ngx.print(exposition); // dropped: it fails only when the client is gone
}
