import { GatheredCommand, MOST_BYTES, newGathered, STEPS, TellKey } from "./gather";
import { LineWords } from "./line_words";

/**
 * Gathers consecutive lines of one key, and tells the key when the next key begins.
 *
 * Nearly every key has one line, after a DEL at most. Such a line is told directly, because gathering it would take a
 * dozen tables.
 * @noSelf
 */
export interface Run {
  /** @returns why Redis would refuse the command; nothing if it would not. See `Gathered` */
  add(command: GatheredCommand, key: string, words: LineWords): string | undefined;
  /** Tells the last key. Call it when there are no more lines. */
  finish(): void;
}

/** A line with more items than this is gathered, because comparing each item with all others would take too long. */
const FEW_ITEMS = 16;

/** @param tell receives each key in turn */
export function newRun(tell: TellKey): Run {
  const gathered = newGathered();
  let runKey: string | undefined;
  /** The command of the key's only line, which is in `items`. It is undefined if the key's lines are gathered. */
  let command: GatheredCommand | undefined;
  /** One list for all keys, because a new list would grow in several steps. */
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

/** `pass` was already called for these lines. */
const goOn = () => true;

/**
 * Whether one line alone can be told as it is: its items are few and not too large, and no field or member occurs
 * twice.
 * @param items filled with the line's items, unless they are too many
 */
function areAsTheyStand(command: GatheredCommand, words: LineWords, items: string[]): boolean {
  if (words.count() > FEW_ITEMS + 2) return false;
  let bytes = 0;
  for (const item of words.from(2, items)) bytes += item.length;
  return bytes <= MOST_BYTES && !hasTwice(items, STEPS[command]);
}

/** @param step the items per entry, see `STEPS`; nothing if items may repeat */
function hasTwice(items: readonly string[], step: number | undefined): boolean {
  if (step === undefined) return false;
  for (const i of $range(step, items.length - 1, step)) {
    for (const j of $range(0, i - step, step)) {
      if (items[i] === items[j]) return true;
    }
  }
  return false;
}
