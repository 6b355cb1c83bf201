import { new as newSemaphore } from "ngx.semaphore";
import { Gate } from "../ports";

/** @returns a closed gate. Light threads wait for it on a semaphore, without polling. */
export function newGate(): Gate {
  const [semaphore, err] = newSemaphore(0);
  let waiting = 0;
  let open = false;

  return {
    wait: (seconds) => {
      if (open) {
        return true;
      }
      if (err !== undefined) {
        return false;
      }
      waiting += 1;
      const [passed] = semaphore.wait(seconds);
      waiting -= 1;
      return passed === true;
    },
    open: () => {
      open = true;
      if (waiting > 0 && err === undefined) {
        semaphore.post(waiting);
      }
    },
  };
}
