/**
 * `resty.redis` (https://github.com/openresty/lua-resty-redis), which Debian calls `nginx.redis`.
 * Times are milliseconds.
 * @noResolution
 */
declare module "resty.redis" {
  /** What `connect` takes besides the address. */
  export interface ConnectOptions {
    /** Name of the pool that the connection is taken from and given back to. */
    readonly pool: string;
    /** How many connections a worker keeps and, with `backlog`, has at once. */
    readonly pool_size: number;
    /** How many `connect` calls may wait for one of them. */
    readonly backlog: number;
  }

  /**
   * One connection. Signpost uses the client only to make, keep and close it, because the client reads replies without
   * any limit.
   */
  export interface Client {
    /**
     * The cosocket inside, which carries commands and replies. After a handshake that was refused, `get_reused_times`
     * says that it is closed.
     */
    readonly _sock: NgxTcpSocket;
    connect(
      host: string,
      port: number,
      options: ConnectOptions,
    ): LuaMultiReturn<[connected: true | 1, err: undefined] | [connected: undefined, err: string]>;
    /** `path` is `unix:/path/to.sock`. */
    connect(
      path: string,
      options: ConnectOptions,
    ): LuaMultiReturn<[connected: true | 1, err: undefined] | [connected: undefined, err: string]>;
    /** How many times the connection came from the pool; 0 for a new one. */
    get_reused_times(): LuaMultiReturn<[times: number, err: undefined] | [times: undefined, err: string]>;
    set_keepalive(
      idleMs: number,
      poolSize: number,
    ): LuaMultiReturn<[kept: 1, err: undefined] | [kept: undefined, err: string]>;
    close(): LuaMultiReturn<[closed: 1, err: undefined] | [closed: undefined, err: string]>;
  }

  function create(this: void): LuaMultiReturn<[client: Client, err: undefined] | [client: undefined, err: string]>;
  export { create as new };
}
