import { Reply } from "../ports";
import { ReadValue } from "./forms";
import { Reading } from "./reading";

/** @returns the reading that `read` makes of a value. */
export function readingOf<V>(read: ReadValue<V>, value: V): Reading {
  const [text, err, detail] = read(value);
  return err === undefined ? { kind: "good", text } : { kind: "bad", reason: detail };
}

/** Whether Redis says that the key has another type than the command reads. */
export function isWrongType(reply: Reply | undefined): boolean {
  return isError(reply, "WRONGTYPE");
}

/**
 * Whether Redis says that this user may not run this command or read this key, or that it does not know the command:
 * an administrator may have renamed it.
 */
export function isRefused(reply: Reply | undefined): boolean {
  return isError(reply, "NOPERM") || isError(reply, "ERR unknown");
}

/** @returns the texts of a list of texts; nothing for any other reply. */
export function textsOf(reply: Reply | undefined): readonly string[] | undefined {
  if (reply?.kind !== "list") {
    return undefined;
  }
  const texts: string[] = [];
  for (const item of reply.items) {
    if (item.kind !== "text") {
      return undefined;
    }
    texts.push(item.text);
  }
  return texts;
}

/** @returns what Redis said instead of what was expected. */
export function problemOf(reply: Reply | undefined, expected: string): string {
  if (reply === undefined) return `expected ${expected}, got no reply`;
  if (reply.kind === "error") return reply.message;
  return `expected ${expected}, got ${reply.kind === "oversized" ? reply.detail : `a ${reply.kind}`}`;
}

/** Whether it is an error whose message has this beginning. */
export function isError(reply: Reply | undefined, beginning: string): boolean {
  return reply?.kind === "error" && string.sub(reply.message, 1, beginning.length) === beginning;
}
