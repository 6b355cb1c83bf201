import { Keys } from "../redis/keys";
import { Files, LineReader, Log } from "../ports";
import { Result } from "../result";
import { ReachProblem } from "../format/reach";
import { CommandParts, ReadFailure, readCommands } from "./file_commands";
import { newGathered, PassBytes } from "./gather";
import { IsRepeated, newMentions } from "./mentions";
import { newRun } from "./run";
import { TakeRoute, teller, Teller } from "./tell_routes";

/** The parts that `readRoutes` needs. */
export interface ReadFileParts {
  readonly files: Files;
  readonly log: Log;
  readonly keys: Keys;
  /** Distributes keys evenly over 32 bits. */
  readonly hash: (this: void, key: string) => number;
  /** Checks the addresses that routes lead to. If absent, routes may lead anywhere. */
  readonly reach?: ReachProblem | undefined;
}

/** Called after each piece of about a millisecond's work. False: reading stops, and nothing more is told. May yield. */
export type TakeTurn = (this: void) => boolean;

/** How many bad lines are logged one by one. */
const SAID_LINES = 20;

/**
 * Reads routes and pools from a file of Redis commands, one per line: a snapshot or a routes file. A line that cannot
 * be used is logged with its number and left out. The other lines are used.
 *
 * The result is what the file would leave in Redis: several lines may write one hash, list or set. So strings are told
 * at once, and all other keys on a second pass over the file; see `gatherKeys`. There is one difference. If a string
 * becomes a hash, list or set without a DEL, Redis would refuse the line; here the last type wins.
 *
 * @param turn called between pieces of the work
 * @returns how many lines were left out. `file_error`: the file could not be opened or read to its end, and only a part
 * of it was told. `given_up`: `turn` returned false.
 */
export function readRoutes(
  path: string,
  parts: ReadFileParts,
  take: TakeRoute,
  turn: TakeTurn,
): Result<number, ReadFailure> {
  const [lines, err, detail] = parts.files.lines(path);
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  let bad = 0;
  const complain = (number: number, problem: string) => {
    bad += 1;
    if (bad <= SAID_LINES) {
      parts.log.error(`${path}: line ${number}: ${problem}`);
    }
  };
  const commands = { path, keys: parts.keys, pass: pieces(turn), complain };
  const [, failure, reason] = readTwice(lines, commands, teller(parts.keys, parts.reach, take), parts.hash);
  lines.close();
  if (failure !== undefined) {
    return $multi(undefined, failure, reason);
  }
  if (bad > SAID_LINES) {
    parts.log.error(`${path}: ${bad} bad lines in all`);
  }
  return $multi(bad, undefined);
}

/** Tells strings at once and notes all other keys. Then tells those keys. */
function readTwice(
  lines: LineReader,
  parts: CommandParts,
  tell: Teller,
  hash: ReadFileParts["hash"],
): Result<true, ReadFailure> {
  const mentions = newMentions(hash);
  let lastKey: string | undefined;
  const [, err, detail] = readCommands(lines, parts, (command, key, words) => {
    if (command === "SET") {
      lastKey = undefined;
      mentions.noteAgain(key);
      tell.string(key, words.word(2) as string);
    } else if (key !== lastKey) {
      lastKey = key;
      mentions.note(key);
    }
  });
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  if (mentions.isEmpty()) {
    return $multi(true, undefined);
  }
  const isRepeated = mentions.findRepeated(parts.pass);
  if (isRepeated === undefined) {
    return $multi(undefined, "given_up", parts.path);
  }
  return gatherKeys(lines, parts, tell, isRepeated);
}

/**
 * Reads the file again and tells every key that is not a string. Nearly every key has all its lines in a row. Such a
 * key is told when they end, and then forgotten. Only keys that are mentioned again elsewhere are remembered until the
 * file ends. So a million routes take no more memory than their numbers in `Mentions`.
 */
function gatherKeys(
  lines: LineReader,
  parts: CommandParts,
  tell: Teller,
  isRepeated: IsRepeated,
): Result<true, ReadFailure> {
  const { path, keys, pass, complain } = parts;
  const repeated = newGathered();
  const run = newRun(tell.items);
  lines.rewind();
  // The first pass has reported lines that are wrong by themselves.
  const silent = { path, keys, pass, complain: () => {} };
  const [, err, detail] = readCommands(lines, silent, (command, key, words, number) => {
    if (command === "SET") {
      repeated.forget(key);
      return;
    }
    const problem = isRepeated(key) ? repeated.add(command, key, words.from(0, [])) : run.add(command, key, words);
    if (problem !== undefined) complain(number, problem);
  });
  if (err !== undefined) {
    return $multi(undefined, err, detail);
  }
  run.finish();
  if (!repeated.each(tell.items, pass)) {
    return $multi(undefined, "given_up", path);
  }
  return $multi(true, undefined);
}

/**
 * One piece of work is `PIECE_LINES` lines of up to `LINE_BYTES` bytes. A longer line counts as several. A line that
 * makes a route with paths, which workers then hold, costs 20 to 90 µs.
 */
const PIECE_LINES = 50;
const LINE_BYTES = 100;

/** @returns a function that counts lines and calls `turn` after each piece of work. */
function pieces(turn: TakeTurn): PassBytes {
  let done = 0;
  return (bytes) => {
    if (done >= PIECE_LINES) {
      done = 0;
      if (!turn()) {
        return false;
      }
    }
    done += 1 + math.floor(bytes / LINE_BYTES);
    return true;
  };
}
