import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

/** What a process needs of the machine. */
export interface Footprint {
  /** Memory in RAM, KiB. */
  readonly rssKib: number;
  /** How many files and sockets are open. */
  readonly openFiles: number;
}

/** @throws an Error when there is no such process */
export function footprint(pid: number): Footprint {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { rssKib: Number(rss), openFiles: readdirSync(`/proc/${pid}/fd`).length };
}

/**
 * Which of some processes has a TCP connection from this port of 127.0.0.1; nothing if none has. The connection must last
 * until the answer is there.
 *
 * @param pids processes that may have ended meanwhile
 */
export async function ownerOfPort(port: number, pids: readonly number[]): Promise<number | undefined> {
  const sockets = inodesOfPort(await connectionTable(), port).map((inode) => `socket:[${inode}]`);
  return pids.find((pid) => openFilesOf(pid).some((file) => sockets.includes(file)));
}

let reading: Promise<string> | undefined;

/**
 * /proc/net/tcp as it is after the call. The kernel takes 2 µs for each connection of the whole machine, those just closed
 * included, so all who ask in one turn of the event loop share a reading. (It comes in pieces of 4 KiB: read one by one
 * through Node's thread pool, they would take seconds on a busy machine.)
 */
function connectionTable(): Promise<string> {
  reading ??= turn().then(() => {
    reading = undefined;
    return readFileSync("/proc/net/tcp", "latin1");
  });
  return reading;
}

/** A row has its number, the local address in hexadecimal, and as tenth word the socket's inode. */
function inodesOfPort(table: string, port: number): string[] {
  const local = `: 0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const inodes: string[] = [];
  for (let at = table.indexOf(local); at >= 0; at = table.indexOf(local, at + 1)) {
    inodes.push(table.slice(at, table.indexOf("\n", at)).split(/\s+/)[9] ?? "");
  }
  return inodes;
}

function openFilesOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).flatMap((fd) => linkTarget(`${directory}/${fd}`));
  } catch {
    return []; // the process has ended
  }
}

/** A file may be closed while its directory is read. */
function linkTarget(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
