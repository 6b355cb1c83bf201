import { Reply } from "../ports";
import { Result } from "../result";
import { Form, Forms, ReadValue } from "./forms";
import { ABSENT, Reading } from "./reading";

/** What a key's `TYPE` and `GET` say: a reading, or how the rest is to be asked for. */
export type FirstReading = Reading | { readonly kind: "unread"; readonly form: Form };

/** The next change of the key, which is pushed, or the next refresh has it read again. */
const CHANGED: Reading = { kind: "bad", reason: "it changed its type while it was read" };

/** What `TYPE` says of a key that `GET` then finds to be something else. */
const UNLIKE: Readonly<Record<string, true | undefined>> = { string: true, none: true };

/**
 * What the replies to one key's `TYPE` and `GET` say. The two are not one transaction: `GET` is believed, and `TYPE`
 * only names what is not a string.
 *
 * `redis_down`: Redis answered, but not the question (`NOPERM`, `LOADING`, `MASTERDOWN`, …). Nothing may be taken for
 * absent then: only a nil is Redis's word that there is no key.
 *
 * @param forms what the types mean for this key
 */
export function firstReading(
  key: string,
  forms: Forms,
  typeReply: Reply,
  getReply: Reply,
): Result<FirstReading, "redis_down"> {
  if (getReply.kind === "nil") {
    return $multi(ABSENT, undefined);
  }
  if (getReply.kind === "text") {
    return $multi(readingOf(forms.string, getReply.text), undefined);
  }
  if (!isWrongType(getReply)) {
    return $multi(undefined, "redis_down", `GET ${key}: ${problemOf(getReply, "a text")}`);
  }
  return $multi(byType(forms, typeReply), undefined);
}

/**
 * What the reply to the form's command says. An empty list is Redis's word that the key has gone meanwhile.
 *
 * `redis_down`: as above.
 */
export function secondReading(key: string, form: Form, reply: Reply): Result<Reading, "redis_down"> {
  if (isWrongType(reply)) {
    return $multi(CHANGED, undefined);
  }
  const texts = textsOf(reply);
  if (texts === undefined) {
    const [command] = form.command(key);
    return $multi(undefined, "redis_down", `${string.upper(command)} ${key}: ${problemOf(reply, "a list of texts")}`);
  }
  return $multi(texts.length === 0 ? ABSENT : readingOf(form.read, texts), undefined);
}

/** @returns what a value says that is read so. */
export function readingOf<V>(read: ReadValue<V>, value: V): Reading {
  const [text, err, detail] = read(value);
  return err === undefined ? { kind: "route", text } : { kind: "bad", reason: detail };
}

function byType(forms: Forms, typeReply: Reply): FirstReading {
  if (typeReply.kind !== "text") {
    return unlikeAny("another type");
  }
  const found = typeReply.text;
  const form = forms.others[found];
  if (form !== undefined) {
    return { kind: "unread", form };
  }
  return UNLIKE[found] === true ? CHANGED : unlikeAny(`a ${found}`);
}

function unlikeAny(found: string): Reading {
  return { kind: "bad", reason: `expected a string, a hash, a list or a set, found ${found}` };
}

function isWrongType(reply: Reply): boolean {
  return reply.kind === "error" && string.sub(reply.message, 1, 9) === "WRONGTYPE";
}

/** @returns nothing for what is not a list of texts. */
function textsOf(reply: Reply): readonly string[] | undefined {
  if (reply.kind !== "list") {
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

function problemOf(reply: Reply, expected: string): string {
  return reply.kind === "error" ? reply.message : `expected ${expected}, got a ${reply.kind}`;
}
