import { GatheredCommand, MOST_BYTES, newGathered, STEPS, TellKey } from "./gather";
import { LineWords } from "./line_words";

/**
 * Gathers the lines of one key that stand one after the other, and tells of the key when the next one begins.
 *
 * Nearly every key has one line, after a DEL at most. Such a line is told as it stands: to gather it would take a dozen
 * tables.
 * @noSelf
 */
export interface Run {
  /** @returns why Redis would refuse the command, or nothing; see `Gathered` */
  add(command: GatheredCommand, key: string, words: LineWords): string | undefined;
  /** There are no more lines. */
  finish(): void;
}

/** The items of a line that has more are not compared one with the other, but gathered. */
const FEW_ITEMS = 16;

/** @param tell told of each key in turn */
export function newRun(tell: TellKey): Run {
  const gathered = newGathered();
  let runKey: string | undefined;
  /** The command of the key's only line, and its items; no command if the key's lines are gathered. */
  let command: GatheredCommand | undefined;
  /** One list for all keys: a new one would grow in several steps. */
  const items: string[] = [];

  return {
    add: (next, key, words) => {
      if (key !== runKey) finish();
      const isFirst = runKey === undefined || command === "DEL";
      runKey = key;
      if (isFirst && areAsTheyStand(next, words, items)) {
        command = next;
        return undefined;
      }
      if (!isFirst) gatherOnly(key);
      command = undefined;
      return gathered.add(next, key, words.from(0, []));
    },
    finish,
  };

  function gatherOnly(key: string): void {
    if (command === undefined) return;
    const line: string[] = [command, key];
    for (const item of items) line.push(item);
    gathered.add(command, key, line);
  }

  function finish(): void {
    if (runKey === undefined) return;
    if (command !== undefined) {
      tell(runKey, command, items, false);
    } else {
      gathered.each(tell, goOn);
    }
    runKey = undefined;
    command = undefined;
  }
}

/** The lines were passed already. */
const goOn = () => true;

/**
 * Whether the items of a line are what it alone makes of a key: few, not too large, no field or member twice.
 * @param items filled with them, if they may be
 */
function areAsTheyStand(command: GatheredCommand, words: LineWords, items: string[]): boolean {
  if (words.count() > FEW_ITEMS + 2) return false;
  let bytes = 0;
  for (const item of words.from(2, items)) bytes += item.length;
  return bytes <= MOST_BYTES && !hasTwice(items, STEPS[command]);
}

/** @param step how many items begin with one that may be there once; none where all may come again */
function hasTwice(items: readonly string[], step: number | undefined): boolean {
  if (step === undefined) return false;
  for (const i of $range(step, items.length - 1, step)) {
    for (const j of $range(0, i - step, step)) {
      if (items[i] === items[j]) return true;
    }
  }
  return false;
}
