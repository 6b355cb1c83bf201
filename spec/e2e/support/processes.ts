import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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
 * Which of some processes has a TCP connection from this port of 127.0.0.1; nothing if none has.
 *
 * @param pids processes that may have ended meanwhile
 */
export function ownerOfPort(port: number, pids: readonly number[]): number | undefined {
  const sockets = inodesOfPort(port).map((inode) => `socket:[${inode}]`);
  return pids.find((pid) => openFilesOf(pid).some((file) => sockets.includes(file)));
}

/** /proc/net/tcp has, among others, the local address in hexadecimal, and the socket's inode as tenth word. */
function inodesOfPort(port: number): string[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return rows.map((row) => row.trim().split(/\s+/)).flatMap((words) => (words[1] === local ? (words[9] ?? []) : []));
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
