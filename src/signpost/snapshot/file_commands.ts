import { Keys } from "../redis/keys";
import { LineReader } from "../ports";
import { Result } from "../result";
import { GatheredCommand, MOST_WORDS, PassBytes } from "./gather";
import { LineWords, newLineWords } from "./line_words";
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
 * @param words those of the line, the command and the key included, until this returns
 * @param number the line's, from 1 on
 */
export type TakeCommand = (
  this: void,
  command: GatheredCommand | "SET",
  key: string,
  words: LineWords,
  number: number,
) => void;

/** Why a file was not read to its end. */
export type ReadFailure = "file_error" | "given_up";

/** A command that a file may hold. */
interface Command {
  readonly name: GatheredCommand | "SET";
  readonly form: string;
  readonly takes: (this: void, words: number) => boolean;
}

const COMMANDS: Readonly<Record<string, Command | undefined>> = {
  SET: { name: "SET", form: "SET with a key and its value", takes: (words) => words === 3 },
  DEL: { name: "DEL", form: "DEL with a key", takes: (words) => words === 2 },
  HSET: {
    name: "HSET",
    form: "HSET with a key, fields and their values",
    takes: (words) => words > MOST_WORDS || (words >= 4 && words % 2 === 0),
  },
  RPUSH: { name: "RPUSH", form: "RPUSH with a key and its items", takes: (words) => words >= 3 },
  SADD: { name: "SADD", form: "SADD with a key and its members", takes: (words) => words >= 3 },
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
  const words = newLineWords(MOST_WORDS);
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
      const problem = line === undefined ? TOO_LONG : readLine(line, words, number, parts.keys, take);
      if (problem !== undefined) {
        complain(number, problem);
      }
      number += 1;
    }
  }
}

const TOO_LONG = `expected a line of no more than ${LONGEST_LINE} bytes`;

/** @returns why the line cannot be used, or nothing */
function readLine(line: string, words: LineWords, number: number, keys: Keys, take: TakeCommand): string | undefined {
  const [count, bad_line, reason] = words.split(line);
  if (bad_line !== undefined) {
    return reason;
  }
  const verb = words.word(0);
  const key = words.word(1);
  if (verb === undefined) {
    return undefined;
  }
  const command = COMMANDS[verb] ?? COMMANDS[string.upper(verb)];
  if (command === undefined) {
    return "expected SET, DEL, HSET, RPUSH or SADD";
  }
  if (key === undefined || !command.takes(count)) {
    return `expected ${command.form}`;
  }
  if (!keys.covers(key)) {
    return `expected a key that begins with ${keys.expected}`;
  }
  take(command.name, key, words, number);
  return undefined;
}
