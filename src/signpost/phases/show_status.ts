/** Answers with the node's counters. */
export function showStatus(exposition: string): void {
  ngx.header["Content-Length"] = exposition.length;
  ngx.print(exposition); // dropped: it fails only when the client is gone
}
