/** The maximum number of edits between a word and the name suggested for it. */
const MOST_SLIPS = 3;

/**
 * Finds the name that was most likely meant.
 * @returns the one of `names` that needs the fewest edits to become `word`; of equals, the first in the alphabet. An
 * edit is a missing, extra or wrong character, or two swapped ones; upper case in `word` is not an edit. Nothing if
 * more than three edits are needed, or more than one for every three characters of `word`
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const wanted = string.lower(word);
  let best: string | undefined = undefined;
  let fewest = math.min(MOST_SLIPS, math.floor(wanted.length / 3));
  for (const name of names) {
    const count = slips(wanted, name, fewest);
    if (count < fewest || (count === fewest && (best === undefined || name < best))) {
      best = name;
      fewest = count;
    }
  }
  return best;
}

/**
 * The Damerau-Levenshtein distance ("optimal string alignment": each place is edited once) if it is at most `limit`;
 * otherwise a number above `limit`. Words whose lengths differ by more than `limit` are not compared, so a huge word
 * costs nothing.
 */
function slips(a: string, b: string, limit: number): number {
  if (math.abs(a.length - b.length) > limit) return limit + 1;
  let above: Row = new LuaTable();
  let row = firstRow(b.length);
  for (const i of $range(1, a.length)) {
    const next = nextRow(a, b, i, row, above);
    above = row;
    row = next;
  }
  return row.get(b.length);
}

/**
 * Row `i` of the distance table: entry `j` counts the edits between the first `i` bytes of `a` and the first `j` of
 * `b`.
 */
type Row = LuaTable<number, number>;

function firstRow(length: number): Row {
  const row: Row = new LuaTable();
  for (const j of $range(0, length)) row.set(j, j);
  return row;
}

function nextRow(a: string, b: string, i: number, previous: Row, beforePrevious: Row): Row {
  const row: Row = new LuaTable();
  row.set(0, i);
  for (const j of $range(1, b.length)) {
    const wrong = string.byte(a, i) === string.byte(b, j) ? 0 : 1;
    let count = math.min(previous.get(j) + 1, row.get(j - 1) + 1, previous.get(j - 1) + wrong);
    if (isSwap(a, b, i, j)) count = math.min(count, beforePrevious.get(j - 2) + 1);
    row.set(j, count);
  }
  return row;
}

function isSwap(a: string, b: string, i: number, j: number): boolean {
  return i > 1 && j > 1 && string.byte(a, i) === string.byte(b, j - 1) && string.byte(a, i - 1) === string.byte(b, j);
}
