/**
 * What a decision may ask of a request. Each function reads one thing from nginx when it is called, because a read
 * costs about as much as a look-up in memory: a request pays only for what it needs.
 *
 * `nginx_request.ts` reads a real request.
 * @noSelf
 */
export interface RequestReader {
  /** nginx's `$host`; empty if there is none. */
  host(): string;
  /** nginx's `$uri`: the path, normalized and decoded. */
  uri(): string;
  /** nginx's `$request_uri`: the target as the client sent it, with arguments. */
  target(): string;
  /** nginx's `$args`: what follows the `?`; may be empty. */
  args(): string;
  /** Whether an internal redirect has moved the request here, or it is a subrequest. */
  isInternal(): boolean;
  /** The request method, as the client sent it. */
  method(): string;
  /** Whether it has a body, of known length or not. */
  hasBody(): boolean;
  /** `http` or `https`: how the client speaks. */
  scheme(): string;
  /** The Host header as the client sent it; nothing without one. */
  hostHeader(): string | undefined;
  /** Any variable of nginx; nothing, or empty, if the request has no such header or cookie. */
  variable(name: string): string | undefined;
  /** A hash of a text, 32 bits. */
  hash(text: string): number;
  /**
   * @returns the value of the cookie that this response already gives the client, or of a new one; nothing if the
   *   system has no random bytes
   */
  newCookie(name: string): string | undefined;
  /**
   * @param nodeId this node's
   * @returns the `CDN-Loop` header to send on, with this node in it; empty: the request's own is right. Nothing: this
   *   node has sent the request on before, or it has passed too many nodes
   */
  nextHop(nodeId: string): string | undefined;
  /** Whether the configuration has the upstream block that keeps no connections. */
  hasFreshBlock(): boolean;
  /** Whether nginx verifies https backends in this location. */
  isVerified(): boolean;
}
