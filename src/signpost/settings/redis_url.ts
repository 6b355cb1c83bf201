import type { Result } from "../result";
import { parseHostName } from "../format/host_name";
import { ipv4Octets } from "../format/ipv4";
import { canonicalIpv6 } from "../format/ipv6";
import { KNOBS } from "./knobs";
import { matches, wholeNumber } from "../text/scan";

const DEFAULT_PORT = 6379;

/** nginx refuses a longer path: the kernel allows 108 bytes, including the final NUL. */
const LONGEST_SOCKET_PATH = 107;

/**
 * The address that Redis listens on. An IPv6 `host` is in brackets, as nginx's `connect` expects; `socket` begins with
 * `/`.
 */
export type RedisAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: "unix"; readonly socket: string; readonly tls: false };

/** The login in a URL, if there is one. A user always comes with a password. */
interface Login {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** The parts of a Redis URL. A part that the URL does not give is absent. */
export interface RedisUrl extends Login {
  readonly address: RedisAddress;
  readonly database?: number | undefined;
}

type Bad = LuaMultiReturn<[value: undefined, err: "bad_redis_url", detail: string]>;

/**
 * Reads `redis://[[user]:password@]host[:port][/database]`, `rediss://…` (the same over TLS) and `unix:/path`
 * (`unix:///path`). User and password are percent-decoded.
 *
 * `bad_redis_url`: the detail says what was expected and where. It quotes nothing of the URL, because any part of a
 * wrong URL may belong to the password.
 */
export function parseRedisUrl(url: string): Result<RedisUrl, "bad_redis_url"> {
  const [socket] = string.match(url, "^unix:(.*)$");
  if (socket !== undefined) return parseSocket(socket);
  const [scheme, rest] = string.match(url, "^(rediss?)://(.*)$");
  if (scheme === undefined || rest === undefined) return bad("expected redis://, rediss:// or unix:/ at its beginning");
  if (matches(rest, "[^!-~]")) return bad("expected only printable ASCII: percent-encode everything else");
  if (matches(rest, "[?#]")) return bad("expected no ? and no #: in a password they are %3F and %23");
  return parseTcp(rest, scheme === "rediss");
}

/** The address as error messages show it, e.g. `redis 10.0.0.5:6379` or `redis unix:/run/redis.sock`. */
export function addressText(address: RedisAddress): string {
  if (address.kind === "unix") return `redis unix:${address.socket}`;
  return `redis ${address.host}:${address.port}`;
}

function parseSocket(text: string): Result<RedisUrl, "bad_redis_url"> {
  const [socket] = string.gsub(text, "^///", "/");
  if (!matches(socket, "^/[^/]")) return bad("expected an absolute path after unix:, as in unix:/run/redis.sock");
  if (matches(socket, "%c")) return bad("expected no control character in the path");
  if (socket.length > LONGEST_SOCKET_PATH) return bad(`expected a path of at most ${LONGEST_SOCKET_PATH} bytes`);
  return $multi({ address: { kind: "unix", socket, tls: false } }, undefined);
}

function parseTcp(rest: string, tls: boolean): Result<RedisUrl, "bad_redis_url"> {
  const [authority = "", path = ""] = string.match(rest, "^([^/]*)(.*)$");
  const [userinfo, hostAndPort = authority] = string.match(authority, "^(.*)@([^@]*)$");
  const [login, loginErr, loginDetail] = parseLogin(userinfo);
  if (loginErr !== undefined) return bad(loginDetail);
  const [address, addressErr, addressDetail] = parseAddress(hostAndPort, tls);
  if (addressErr !== undefined) return bad(addressDetail);
  const [database, databaseErr, databaseDetail] = parseDatabase(path);
  if (databaseErr !== undefined) return bad(databaseDetail);
  return $multi({ address, user: login.user, password: login.password, database }, undefined);
}

/** `userinfo` is the text before the `@`, if there is one. */
function parseLogin(userinfo: string | undefined): Result<Login, "bad_redis_url"> {
  if (userinfo === undefined) return $multi({}, undefined);
  if (matches(userinfo, "@")) return bad("expected one @, before the host: in a password it is %40");
  const [user, password] = string.match(userinfo, "^([^:]*):(.+)$");
  if (user === undefined || password === undefined) {
    return bad("expected user:password or :password before the @ (or give redis_user and redis_password instead)");
  }
  // Without its escapes, the text must contain no %.
  const [unescaped] = string.gsub(userinfo, "%%%x%x", "");
  if (matches(unescaped, "%%")) return bad("expected two hexadecimal digits after every %: % itself is %25");
  return $multi({ user: user !== "" ? decode(user) : undefined, password: decode(password) }, undefined);
}

function decode(text: string): string {
  const [decoded] = string.gsub(text, "%%(%x%x)", decodeByte);
  return decoded;
}

function decodeByte(this: void, hex: string): string {
  return string.char(assert(tonumber(hex, 16)));
}

function parseAddress(text: string, tls: boolean): Result<RedisAddress, "bad_redis_url"> {
  const [bracketed, afterBracket = ""] = string.match(text, "^(%[.*%])(.*)$");
  const [name = "", afterName = ""] = string.match(text, "^([^:]*)(.*)$");
  const host = bracketed ?? name;
  if (!isHost(host)) return bad("expected a host name, an IPv4 address or an IPv6 address in brackets");
  const port = parsePort(bracketed === undefined ? afterName : afterBracket);
  if (port === undefined) return bad("expected nothing or : and a port from 1 to 65535 after the host");
  return $multi({ kind: "tcp", host, port, tls }, undefined);
}

/** Accepts the same hosts as the targets of routes, because nginx connects to both in the same way. */
function isHost(host: string): boolean {
  const [bracketed] = string.match(host, "^%[(.*)%]$");
  if (bracketed !== undefined) return canonicalIpv6(bracketed) !== undefined;
  // A last label of digits means an IPv4 address: 10.0.0.256 is a typo, never a name to resolve.
  if (matches(`.${host}`, "%.%d+$")) return ipv4Octets(host) !== undefined;
  const [name] = parseHostName(host, 0);
  return name !== undefined;
}

function parsePort(text: string): number | undefined {
  if (text === "") return DEFAULT_PORT;
  const [digits] = string.match(text, "^:(.*)$");
  if (digits === undefined) return undefined;
  return wholeNumber(digits, 1, 65_535);
}

/** `path` is the text after host and port: empty, `/`, or `/` and the database number. */
function parseDatabase(path: string): Result<number | undefined, "bad_redis_url"> {
  if (path === "" || path === "/") return $multi(undefined, undefined);
  const { min, max } = KNOBS.redis_database;
  const database = wholeNumber(string.sub(path, 2), min, max);
  if (database === undefined) {
    return bad(`expected a database number from ${min} to ${max} after the / (in a password / is %2F)`);
  }
  return $multi(database, undefined);
}

function bad(detail: string): Bad {
  return $multi(undefined, "bad_redis_url", detail);
}
