/**
 * Makes sure that the Host header that is sent on names the host that the request is routed by. The client's header
 * usually does, apart from its case, its port or a final dot. It does not if the request target is in absolute form,
 * which outranks the header (RFC 9112, 3.2.2), or if there is no header. If a client could make a backend see another
 * host than this nginx sees, it could make the backend answer for that other host.
 *
 * @param host nginx's `$host`
 */
export function correctHost(host: string): void {
  const [withoutPort] = string.gsub(string.lower(ngx.var.http_host ?? ""), ":%d*$", "");
  const [named] = string.gsub(withoutPort, "%.$", "");
  if (named !== host || named === "") {
    const corrected = authorityOfTarget() ?? (host === "" ? (ngx.var.server_addr ?? "") : host);
    ngx.var.signpost_host = corrected;
    ngx.var.signpost_forwarded_host = corrected;
  }
}

/** @returns the host and port in a request target in absolute form; nothing for another target */
function authorityOfTarget(): string | undefined {
  const [authority] = string.match(ngx.var.request ?? "", "^[^ ]+ +[^:/ ]+://([^/?# ]+)");
  return authority;
}
