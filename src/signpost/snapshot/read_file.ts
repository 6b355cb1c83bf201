import { formsOf, ReadValue } from "../origin/forms";
import { Keys } from "../origin/keys";
import { ABSENT, Reading } from "../origin/reading";
import { readingOf } from "../origin/replies";
import { Files, Log } from "../ports";
import { Result } from "../result";
import { ReachProblem, withinReach } from "../routing/reach";
import { parseCommand } from "./command_line";
import { GatheredCommand, newGathered, PassLine } from "./gather";

/** What reading a file of routes and pools takes. */
export interface ReadFileParts {
  readonly files: Files;
  readonly log: Log;
  readonly keys: Keys;
  /** Where routes may lead; nothing: anywhere. */
  readonly reach?: ReachProblem | undefined;
}

/** Told of each route and pool in turn, by its name in the cache. Told again for a name, it replaces what was told. */
export type TakeRoute = (this: void, name: string, reading: Reading) => void;

/**
 * Called after each piece of about a millisecond's work. False: the reading is to end, and nothing more is told. May yield.
 */
export type TakeTurn = (this: void) => boolean;

/** Why a file was not read to its end. */
export type ReadFailure = "file_error" | "given_up";

/** A command that a file may hold. */
interface Command {
  readonly form: string;
  readonly takes: (this: void, words: number) => boolean;
}

const COMMANDS: Readonly<Record<string, Command | undefined>> = {
  SET: { form: "SET with a key and its value", takes: (words) => words === 3 },
  DEL: { form: "DEL with a key", takes: (words) => words === 2 },
  HSET: { form: "HSET with a key, fields and their values", takes: (words) => words >= 4 && words % 2 === 0 },
  RPUSH: { form: "RPUSH with a key and its items", takes: (words) => words >= 3 },
  SADD: { form: "SADD with a key and its members", takes: (words) => words >= 3 },
};

/** Which type a command makes, by Redis's word for it. */
const TYPES: Readonly<Record<GatheredCommand, string>> = { HSET: "hash", RPUSH: "list", SADD: "set", DEL: "none" };

/** So many bad lines are said one by one. */
const SAID_LINES = 20;

/** So many lines of up to so many bytes are a piece of work; a longer line is as much as several. */
const PIECE_LINES = 200;
const LINE_BYTES = 100;

/**
 * Reads routes and pools from a file of Redis commands, one a line: a snapshot, or a routes file. A line that cannot be
 * used is logged with its number and left out; the others are used.
 *
 * What the file leaves in Redis is what counts: several lines may write one hash, list or set. So strings are told as they
 * come, and what else there is at the end of the file. One thing differs: where a key that is a string becomes a hash, list
 * or set without a DEL, Redis would refuse the line; here the last form wins.
 *
 * @param turn called between the pieces of the work
 * @returns how many lines were left out. `file_error`: the file could not be read, or not to its end, and what was told is
 * a part of it. `given_up`: `turn` has said so.
 */
export function readRoutes(
  path: string,
  parts: ReadFileParts,
  take: TakeRoute,
  turn: TakeTurn,
): Result<number, ReadFailure> {
  const { files, log, keys } = parts;
  const [lines, err, detail] = files.lines(path);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  const pass = pieces(turn);
  const readString = stringReader();
  const gathered = newGathered();
  let number = 0;
  let bad = 0;
  // What is being told; here, because a function made for each line would keep LuaJIT from compiling any of this.
  let value = "";
  let isMeant = true;
  let readNow: (this: void, name: string) => Reading = readValue;
  for (;;) {
    const [line, unread, reason] = lines.next();
    if (unread !== undefined) {
      return $multi(undefined, unread, reason);
    }
    if (line === undefined) {
      break;
    }
    if (!pass(line)) {
      lines.close();
      return $multi(undefined, "given_up", path);
    }
    number += 1;
    note(readLine(line));
  }
  if (bad > SAID_LINES) {
    log.error(`${path}: ${bad} bad lines in all`);
  }
  if (!gathered.each(tellGathered, pass)) {
    return $multi(undefined, "given_up", path);
  }
  return $multi(bad, undefined);

  function note(problem: string | undefined): void {
    if (problem !== undefined) {
      bad += 1;
      if (bad <= SAID_LINES) {
        log.error(`${path}: line ${number}: ${problem}`);
      }
    }
  }

  function tellGathered(this: void, key: string, command: GatheredCommand, items: readonly string[]): void {
    tellNames(key, (name) => {
      const form = formsOf(name).others[TYPES[command]];
      return form === undefined ? ABSENT : readingOf(form.read, items);
    });
  }

  function readLine(line: string): string | undefined {
    const [words, bad_line, reason] = parseCommand(line);
    if (bad_line !== undefined) {
      return reason;
    }
    const [verb, key, text] = words;
    if (verb === undefined) {
      return undefined;
    }
    const upper = string.upper(verb);
    const command = COMMANDS[upper];
    if (command === undefined) {
      return "expected SET, DEL, HSET, RPUSH or SADD";
    }
    if (key === undefined || !command.takes(words.length)) {
      return `expected ${command.form}`;
    }
    if (!keys.covers(key)) {
      return `expected a key that begins with ${keys.routePrefix} or ${keys.poolPrefix}`;
    }
    if (upper !== "SET" || text === undefined) {
      return gathered.add(upper as GatheredCommand, key, line);
    }
    gathered.forget(key);
    value = text;
    tellNames(key, readValue);
    return undefined;
  }

  function readValue(this: void, name: string): Reading {
    return readString(name, value);
  }

  function tellNames(key: string, read: (this: void, name: string) => Reading): void {
    isMeant = true;
    readNow = read;
    keys.eachName(key, tellName);
  }

  /** A key under both prefixes is meant by the longer one: by the other it is told only if it is good there. */
  function tellName(this: void, name: string): void {
    const reading = withinReach(parts.reach, name, readNow(name));
    if (isMeant || reading.kind !== "bad") {
      take(name, reading);
    }
    isMeant = false;
  }
}

/** @returns what counts the lines, and takes the turn after each piece of work. */
function pieces(turn: TakeTurn): PassLine {
  let done = 0;
  return (line) => {
    if (done >= PIECE_LINES) {
      done = 0;
      if (!turn()) {
        return false;
      }
    }
    done += 1 + math.floor(line.length / LINE_BYTES);
    return true;
  };
}

/** Many routes have the same target: the first so many different ones are read once. */
const REMEMBERED_TARGETS = 10_000;

function stringReader(): (this: void, name: string, text: string) => Reading {
  const known = new LuaMap<ReadValue<string>, LuaMap<string, Reading>>();
  let room = REMEMBERED_TARGETS;
  return (name, text) => {
    const read = formsOf(name).string;
    const readings = known.get(read) ?? new LuaMap<string, Reading>();
    known.set(read, readings);
    const before = readings.get(text);
    if (before !== undefined) {
      return before;
    }
    const reading = readingOf(read, text);
    if (room > 0) {
      room -= 1;
      readings.set(text, reading);
    }
    return reading;
  };
}
