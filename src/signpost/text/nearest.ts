/** Further off than this, it is another word. */
const MOST_SLIPS = 3;

/**
 * The name somebody most likely meant.
 * @returns the one of `names` that takes the fewest slips of the finger to become `word` (a character missing, too
 * many, wrong, or two swapped; upper case is no slip), of equals the first in the alphabet; nothing if even that takes
 * more than three, or more than one for every three characters
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
 * Damerau's distance (each place is mended once: "optimal string alignment") where it is at most `limit`; otherwise
 * something more than `limit`. Words whose lengths alone differ by more are not compared: a huge one costs nothing.
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

/** Row `i` of the table of distances holds, at `j`, the slips between the first `i` bytes of `a` and `j` of `b`. */
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
