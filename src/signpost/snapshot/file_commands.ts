import { Keys } from "../redis/keys";
import { LineReader } from "../ports";
import { Result } from "../result";
import { parseCommand } from "./command_line";
import { GatheredCommand, MOST_WORDS, PassBytes } from "./gather";
import { LONGEST_LINE } from "../text/lines";

/** What commands of a file are read with. */
export interface CommandParts {
  readonly path: string;
  readonly keys: Keys;
  /** Called before each line. */
  readonly pass: PassBytes;
  /** Told why a line cannot be used, and its number. */
  readonly complain: (this: void, number: number, problem: string) => void;
}

/**
 * Takes a command that is well-formed, on a key of a route or a pool.
 *
 * @param words the command and the key included; of a line of more than `MOST_WORDS`, one more than that
 * @param number the line's, from 1 on
 */
export type TakeCommand = (
  this: void,
  command: GatheredCommand | "SET",
  key: string,
  words: readonly string[],
  number: number,
) => void;

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
  HSET: {
    form: "HSET with a key, fields and their values",
    takes: (words) => words > MOST_WORDS || (words >= 4 && words % 2 === 0),
  },
  RPUSH: { form: "RPUSH with a key and its items", takes: (words) => words >= 3 },
  SADD: { form: "SADD with a key and its members", takes: (words) => words >= 3 },
};

/** What it costs to skip a piece of a line that is too long, in bytes of a line that is read. */
const SKIPPED_BYTES = 1000;

/**
 * Reads the rest of a file of Redis commands, one a line.
 *
 * `file_error`: it cannot be read to its end. `given_up`: `pass` has said so.
 */
export function readCommands(lines: LineReader, parts: CommandParts, take: TakeCommand): Result<true, ReadFailure> {
  const { path, pass, complain } = parts;
  let number = 1;
  for (;;) {
    const [line, unread, detail] = lines.next();
    if (unread === "file_error") {
      return $multi(undefined, unread, detail);
    }
    if (unread === undefined && line === undefined) {
      return $multi(true, undefined);
    }
    if (!pass(line === undefined ? SKIPPED_BYTES : line.length)) {
      return $multi(undefined, "given_up", path);
    }
    if (unread !== "in_long_line") {
      const problem = line === undefined ? TOO_LONG : readLine(line, number, parts.keys, take);
      if (problem !== undefined) {
        complain(number, problem);
      }
      number += 1;
    }
  }
}

const TOO_LONG = `expected a line of no more than ${LONGEST_LINE} bytes`;

/** @returns why the line cannot be used, or nothing */
function readLine(line: string, number: number, keys: Keys, take: TakeCommand): string | undefined {
  const [words, bad_line, reason] = parseCommand(line, MOST_WORDS);
  if (bad_line !== undefined) {
    return reason;
  }
  const verb = words[0];
  const key = words[1];
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
    return `expected a key that begins with ${keys.expected}`;
  }
  take(upper as GatheredCommand | "SET", key, words, number);
  return undefined;
}
