import { SafeDict } from "../ports";
import { STATE_KEYS } from "../state/keys";
import { NODE_ID_PREFIX } from "../routing/cdn_loop";
import { randomHex } from "../platform/random_bytes";

const KEY = STATE_KEYS.nodeId;

const RANDOM_BYTES = 8;

/**
 * The id that was made before workers were forked, so the same in all of them. Used if the dict has no room or loses
 * it.
 */
let made: string | undefined;

/**
 * Names this node in `CDN-Loop`. The id is made when nginx starts and kept in the state dict, so that all workers have
 * the same one, also after a reload. It is random, because host names are not unique.
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

/** If the system has no random bytes, the time and the process id tell nodes apart. */
function randomToken(): string {
  return randomHex(RANDOM_BYTES) ?? string.format("%x-%x", ngx.now() * 1000, ngx.worker.pid());
}
