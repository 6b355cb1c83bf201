/** How much a server may send. Anything beyond a limit ends the reading, and the connection cannot be used again. */
export interface ReplyLimits {
  /** A status, an error, a number or a size, in bytes. */
  readonly lineBytes: number;
  /** One string, in bytes. */
  readonly bulkBytes: number;
  /** All values of one reply, including those of lists within lists, and the lists themselves. */
  readonly values: number;
  /** Lists within lists. */
  readonly depth: number;
  /** All bytes received for one exchange, except those of skipped strings. */
  readonly totalBytes: number;
  /**
   * A longer string in a list is skipped, and `oversized` stands in its place: the reading goes on after it. By
   * default no string is skipped: it is better not to wait for a server that sends without end.
   */
  readonly passedOverBytes?: number | undefined;
}

/**
 * Far above what a legal route or pool takes (`MOST_ITEMS` of `read_values`, twice for a hash), and above a batch of
 * SCAN; low enough for a worker to read it in milliseconds.
 */
export const REPLY_LIMITS: ReplyLimits = {
  lineBytes: 8_192,
  bulkBytes: 1_048_576,
  values: 10_000,
  depth: 8,
  totalBytes: 4_194_304,
};

/** @returns the usual limits. Strings in lists that are longer than `passedOverBytes` are skipped, if it is given. */
export function limitsPassingOver(passedOverBytes: number | undefined): ReplyLimits {
  const { lineBytes, bulkBytes, values, depth, totalBytes } = REPLY_LIMITS;
  return { lineBytes, bulkBytes, values, depth, totalBytes, passedOverBytes };
}
