import type { Result } from "../result";
import { refuse } from "../text/complaint";
import { parseHostName } from "./host_name";
import { ipv4Number, NINE, ZERO } from "./ipv4";
import { canonicalIpv6 } from "./ipv6";

/** The address of a backend. Two addresses are equal if they print the same text. */
export interface Address extends Host {
  readonly scheme: Scheme;
  /** 1 to 65535. */
  readonly port: number;
}

/** An address without scheme and port. */
export interface Host {
  /** nginx connects to a literal at once; a name must be resolved first. */
  readonly form: "ipv4" | "ipv6" | "name";
  /** Canonical: names in lower case, IPv6 in the form of RFC 5952 without brackets. */
  readonly host: string;
}

/** The protocol that a backend speaks. */
export type Scheme = "http" | "https";

/** The port of a URL or a backend that gives none. */
export const DEFAULT_PORT: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/**
 * Reads one address: `10.0.0.5:8080`, `[fd00::5]`, `https://app.internal`. The text must contain nothing else, not even
 * a blank.
 *
 * Each part of the result consists only of allowed bytes. None contains a control byte, a blank, a quote, `$`, `;`, `{`
 * or `}`, so no value in Redis can give nginx a variable or a second directive.
 *
 * @param text the address
 * @param before bytes before it in the full text; error positions count from the start of the full text
 * @returns `bad_target` with the position, what was expected and what was found
 */
export function parseAddress(text: string, before = 0): Result<Address, "bad_target"> {
  const [usual] = parseIpv4AndPort(text);
  if (usual !== undefined) return $multi(usual, undefined);
  const [schemeText, hostText, portText] = cut(text);
  const beforeHost = before + schemeText.length;

  const [scheme, schemeErr, schemeDetail] = parseScheme(schemeText, before);
  if (schemeErr !== undefined) return $multi(undefined, schemeErr, schemeDetail);
  const [host, hostErr, hostDetail] = parseHost(hostText, beforeHost);
  if (hostErr !== undefined) return $multi(undefined, hostErr, hostDetail);
  const [port, portErr, portDetail] = parsePort(portText, beforeHost + hostText.length, DEFAULT_PORT[scheme]);
  if (portErr !== undefined) return $multi(undefined, portErr, portDetail);

  return $multi({ scheme, form: host.form, host: host.host, port }, undefined);
}

/**
 * Fast path: reads an IPv4 literal and a port, the form of most addresses. LuaJIT compiles this; it does not compile
 * pattern matching. Reading a file of a million routes takes half the time.
 *
 * @returns the address, and its host as a number; nothing for any other text, valid or not
 */
export function parseIpv4AndPort(
  text: string,
): LuaMultiReturn<[address: Address, ipv4: number] | [address: undefined, ipv4: undefined]> {
  const [ipv4, port, colon] = readIpv4AndPort(text);
  if (ipv4 === undefined) return $multi(undefined, undefined);
  return $multi({ scheme: "http", form: "ipv4", host: string.sub(text, 1, colon - 1), port }, ipv4);
}

/**
 * Reads the same form without building an address. A text of this form is already canonical.
 *
 * @returns the host as a number, the port, and the position of the colon; nothing for any other text
 */
export function readIpv4AndPort(
  text: string,
): LuaMultiReturn<[ipv4: number, port: number, colon: number] | [ipv4: undefined, port: undefined, colon: undefined]> {
  const [colon] = string.find(text, ":", 1, true);
  if (colon === undefined) return $multi(undefined, undefined, undefined);
  const port = portFrom(text, colon + 1);
  const ipv4 = ipv4Number(text, colon - 1);
  if (port === undefined || ipv4 === undefined) return $multi(undefined, undefined, undefined);
  return $multi(ipv4, port, colon);
}

/** The port in the text from `start` to the end; nothing if that is not exactly a port. */
function portFrom(text: string, start: number): number | undefined {
  let port = 0;
  for (const i of $range(start, text.length)) {
    const byte = string.byte(text, i);
    const isLeadingZero = byte === ZERO && port === 0;
    if (byte < ZERO || byte > NINE || isLeadingZero || port > 65535) return undefined;
    port = port * 10 + byte - ZERO;
  }
  return port >= 1 && port <= 65535 ? port : undefined;
}

/**
 * The canonical text of an address; it parses to the same address. It has a scheme only for https, and always a port.
 */
export function printAddress(address: Address): string {
  const hostPort = printHostPort(address);
  return address.scheme === "https" ? `https://${hostPort}` : hostPort;
}

