import { countHops, MAX_HOPS, withHop } from "../routing/cdn_loop";

/**
 * Adds this node to the request's `CDN-Loop` header, unless the request has been here before.
 *
 * Invariant: no request is sent on that this node has sent on before, nor one that has passed `MAX_HOPS` nodes. So a
 * route that leads to the node itself costs one request more, not hundreds.
 *
 * The request's own header is changed, rather than one added by `proxy_set_header`: that would be missing with an older
 * location snippet.
 *
 * @param id this node's
 * @returns false: the request must not be sent on
 */
export function addHop(id: string): boolean {
  if (ngx.var.http_cdn_loop === undefined) {
    ngx.req.set_header("CDN-Loop", id);
    return true;
  }
  return addLaterHop(id);
}

/** Whether some Signpost node has sent the request, this one or another. */
export function hasPassedNode(id: string): boolean {
  return countHops(receivedLines(), id).all > 0;
}

/**
 * The id may also be there because this very request has had a rewrite phase before: an internal redirect keeps the
 * header, and a subrequest has its parent's. What the client sent tells the two apart. Of HTTP/2 and later that cannot be
 * had: there the node is added once more for each internal redirect, up to `MAX_HOPS`.
 */
function addLaterHop(id: string): boolean {
  const header = receivedLines();
  const { own, all } = countHops(header, id);
  if (own > 0) {
    const sent = sentLines();
    if (sent !== undefined) {
      return countHops(sent, id).own === 0;
    }
    if (!ngx.req.is_internal()) {
      return false;
    }
  }
  if (all >= MAX_HOPS) {
    return false;
  }
  ngx.req.set_header("CDN-Loop", withHop(header, id));
  return true;
}

/** @returns the header as nginx has it now; before nginx 1.23, `$http_cdn_loop` is only the first of several lines. */
function receivedLines(): string {
  const lines = ngx.req.get_headers(0)["cdn-loop"] ?? "";
  return typeof lines === "string" ? lines : table.concat(lines, ", ");
}

/** @returns the header as the client sent it; nothing if the client speaks HTTP/2 or later. */
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
