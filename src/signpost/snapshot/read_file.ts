import { readOther, readTarget } from "../origin/replies";
import { Reading } from "../origin/reading";
import { Files, Log } from "../ports";
import { Result } from "../result";
import { parseCommand } from "./command_line";

/** What reading a file of routes takes. */
export interface ReadFileParts {
  readonly files: Files;
  readonly log: Log;
  readonly routePrefix: string;
  readonly poolPrefix: string;
}

/** Told of each route in turn. Told again for a name, it replaces what was told before. */
export type TakeRoute = (this: void, name: string, reading: Reading) => void;

/** A command that a file may hold. */
interface Command {
  /** The type that it writes, if that is not a string. */
  readonly found?: string;
  readonly form: string;
  readonly takes: (this: void, words: number) => boolean;
}

const COMMANDS: Readonly<Record<string, Command | undefined>> = {
  SET: { form: "SET with a key and its value", takes: (words) => words === 3 },
  DEL: { form: "DEL with a key", takes: (words) => words === 2 },
  HSET: { found: "a hash", form: "HSET with a key and its value", takes: (words) => words >= 4 && words % 2 === 0 },
  RPUSH: { found: "a list", form: "RPUSH with a key and its value", takes: (words) => words >= 3 },
  SADD: { found: "a set", form: "SADD with a key and its value", takes: (words) => words >= 3 },
};

/** The longest name that a host tries: one of 253 bytes that begins with a dot, as a wildcard. */
const NAME_BYTES = 254;

/** So many bad lines are said one by one. */
const SAID_LINES = 20;

const ABSENT: Reading = { kind: "absent" };

/**
 * Reads routes from a file of Redis commands, one a line: a snapshot, or a routes file. A line that cannot be used is
 * logged with its number and left out; the others are used.
 *
 * @returns how many lines were left out
 */
export function readRoutes(path: string, parts: ReadFileParts, take: TakeRoute): Result<number, "file_error"> {
  const { files, log, routePrefix, poolPrefix } = parts;
  const [lines, err, detail] = files.lines(path);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  const targets = targetReader();
  let number = 0;
  let bad = 0;
  for (const [line] of lines) {
    number += 1;
    const problem = readLine(line);
    if (problem !== undefined) {
      bad += 1;
      if (bad <= SAID_LINES) {
        log.error(`${path}: line ${number}: ${problem}`);
      }
    }
  }
  if (bad > SAID_LINES) {
    log.error(`${path}: ${bad} bad lines in all`);
  }
  return $multi(bad, undefined);

  function readLine(line: string): string | undefined {
    const [words, bad_line, reason] = parseCommand(line);
    if (bad_line !== undefined) {
      return reason;
    }
    const [verb, key, value] = words;
    if (verb === undefined) {
      return undefined;
    }
    const command = COMMANDS[string.upper(verb)];
    if (command === undefined) {
      return "expected SET, DEL, HSET, RPUSH or SADD";
    }
    if (key === undefined || !command.takes(words.length)) {
      return `expected ${command.form}`;
    }
    return readKey(key, command.found, value);
  }

  function readKey(key: string, found: string | undefined, value: string | undefined): string | undefined {
    if (string.sub(key, 1, routePrefix.length) !== routePrefix) {
      const isPool = string.sub(key, 1, poolPrefix.length) === poolPrefix;
      return isPool ? undefined : `expected a key that begins with ${routePrefix} or ${poolPrefix}`;
    }
    const name = string.sub(key, routePrefix.length + 1);
    // No host has any other name, nor has a shared dict room for it.
    if (name.length >= 1 && name.length <= NAME_BYTES) {
      take(name, found !== undefined ? readOther(found) : value === undefined ? ABSENT : targets(value));
    }
    return undefined;
  }
}

/** Many routes have the same target: the first so many different ones are read once. */
const REMEMBERED_TARGETS = 10_000;

function targetReader(): (this: void, text: string) => Reading {
  const known = new LuaMap<string, Reading>();
  let room = REMEMBERED_TARGETS;
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) {
      return before;
    }
    const reading = readTarget(text);
    if (room > 0) {
      room -= 1;
      known.set(text, reading);
    }
    return reading;
  };
}
