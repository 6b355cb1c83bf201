import { Reply } from "../ports";
import { ReadValue } from "./forms";
import { Reading } from "./reading";

/** @returns what a value says that is read so. */
export function readingOf<V>(read: ReadValue<V>, value: V): Reading {
  const [text, err, detail] = read(value);
  return err === undefined ? { kind: "good", text } : { kind: "bad", reason: detail };
}

/** Whether Redis says that the key is of another type than the command is for. */
export function isWrongType(reply: Reply | undefined): boolean {
  return isError(reply, "WRONGTYPE");
}

/**
 * Whether Redis says that this command, or this key, is not for this user, or that it does not know the command: an
 * administrator may have renamed it.
 */
export function isRefused(reply: Reply | undefined): boolean {
  return isError(reply, "NOPERM") || isError(reply, "ERR unknown");
}

/** @returns nothing for what is not a list of texts. */
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

/** Whether it is an error whose message begins so. */
export function isError(reply: Reply | undefined, beginning: string): boolean {
  return reply?.kind === "error" && string.sub(reply.message, 1, beginning.length) === beginning;
}
