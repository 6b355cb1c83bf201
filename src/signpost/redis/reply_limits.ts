/** How much a server may say. What is more ends the reading: the connection is of no more use then. */
export interface ReplyLimits {
  /** A status, an error, a number or a size, in bytes. */
  readonly lineBytes: number;
  /** One string, in bytes. */
  readonly bulkBytes: number;
  /** All values of one reply: those of lists within lists, and the lists themselves. */
  readonly values: number;
  /** Lists within lists. */
  readonly depth: number;
  /** All that is received for one exchange, in bytes, but for what is passed over. */
  readonly totalBytes: number;
  /**
   * A longer string in a list is passed over, and stands there as `oversized`: the reading goes on after it. Unless given,
   * none is: what a server says without end is better not waited for.
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

/** @returns the usual limits, with strings in lists that are longer than so many bytes passed over. */
export function limitsPassingOver(passedOverBytes: number | undefined): ReplyLimits {
  const { lineBytes, bulkBytes, values, depth, totalBytes } = REPLY_LIMITS;
  return { lineBytes, bulkBytes, values, depth, totalBytes, passedOverBytes };
}
