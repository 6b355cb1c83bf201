import { SharedDict } from "../ports";
import { NODE_ID_PREFIX } from "../routing/cdn_loop";
import { randomHex } from "./random_bytes";

const KEY = "node_id";

const RANDOM_BYTES = 8;

/**
 * What this node calls itself in `CDN-Loop`. It is made when nginx starts and kept in the state dict, so that all workers
 * have the same, also after a reload. It is random, as host names are not unique.
 */
export function nodeId(state: SharedDict): string {
  const [known] = state.get(KEY);
  if (known !== undefined) {
    return known as string;
  }
  const fresh = NODE_ID_PREFIX + randomToken();
  state.add(KEY, fresh); // dropped: if another worker was faster, its id is found now; without room, none
  const [id] = state.get(KEY);
  return (id ?? fresh) as string;
}

/** Where the system has no random bytes to give, the time and the process must do. */
function randomToken(): string {
  return randomHex(RANDOM_BYTES) ?? string.format("%x-%x", ngx.now() * 1000, ngx.worker.pid());
}
