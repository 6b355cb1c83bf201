import { SafeDict } from "../ports";
import { STATE_KEYS } from "../state/keys";
import { NODE_ID_PREFIX } from "../routing/cdn_loop";
import { randomHex } from "../platform/random_bytes";

const KEY = STATE_KEYS.nodeId;

const RANDOM_BYTES = 8;

/** As known before there were workers, and so the same in all of them: for when the dict has no room for it, or loses it. */
let made: string | undefined;

/**
 * What this node calls itself in `CDN-Loop`. It is made when nginx starts and kept in the state dict, so that all workers
 * have the same, also after a reload. It is random, as host names are not unique.
 */
export function nodeId(state: SafeDict): string {
  const [known] = state.get(KEY);
  if (known !== undefined) {
    made = known as string;
    return made;
  }
  made ??= NODE_ID_PREFIX + randomToken();
  state.safe_add(KEY, made); // dropped: if another worker was faster, its id is found now; without room, none
  const [id] = state.get(KEY);
  return (id ?? made) as string;
}

/** Where the system has no random bytes to give, the time and the process must do. */
function randomToken(): string {
  return randomHex(RANDOM_BYTES) ?? string.format("%x-%x", ngx.now() * 1000, ngx.worker.pid());
}
