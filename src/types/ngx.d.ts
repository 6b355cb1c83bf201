/**
 * The part of ngx_lua's global `ngx` that Signpost uses
 * (https://github.com/openresty/lua-nginx-module#nginx-api-for-lua). Every claim made here has a witness in
 * `spec/e2e/declarations.test.ts`, which runs it in a real nginx.
 */
declare const ngx: Ngx;

/** @noSelf */
interface Ngx {
  /** Log levels. */
  readonly ERR: number;
  readonly WARN: number;

  /** `exit(OK)` ends the phase; a response whose header was sent already stays as it was sent. */
  readonly OK: number;

  /**
   * nginx's variables of the current request. Reading one that does not exist gives nil; assigning to one that does not
   * exist raises.
   */
  readonly var: NgxVariables;

  /** The zones that `lua_shared_dict` declares, by name. */
  readonly shared: Readonly<Record<string, import("../signpost/ports").SharedDict | undefined>>;

  /** Response headers, to be set before the header is sent; a list if there are several lines. */
  readonly header: Record<string, string | number | string[] | undefined>;

  /** HTTP status of the response, to be set before the header is sent. */
  status: number;

  /** @returns nginx's cached time, seconds since 1970 with milliseconds. No system call. */
  now(): number;

  /** Writes one line to nginx's error log; the parts are put together only if the level is logged. */
  log(level: number, ...parts: (string | number)[]): void;

  /** Sends the header if need be, and the text as body. Phases: rewrite, access, content. */
  print(text: string): LuaMultiReturn<[sent: 1, err: undefined] | [sent: undefined, err: string]>;

  /** Whether nginx runs this request for another one (`auth_request`, SSI, a slice): they share nginx's variables. */
  readonly is_subrequest: boolean;

  /**
   * Ends the phase; with a status of 300 or more nginx answers by itself. In the balancer, -3 (NGX_BUSY) means that
   * there is no peer for this try: 502.
   */
  exit(status: number): void;

  /** Answers with a redirect: 301, 302, 303, 307 or 308. */
  redirect(uri: string, status: number): void;

  /** @returns the CRC-32 of a text, from 0 to 2^32 - 1. */
  crc32_long(text: string): number;

  /** @returns the CRC-32 of a short text, from 0 to 2^32 - 1. */
  crc32_short(text: string): number;

  /** @returns the MD5 of a text: 32 hexadecimal digits in lower case. */
  md5(text: string): string;

  /** Lets other light threads run for `seconds`. Yields. */
  sleep(seconds: number): void;

  readonly config: NgxConfig;
  readonly req: NgxRequest;
  readonly socket: NgxSockets;
  readonly thread: NgxThreads;
  readonly timer: NgxTimer;
  readonly worker: NgxWorker;
}

/** How nginx and its Lua module were built. */
interface NgxConfig {
  /** The module's: 10,031 for 0.10.31. */
  readonly ngx_lua_version: number;
}

/** nginx's variables that Signpost reads, and those of its own that it sets. */
interface NgxVariables {
  /** Lower case, without port and trailing dot; an IPv6 literal in brackets. */
  readonly host: string | undefined;
  /** The Host header as the client sent it. */
  readonly http_host: string | undefined;
  /** The `CDN-Loop` header: the first line if there are several; since nginx 1.23 all lines, separated by `, `. */
  readonly http_cdn_loop: string | undefined;
  /** The request line as the client sent it. */
  readonly request: string | undefined;
  /** As the client sent it. */
  readonly request_method: string | undefined;
  /** The `Transfer-Encoding` header, which a request with a body of undeclared length has. */
  readonly http_transfer_encoding: string | undefined;
  /** The `Content-Length` header. */
  readonly content_length: string | undefined;
  /** The address that the connection came in on. */
  readonly server_addr: string | undefined;
  /** The request target as the client sent it, with arguments. */
  readonly request_uri: string | undefined;
  /** The path, normalized and decoded, without arguments. */
  readonly uri: string | undefined;
  /** What follows the `?` of the request target; empty, or nothing, if there is none. */
  readonly args: string | undefined;
  /** `http` or `https`: how this nginx was asked. */
  readonly scheme: string | undefined;
  /** The client's address. */
  readonly remote_addr: string | undefined;
  /** The address of each try, separated by `, ` (and by ` : ` after an internal redirect). */
  readonly upstream_addr: string | undefined;
  /** The status that each try ended with, in the same form. */
  readonly upstream_status: string | undefined;
  /** The seconds until each try was connected, or `-`, in the same form. */
  readonly upstream_connect_time: string | undefined;
  /** The seconds until each try's response header came, or `-`, in the same form. */
  readonly upstream_header_time: string | undefined;
  /** Whether the cache has the page, and its state, such as `EXPIRED`; nothing without `proxy_cache`. */
  readonly upstream_cache_status: string | undefined;
  /**
   * The number of the client's connection, and of the request on it; a subrequest has the numbers of its main request.
   */
  readonly connection: string | undefined;
  readonly connection_requests: string | undefined;
  /** `$proxy_host`, which Lua cannot read itself; nothing with snippets older than 0.2.0. */
  readonly signpost_proxied_to: string | undefined;
  /** The versions of the snippets; nothing, or empty, if they are older than 0.2.0. */
  readonly signpost_http_version: string | undefined;
  readonly signpost_location_version: string | undefined;
  readonly signpost_server_version: string | undefined;
  /** Which table the location is for; empty: the default one. Nothing with an http snippet that is older. */
  readonly signpost_table: string | undefined;
  upstream: string;
  signpost_upstream: string;
  signpost_scheme: string;
  signpost_host: string;
  signpost_forwarded_host: string;
  /** The client's scheme as backends are told it; snippets of 0.1.0 do not have it. */
  readonly signpost_forwarded_proto: string | undefined;
  signpost_route: string;
  signpost_pool: string;
  signpost_cache: string;
  signpost_error: string;
  /** Request headers and cookies, by names made at run time: `http_NAME`, `cookie_NAME`. */
  readonly [name: string]: string | undefined;
}

