import { Keys } from "../redis/keys";
import { LineReader } from "../ports";
import { Result } from "../result";
import { GatheredCommand, MOST_WORDS, PassBytes } from "./gather";
import { LineWords, newLineWords } from "./line_words";
import { LONGEST_LINE } from "../text/lines";

/** The parts that `readCommands` needs. */
export interface CommandParts {
  readonly path: string;
  readonly keys: Keys;
  /** Called before each line is parsed, and for each skipped piece of a line that is too long. */
  readonly pass: PassBytes;
  /** Called with the number of a line that cannot be used, and with the reason. */
  readonly complain: (this: void, number: number, problem: string) => void;
}

/**
 * Takes a well-formed command on the key of a route or a pool.
 *
 * @param words the words of the line, including the command and the key. They are valid until this function returns
 * @param number the line number, from 1
 */
export type TakeCommand = (
  this: void,
  command: GatheredCommand | "SET",
  key: string,
  words: LineWords,
  number: number,
) => void;

/** Why reading stopped before the end of the file. */
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

/**
 * The cost of skipping a piece of a line that is too long, as the length of a line that costs as much to read, bytes.
 */
const SKIPPED_BYTES = 1000;

/**
 * Reads the rest of a file of Redis commands, one per line.
 *
 * `file_error`: the file cannot be read to its end. `given_up`: `pass` returned false.
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

/** @returns why the line cannot be used; nothing if it can */
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
