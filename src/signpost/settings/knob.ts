/** What every setting has. */
interface AnyKnob {
  /** Its place in the README's table: a Lua table forgets the order it was written in. The gaps leave room. */
  readonly order: number;
  /** One or two plain sentences, Markdown. */
  readonly meaning: string;
  /** May hold a password: no message shows its value. */
  readonly secret?: true;
  /** Becomes part of `Settings.endpoint` and is no field of `Settings` itself. */
  readonly part?: "endpoint";
}

/** A setting that is a number, from `min` to `max`. NaN and infinities are never in range. */
interface NumberKnob extends AnyKnob {
  readonly kind: "number" | "integer";
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  /** As it reads after the number; absent where the number is only a name. */
  readonly unit?: string;
}

/** A setting that is a string of `min` to `max` bytes. */
interface StringKnob extends AnyKnob {
  readonly kind: "string";
  readonly fallback?: string;
  readonly min: number;
  readonly max: number;
  readonly unit: "bytes";
}

/** A setting that is true or false. */
interface BooleanKnob extends AnyKnob {
  readonly kind: "boolean";
  readonly fallback: boolean;
}

/** A setting that is a list of `min` to `max` ranges of IP addresses; absent: there is no such list. */
interface RangesKnob extends AnyKnob {
  readonly kind: "ranges";
  readonly fallback?: undefined;
  readonly min: number;
  readonly max: number;
  readonly unit: "ranges";
}

/** A setting that is one of a few words. */
interface ChoiceKnob extends AnyKnob {
  readonly kind: "choice";
  readonly fallback: string;
  readonly choices: readonly string[];
}

/** A setting that is `min` to `max` further tables, by name; absent: there are none. */
interface TablesKnob extends AnyKnob {
  readonly kind: "tables";
  readonly fallback?: undefined;
  readonly min: number;
  readonly max: number;
  readonly unit: "tables";
}

/** All there is to say about one setting. */
export type Knob = NumberKnob | StringKnob | BooleanKnob | ChoiceKnob | RangesKnob | TablesKnob;
