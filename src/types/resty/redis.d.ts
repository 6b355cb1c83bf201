/**
 * `resty.redis` (https://github.com/openresty/lua-resty-redis), which Debian calls `nginx.redis`.
 * Times are milliseconds.
 * @noResolution
 */
declare module "resty.redis" {
  /** What Redis answers: a status, bulk or integer; `ngx.null` for nil; a list; `[false, message]` for an error within. */
  export type Reply = string | number | NgxNull | readonly Reply[] | readonly [false, string];

  /** What `connect` takes besides the address. */
  export interface ConnectOptions {
    /** Name of the pool that the connection is taken from and given back to. */
    readonly pool: string;
    /** How many connections a worker keeps and, with `backlog`, has at once. */
    readonly pool_size: number;
    /** How many `connect` calls may wait for one of them. */
    readonly backlog: number;
  }

  /** The cosocket inside a client (https://github.com/openresty/lua-nginx-module#ngxsockettcp). */
  export interface Socket {
    settimeouts(connectMs: number, sendMs: number, readMs: number): void;
    /**
     * `session` false: no session is kept. When `verify` is true, the certificate must be for `serverName`, among its
     * DNS names, though it be an address. A server that is quick to answer can make this return true for a certificate
     * that was refused: the connection is closed then, as `get_reused_times` tells.
     */
    sslhandshake(
      session: false,
      serverName: string,
      verify: boolean,
    ): LuaMultiReturn<[session: true, err: undefined] | [session: undefined, err: string]>;
    /** Waits for bytes and gives what is there, at most `maxBytes`. A "timeout" leaves the connection as it is. */
    receiveany(maxBytes: number): LuaMultiReturn<[bytes: string, err: undefined] | [bytes: undefined, err: string]>;
    send(bytes: string): LuaMultiReturn<[sentBytes: number, err: undefined] | [sentBytes: undefined, err: string]>;
  }

  /** One connection. Between `init_pipeline` and `commit_pipeline` a command is only queued and returns nothing. */
  export interface Client {
    readonly _sock: Socket;
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
    /** How often the connection came from the pool before; 0 is a new one. */
    get_reused_times(): LuaMultiReturn<[times: number, err: undefined] | [times: undefined, err: string]>;
    set_keepalive(
      idleMs: number,
      poolSize: number,
    ): LuaMultiReturn<[kept: 1, err: undefined] | [kept: undefined, err: string]>;
    close(): LuaMultiReturn<[closed: 1, err: undefined] | [closed: undefined, err: string]>;
    init_pipeline(commands: number): void;
    /** Sends what was queued. A reply that is an error is `[false, message]` in its place. */
    commit_pipeline(): LuaMultiReturn<[replies: readonly Reply[], err: undefined] | [replies: undefined, err: string]>;
  }

  /** A client's command methods, by their lower-case names; within a pipeline a call only queues the command. */
  export type Commands = Readonly<Record<string, (this: void, client: Client, ...args: string[]) => void>>;

  function create(this: void): LuaMultiReturn<[client: Client, err: undefined] | [client: undefined, err: string]>;
  export { create as new };
}
