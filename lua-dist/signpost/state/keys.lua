local ____exports = {}
--- Whole keys, each with its meaning.
____exports.STATE_KEYS = {
    clock = "clock",
    marks = "marks",
    mark = "mark",
    epochs = "epochs",
    epoch = "epoch",
    complete = "complete",
    forgotten = "forgotten",
    watcher = "watcher",
    generations = "generations",
    nodeId = "node_id",
    toldRights = "told_rights",
    wanted = "wanted",
    wantedHeard = "wanted_heard",
    restored = "restored",
    routesFile = "routes_file",
    begunSnapshots = "begun_snapshots",
    snapshotDue = "snapshot_due",
    snapshotOverdue = "snapshot_overdue"
}
--- Prefixes of groups of keys, each with the rest of the key and its meaning.
____exports.STATE_PREFIXES = {
    ticket = "ticket:",
    lock = "lock:",
    futureLease = "watcher:",
    successor = "watcher:of:",
    count = "count:",
    bad = "bad:",
    snapshotWriter = "alive:",
    snippet = "snippet:",
    standing = "standing:"
}
return ____exports
