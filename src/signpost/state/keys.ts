/**
 * Every key of the shared dict `signpost_state`. Workers from before a reload read some of them too, so a key keeps its
 * meaning once it has been released.
 */

/** Whole keys, each with its meaning. */
export const STATE_KEYS = {
  /** The change clock: moves whenever an answer to a request could have changed. See `change_clock`. */
  clock: "clock",
  /** Numbers the marks made so far. */
  marks: "marks",
  /** The number of the newest mark; its flags hold the clock that it was made for. */
  mark: "mark",
  /** Numbers the epochs of tracking prepared so far. See `epochs`. */
  epochs: "epochs",
  /** The current epoch of tracking; 0 while changes are not pushed. */
  epoch: "epoch",
  /** Exists while the records are all that Redis held when a snapshot was made. See `completeness`. */
  complete: "complete",
  /** Tells workers of version 0.1.0 that records may have been evicted. */
  forgotten: "forgotten",
  /**
   * Which worker watches Redis or the routes file: a number made by `holderId`; its flags hold the time of the claim.
   */
  watcher: "watcher",
  /** Numbers the times that nginx has read its configuration. See `newGeneration`. */
  generations: "generations",
  /** The id of this node in `CDN-Loop`. */
  nodeId: "node_id",
  /** Exists once the log has said which Redis commands to grant. */
  toldRights: "told_rights",
  /** A list: names of pools in use that have active checks, as workers report them. See `wanted_checks`. */
  wanted: "wanted",
  /** A list: the same names as the watching worker knows them, for its successor. */
  wantedHeard: "wanted_heard",
  /** When the records were filled from the snapshot or the routes file, seconds since 1970. */
  restored: "restored",
  /** The version of the routes file that was loaded last. */
  routesFile: "routes_file",
  /** The paths of snapshot files that were begun, one a line. */
  begunSnapshots: "begun_snapshots",
  /** Since when a new snapshot has been due, seconds since 1970. */
  snapshotDue: "snapshot_due",
  /** Exists once the log has said that the snapshot is overdue. */
  snapshotOverdue: "snapshot_overdue",
} as const;

/** Prefixes of groups of keys, each with the rest of the key and its meaning. */
export const STATE_PREFIXES = {
  /** `ticket:BUCKET`: the ticket of the names in that bucket. See `tickets`. */
  ticket: "ticket:",
  /** `lock:BUCKET`: exists while a worker holds the lock of the names in that bucket; its flags hold the time. */
  lock: "lock:",
  /** `watcher:STAMP`: the worker that takes over a lease stamped in the future. */
  futureLease: "watcher:",
  /** `watcher:of:GENERATION`: the worker of that generation that takes over from an older one. */
  successor: "watcher:of:",
  /** `count:COUNTER`: a counter of the node. See `COUNTERS`. */
  count: "count:",
  /** `bad:SLOT`: the name of a bad record and the reason that the log has given. See `complaints`. */
  bad: "bad:",
  /** `alive:PATH`: exists while the worker that writes this snapshot file lives; its flags hold the time. */
  snapshotWriter: "alive:",
  /** `snippet:SNIPPET`: exists once the log has said what that snippet lacks. */
  snippet: "snippet:",
  /** `standing:…`: the health of peers, if there is no dict `signpost_health`. See `standing_store`. */
  standing: "standing:",
} as const;