/** @noSelf */
interface NgxRequest {
  /**
   * Reads the request's body and throws it away, so that it is not taken for the next request. Raises if the part that
   * has arrived is malformed.
   */
  discard_body(): void;
  /** Sets a request header, in place of all lines of that name; it is sent on to the backend. */
  set_header(name: string, value: string): void;
  /**
   * @param max how many headers at most; 0: all
   * @returns the request headers by their names in lower case; a list if a header has several lines.
   */
  get_headers(max: number): Readonly<Record<string, string | string[] | undefined>>;
  /**
   * @returns the request line and header as the client sent them, also in a subrequest. Raises with HTTP/2 and later.
   */
  raw_header(): string;
  /** @returns the client's version: 0.9, 1, 1.1 or 2; nothing for a version that ngx_lua does not know. */
  http_version(): number | undefined;
  /** Whether this is a subrequest, or nginx has redirected the request here from another location. */
  is_internal(): boolean;
}

/** @noSelf */
interface NgxSockets {
  tcp(): NgxTcpSocket;
}

/**
 * A cosocket (https://github.com/openresty/lua-nginx-module#ngxsockettcp): its operations yield. Times are
 * milliseconds.
 */
interface NgxTcpSocket {
  settimeouts(connectMs: number, sendMs: number, readMs: number): void;
  /**
   * Takes a connection from the pool or makes one. An IPv6 `host` is in brackets; a name needs nginx's `resolver`.
   * @param options `pool` names the pool
   */
  connect(
    host: string,
    port: number,
    options: { readonly pool: string },
  ): LuaMultiReturn<[connected: 1, err: undefined] | [connected: undefined, err: string]>;
  /**
   * `session` false: no session is kept. If `verify` is true, `serverName` must be among the DNS names of the
   * certificate, even if it is an address. If the server answers quickly, this may return true for a certificate that
   * was refused: the connection is then closed.
   */
  sslhandshake(
    session: false,
    serverName: string,
    verify: boolean,
  ): LuaMultiReturn<[session: true, err: undefined] | [session: undefined, err: string]>;
  send(bytes: string): LuaMultiReturn<[sentBytes: number, err: undefined] | [sentBytes: undefined, err: string]>;
  /** Waits for this many bytes. */
  receive(bytes: number): LuaMultiReturn<[bytes: string, err: undefined] | [bytes: undefined, err: string]>;
  /** Waits for bytes and gives what is there, at most `maxBytes`. A "timeout" leaves the connection as it is. */
  receiveany(maxBytes: number): LuaMultiReturn<[bytes: string, err: undefined] | [bytes: undefined, err: string]>;
  close(): LuaMultiReturn<[closed: 1, err: undefined] | [closed: undefined, err: string]>;
}

/** A light thread of the current request or timer. */
interface NgxThread {
  readonly __brand: "ngx.thread";
}

/** @noSelf */
interface NgxThreads {
  /** Starts a light thread; it runs until it first waits before this returns. */
  spawn(task: (this: void) => void): NgxThread;
  /** Waits until one of them has ended. False: it has raised. */
  wait(...threads: NgxThread[]): LuaMultiReturn<[ended: boolean, problem?: unknown]>;
  /** Ends a thread where it waits. Nil if it has ended already. */
  kill(thread: NgxThread): LuaMultiReturn<[killed: 1, err: undefined] | [killed: undefined, err: string]>;
}

/** @noSelf */
interface NgxTimer {
  /**
   * Runs `callback(premature)` after `delaySeconds`, in a light thread of its own, outside any request. `premature` is
   * true when the worker is about to exit. While lua_max_running_timers run, nginx logs an alert instead.
   */
  at(
    delaySeconds: number,
    callback: (this: void, premature: boolean) => void,
  ): LuaMultiReturn<[scheduled: 1, err: undefined] | [scheduled: undefined, err: string]>;
  /**
   * Runs `callback` every `intervalSeconds` (more than 0); the last call is premature. A call that nginx has no room
   * for is skipped, and the next one comes on time.
   */
  every(
    intervalSeconds: number,
    callback: (this: void, premature: boolean) => void,
  ): LuaMultiReturn<[scheduled: 1, err: undefined] | [scheduled: undefined, err: string]>;
}

/** @noSelf */
interface NgxWorker {
  /** @returns true once the worker was told to exit and only waits for its requests. */
  exiting(): boolean;
  /** @returns the worker's process id. */
  pid(): number;
}
