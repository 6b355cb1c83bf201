import { countHops, MAX_HOPS, withHop } from "../routing/cdn_loop";

/**
 * Finds the `CDN-Loop` header that a request is sent on with.
 *
 * Invariant: a request is not sent on if this node has sent it on before, or if it has passed `MAX_HOPS` nodes. So a
 * route that leads to the node itself costs one more request, not hundreds.
 *
 * @param id this node's
 * @returns the header with this node in it; empty if the request's own is right; nothing if the request must not be
 * sent on
 */
export function nextHop(id: string): string | undefined {
  return ngx.var.http_cdn_loop === undefined ? id : laterHop(id);
}

/** Whether a Signpost node, this one or another, has sent the request. */
export function hasPassedNode(id: string): boolean {
  return countHops(receivedLines(), id).all > 0;
}

/**
 * The id may also be there because this very request has had a rewrite phase before: an internal redirect keeps the
 * header, and a subrequest has its parent's. The header as the client sent it tells the two apart. With HTTP/2 and
 * later nginx does not keep that: the node is then added once more for each internal redirect, up to `MAX_HOPS`.
 */
function laterHop(id: string): string | undefined {
  const header = receivedLines();
  const { own, all } = countHops(header, id);
  if (own > 0) {
    const sent = sentLines();
    if (sent !== undefined) {
      return countHops(sent, id).own === 0 ? "" : undefined;
    }
    if (!ngx.req.is_internal()) {
      return undefined;
    }
  }
  return all < MAX_HOPS ? withHop(header, id) : undefined;
}

/** @returns the header as nginx has it now; before nginx 1.23, `$http_cdn_loop` is only the first of several lines */
function receivedLines(): string {
  const lines = ngx.req.get_headers(0)["cdn-loop"] ?? "";
  return typeof lines === "string" ? lines : table.concat(lines, ", ");
}

/** @returns the header as the client sent it; nothing if the client speaks HTTP/2 or later */
function sentLines(): string | undefined {
  if ((ngx.req.http_version() ?? 2) >= 2) {
    return undefined;
  }
  let lines = "";
  for (const [line = ""] of string.gmatch(ngx.req.raw_header(), "\n[Cc][Dd][Nn]%-[Ll][Oo][Oo][Pp]:([^\r\n]*)")) {
    lines = `${lines},${line}`;
  }
  return lines;
}