/**
 * The text that follows `proxy_pass http://`: `10.0.0.5:8080`, `[fd00::5]:8080`, `app.internal:80`.
 *
 * The port is always present: without it, nginx would use an `upstream` block of that name, if there is one.
 */
export function printHostPort(address: Address): string {
  return address.form === "ipv6" ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Splits the text into three parts without checking them; joined, they give the text again. */
function cut(text: string): LuaMultiReturn<[scheme: string, host: string, port: string]> {
  const [scheme] = string.match(text, "^[A-Za-z][A-Za-z0-9+.-]*://");
  const rest = string.sub(text, (scheme ?? "").length + 1);
  const host = cutHost(rest);
  return $multi(scheme ?? "", host, string.sub(rest, host.length + 1));
}

/** The host at the start of the text. Only an IPv6 address contains colons, with brackets or, by mistake, without. */
function cutHost(text: string): string {
  const [bracketed] = string.match(text, "^%[[^%]]*%]?");
  if (bracketed !== undefined) return bracketed;
  const [bareIpv6] = string.match(text, "^%x*:[%x.]*:[%x:.]*$");
  if (bareIpv6 !== undefined) return bareIpv6;
  const [host] = string.match(text, "^[^:/?#]*");
  return host ?? "";
}

/** @param text the scheme with its `://`; empty if there is none */
function parseScheme(text: string, before: number): Result<Scheme, "bad_target"> {
  const lower = string.lower(text);
  if (lower === "" || lower === "http://") return $multi("http", undefined);
  if (lower === "https://") return $multi("https", undefined);
  return refuse(before + 1, "http:// or https://", text);
}

function parseHost(text: string, before: number): Result<Host, "bad_target"> {
  const [colon] = string.find(text, ":", 1, true);
  if (colon !== undefined || string.sub(text, 1, 1) === "[") return parseIpv6(text, before);
  // A last label of digits means an IPv4 address: 10.0.0.256 is a typo, never a name to resolve.
  const [endsInNumber] = string.find(`.${text}`, "^[A-Za-z0-9._-]*%.%d+$");
  if (endsInNumber !== undefined) return parseIpv4(text, before);
  const [name, err, detail] = parseHostName(withoutFinalDot(text), before);
  if (err !== undefined) return $multi(undefined, err, detail);
  return $multi({ form: "name", host: name }, undefined);
}

/**
 * Removes a final dot: `app.internal.` is `app.internal`, because nginx's resolver has no search domains. `10.0.0.5.`
 * keeps its dot, and is then refused as a name.
 */
function withoutFinalDot(text: string): string {
  const [undotted = ""] = string.match(text, "^(.*)%.$");
  const [endsInNumber] = string.find(`.${undotted}`, "%.%d*$");
  return endsInNumber === undefined ? undotted : text;
}

function parseIpv6(text: string, before: number): Result<Host, "bad_target"> {
  const [inside] = string.match(text, "^%[(.*)%]$");
  if (inside === undefined) return refuse(before + 1, "an IPv6 address in brackets", text);
  const [zone] = string.find(inside, "%", 1, true);
  if (zone !== undefined) return refuse(before + 1 + zone, "an IPv6 address without a zone", string.sub(inside, zone));
  const host = canonicalIpv6(inside);
  if (host === undefined) return refuse(before + 2, "an IPv6 address", inside);
  return $multi({ form: "ipv6", host }, undefined);
}

function parseIpv4(text: string, before: number): Result<Host, "bad_target"> {
  if (ipv4Number(text) === undefined) {
    return refuse(before + 1, "an IPv4 address of four numbers from 0 to 255 without leading zeros", text);
  }
  return $multi({ form: "ipv4", host: text }, undefined);
}

/** @param text the port with its colon; empty if there is none */
function parsePort(text: string, before: number, fallback: number): Result<number, "bad_target"> {
  if (text === "") return $multi(fallback, undefined);
  const [digits] = string.match(text, "^:([^/?#]*)");
  if (digits === undefined) return refuse(before + 1, "a port or the end: a target has no path", text);
  const [decimal] = string.match(digits, "^[1-9]%d?%d?%d?%d?$");
  const port = tonumber(decimal);
  if (port === undefined || port > 65535) return refuse(before + 2, "a port from 1 to 65535", digits);
  const path = string.sub(text, digits.length + 2);
  if (path !== "") return refuse(before + digits.length + 2, "the end: a target has no path", path);
  return $multi(port, undefined);
}
