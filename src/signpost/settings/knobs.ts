import type { Knob } from "./knob";

/** Every setting, by the name users give it. */
export const KNOBS = {
  redis: {
    order: 10,
    kind: "string",
    secret: true,
    part: "endpoint",
    min: 1,
    max: 8192,
    unit: "bytes",
    meaning:
      "Where Redis is: `redis://[[user]:password@]host[:port][/database]`, `rediss://…` for the same over TLS, or " +
      "`unix:/path/to.sock`. The port is 6379 unless given; an IPv6 address stands in brackets; in a user or " +
      "password `%40` is `@`. Either this or `routes_file` must be given.",
  },
  redis_user: {
    order: 20,
    kind: "string",
    part: "endpoint",
    min: 1,
    max: 512,
    unit: "bytes",
    meaning: "The Redis user (ACL), if it is not in the address. Needs a password.",
  },
  redis_password: {
    order: 30,
    kind: "string",
    secret: true,
    part: "endpoint",
    min: 1,
    max: 8192,
    unit: "bytes",
    meaning: "The password, if it is not in the address.",
  },
  redis_database: {
    order: 40,
    kind: "integer",
    part: "endpoint",
    fallback: 0,
    min: 0,
    max: 65_535,
    meaning: "The database number, if it is not in the address.",
  },
  redis_tls_verify: {
    order: 50,
    kind: "boolean",
    fallback: true,
    meaning:
      "Whether the server certificate of a `rediss://` address is verified. Off, the password may go to anybody.",
  },
  redis_connect_timeout: {
    order: 60,
    kind: "integer",
    fallback: 500,
    min: 1,
    max: 60_000,
    unit: "ms",
    meaning: "How long connecting to Redis may take.",
  },
  redis_send_timeout: {
    order: 70,
    kind: "integer",
    fallback: 500,
    min: 1,
    max: 60_000,
    unit: "ms",
    meaning: "How long sending commands to Redis may make no progress.",
  },
  redis_read_timeout: {
    order: 80,
    kind: "integer",
    fallback: 1000,
    min: 1,
    max: 60_000,
    unit: "ms",
    meaning: "How long Redis may take to answer.",
  },
  redis_pool_size: {
    order: 90,
    kind: "integer",
    fallback: 32,
    min: 1,
    max: 1024,
    unit: "connections per worker",
    meaning: "How many connections to Redis a worker has at most.",
  },
  redis_pool_idle: {
    order: 100,
    kind: "integer",
    fallback: 60_000,
    min: 1000,
    max: 3_600_000,
    unit: "ms",
    meaning: "How long an unused connection to Redis is kept.",
  },
  redis_backlog: {
    order: 110,
    kind: "integer",
    fallback: 128,
    min: 0,
    max: 65_535,
    unit: "connects per worker",
    meaning: "How many connects may wait while all connections are in use; one more fails at once.",
  },
  route_prefix: {
    order: 120,
    kind: "string",
    fallback: "route:",
    min: 0,
    max: 128,
    unit: "bytes",
    meaning: "What a route's key begins with, before the host. May be empty.",
  },
  pool_prefix: {
    order: 130,
    kind: "string",
    fallback: "pool:",
    min: 0,
    max: 128,
    unit: "bytes",
    meaning: "What a pool's key begins with, before the pool's name. May be empty, but not the same as `route_prefix`.",
  },
  tables: {
    order: 135,
    kind: "tables",
    min: 1,
    max: 16,
    unit: "tables",
    meaning:
      'Further tables, each with prefixes of its own: `{ internal = { route_prefix = "internal:route:", pool_prefix = ' +
      '"internal:pool:" } }`. `set $signpost_table internal;` chooses one. See "Several tables".',
  },
  cache_ttl: {
    order: 140,
    kind: "number",
    fallback: 10,
    min: 0.1,
    max: 86_400,
    unit: "s",
    meaning:
      "Without push from Redis, how long a record is fresh. After it, the record is read again in the background and " +
      "served meanwhile.",
  },
  watch_timeout: {
    order: 145,
    kind: "number",
    fallback: 3,
    min: 0.5,
    max: 3600,
    unit: "s",
    meaning:
      "How long the connection on which Redis pushes changes may be silent, PINGs unanswered, before it is taken for " +
      "dead and made again.",
  },
  snapshot: {
    order: 146,
    kind: "string",
    min: 1,
    max: 4096,
    unit: "bytes",
    meaning:
      "Absolute path of a file that is kept in step with what Redis holds, and loaded when nginx starts, so that it " +
      "can start while Redis is down. The workers' user must be able to write in its directory.",
  },
  snapshot_interval: {
    order: 147,
    kind: "number",
    fallback: 60,
    min: 0.1,
    max: 86_400,
    unit: "s",
    meaning: "The snapshot is written at most this often, and only if something has changed.",
  },
  routes_file: {
    order: 148,
    kind: "string",
    min: 1,
    max: 4096,
    unit: "bytes",
    meaning:
      "Absolute path of a file of routes, to do without Redis: the same form as a snapshot. It is read again whenever " +
      "it changes.",
  },
  memory_size: {
    order: 150,
    kind: "integer",
    fallback: 20_000,
    min: 100,
    max: 1_000_000,
    unit: "hosts per worker",
    meaning:
      "How many hosts a worker knows in its own memory; beyond it the least recently used one goes. What their routes " +
      "are compiled to takes about 4 KiB for each of them at most, and pools as much again.",
  },
  max_lookups: {
    order: 160,
    kind: "integer",
    fallback: 100,
    min: 1,
    max: 10_000,
    unit: "look-ups per worker",
    meaning:
      "How many look-ups in Redis run at once. While that many run, a request for another unknown host gets 503 `busy`.",
  },
  breaker_failures: {
    order: 170,
    kind: "integer",
    fallback: 3,
    min: 1,
    max: 1000,
    unit: "failures",
    meaning:
      "After how many failed look-ups in a row Redis is taken for dead: a request for an unknown host then gets 503 " +
      "`redis_down` at once, without asking.",
  },
  breaker_pause: {
    order: 180,
    kind: "number",
    fallback: 1,
    min: 0.05,
    max: 3600,
    unit: "s",
    meaning: "How long the breaker stays open until one look-up tries Redis again.",
  },
  upstream_block: {
    order: 184,
    kind: "string",
    fallback: "signpost",
    min: 0,
    max: 128,
    unit: "bytes",
    meaning:
      "The name of the `upstream` block whose balancer is Signpost's. Empty: there is none, and every backend goes by " +
      "address, over a connection of its own, without another try.",
  },
  keepalive_timeout: {
    order: 185,
    kind: "number",
    fallback: 4,
    min: 0.01,
    max: 3600,
    unit: "s",
    meaning:
      "Only on OpenResty from 1.29.2.4: how long an idle connection to a backend is kept. Everywhere else, and with an " +
      "`upstream_block` of your own, `keepalive_timeout` in the block says it.",
  },
  allow_targets: {
    order: 186,
    kind: "ranges",
    min: 1,
    max: 256,
    unit: "ranges",
    meaning:
      'Where routes and pools may lead: `{ "10.0.0.0/8", "fd00::/8" }`. A backend outside is refused, and so is every ' +
      "backend given by name.",
  },
  deny_targets: {
    order: 187,
    kind: "ranges",
    min: 1,
    max: 256,
    unit: "ranges",
    meaning:
      'Where they may not lead, whatever `allow_targets` says: `{ "127.0.0.0/8", "::1", "169.254.0.0/16" }`. While it is ' +
      "set, backends given by name are refused.",
  },
  refusals: {
    order: 188,
    kind: "choice",
    fallback: "text",
    choices: ["text", "nginx"],
    meaning:
      "Who writes the answer to a request that no backend gets: Signpost, a line of plain text; or nginx, its own page, " +
      "in whose place your `error_page` is sent.",
  },
  retry_after: {
    order: 190,
    kind: "integer",
    fallback: 5,
    min: 1,
    max: 3600,
    unit: "s",
    meaning: "The `Retry-After` of a 503 answer.",
  },
} as const satisfies Record<string, Knob>;
