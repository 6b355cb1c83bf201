import { Result } from "../result";
import { Probe, ProbeCheck } from "../health/checks";
import { race } from "./background";

/** A pool of its own, so that a check never takes a connection that other code has kept. */
const CONNECTING = { pool: "signpost health checks" };

/** The length of a status line up to the byte after its status, as in `HTTP/1.1 200 `. */
const STATUS_BYTES = 13;

/**
 * Makes a check: one GET on a connection of its own, which is closed as soon as the status has come. An https peer
 * must show a certificate for its own name that `lua_ssl_trusted_certificate` vouches for; a peer's name is resolved
 * by nginx's `resolver`. Both directives are read from nginx's http level. The check ends within its timeout, or when
 * it is stopped.
 */
export const probe: Probe = (check, stop) => {
  const socket = ngx.socket.tcp();
  const milliseconds = math.ceil(check.timeout * 1000);
  socket.settimeouts(milliseconds, milliseconds, milliseconds);
  let status: number | undefined;
  let problem: string | undefined;
  const asking = () => {
    const [answered, err, detail] = ask(socket, check);
    if (err !== undefined) {
      problem = detail;
    } else {
      status = answered;
    }
  };
  // The socket's timeouts bound only each silence. A peer may be slow at every step, and its name must be resolved
  // first.
  race(asking, () => {
    stop.wait(check.timeout); // dropped: the check ends when the wait ends, whatever the result
  });
  socket.close(); // dropped: it is closed already if connecting failed
  if (status === undefined) {
    return $multi(undefined, "failed", problem ?? "timeout");
  }
  return $multi(status, undefined);
};

function ask(socket: NgxTcpSocket, check: ProbeCheck): Result<number, "failed"> {
  const { address } = check;
  const host = address.form === "ipv6" ? `[${address.host}]` : address.host;
  const [, refused] = socket.connect(host, address.port, CONNECTING);
  if (refused !== undefined) {
    return failed("connect", refused);
  }
  const distrusted = address.scheme === "https" ? secure(socket, address.host) : undefined;
  if (distrusted !== undefined) {
    return failed("TLS", distrusted);
  }
  const [, unsent] = socket.send(requestText(check));
  if (unsent !== undefined) {
    return failed("send", unsent);
  }
  const [start, unanswered] = socket.receive(STATUS_BYTES);
  if (unanswered !== undefined) {
    return failed("receive", unanswered);
  }
  return readStatus(start);
}

/**
 * @returns what is wrong. A handshake that never had to wait may report nothing although the certificate was refused.
 * The socket is then closed, and sending fails.
 */
function secure(socket: NgxTcpSocket, name: string): string | undefined {
  const [, err] = socket.sslhandshake(false, name, true);
  return err;
}

function requestText(check: ProbeCheck): string {
  const { path, hostHeader } = check;
  return `GET ${path} HTTP/1.1\r\nHost: ${hostHeader}\r\nUser-Agent: signpost\r\nConnection: close\r\n\r\n`;
}

function readStatus(start: string): Result<number, "failed"> {
  const [digits] = string.match(start, "^HTTP/1%.%d ([1-5]%d%d)[ \r\n]$");
  const status = tonumber(digits);
  if (status === undefined) {
    return failed("receive", "not an answer in HTTP/1");
  }
  return $multi(status, undefined);
}

function failed(step: string, problem: string): LuaMultiReturn<[value: undefined, err: "failed", detail: string]> {
  return $multi(undefined, "failed", `${step}: ${problem}`);
}
