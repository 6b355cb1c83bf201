/**
 * `ngx.balancer` of lua-resty-core (https://github.com/openresty/lua-resty-core/blob/master/lib/ngx/balancer.md). Only
 * in `balancer_by_lua`. An error is a mistake of the caller, not of the peer.
 * @noResolution
 */
declare module "ngx.balancer" {
  /**
   * Sets where this try goes.
   * @param host an IP address, IPv6 in brackets
   * @param port 1 to 65535
   */
  export function set_current_peer(
    this: void,
    host: string,
    port: number,
  ): LuaMultiReturn<[set: true, err: undefined] | [set: undefined, err: string]>;
  /**
   * Adds `count` tries to those that the request has; fewer if `proxy_next_upstream_tries` is lower, as `err` then
   * says.
   */
  export function set_more_tries(
    this: void,
    count: number,
  ): LuaMultiReturn<[set: true, err: string | undefined] | [set: undefined, err: string]>;
  /**
   * Takes this try's connection from ngx_lua's own pool if there is one, and puts it back there when the answer is
   * over. Call it after `set_current_peer`. Nil before lua-resty-core 0.1.30.
   * @param idle_timeout seconds
   */
  export const enable_keepalive:
    | ((
        this: void,
        idle_timeout: number,
        max_requests: number,
      ) => LuaMultiReturn<[enabled: true, err: undefined] | [enabled: undefined, err: string]>)
    | undefined;
  /**
   * Sets this request's timeouts for connecting, sending and reading, in seconds; a nil leaves the timeout unchanged.
   */
  export function set_timeouts(
    this: void,
    connect: number | undefined,
    send: number | undefined,
    read: number | undefined,
  ): LuaMultiReturn<[set: true, err: undefined] | [set: undefined, err: string]>;
}
