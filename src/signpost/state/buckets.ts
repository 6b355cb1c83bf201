/** @returns a number that spreads names evenly, the same in all workers. */
export type HashName = (this: void, name: string) => number;

/**
 * Names share tickets and locks by bucket. 4,096 buckets always fit into memory (128 bytes each, half a megabyte in
 * all), and a name's ticket seldom moves because of another name, which costs a second read. An entry is created when
 * it is first needed: more entries in the dict make every look-up in it slower.
 */
const BUCKETS = 4096;

/** @returns the key of a name's bucket. */
export function bucketOf(prefix: string, hash: number): string {
  return `${prefix}${hash % BUCKETS}`;
}
