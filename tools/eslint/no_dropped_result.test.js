import { after, describe, it } from "node:test";
import { RuleTester } from "eslint";
import tseslint from "typescript-eslint";
import { noDroppedResult } from "./no_dropped_result.js";

Object.assign(RuleTester, { afterAll: after, describe, it, itOnly: it.only });

const fixture = `${import.meta.dirname}/fixture`;
const tester = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: fixture },
  },
});

const WORLD = `
  type Result<T, E extends string = string> = LuaMultiReturn<
    [value: T, err: undefined] | [value: undefined, err: E, detail: string]
  >;
  declare function read(): Result<number, "down" | "busy">;
  declare function readGeneric<T>(): Result<T>;
  declare const dict: { set(): LuaMultiReturn<[stored: boolean, err: string | undefined, forcible: boolean]> };
  declare const maybe: typeof dict | undefined;
  declare const isReady: boolean;
`;

const valid = {
  "a result that is looked at": `const [value, err] = read(); export { value, err };`,
  "a result that is assigned": `let value, err; [value, err] = read(); export { value, err };`,
  "a result that is handed on": `export const again = () => read();`,
  "one value": `declare function now(): number; now();`,
  "several values, none an error": `declare function find(): LuaMultiReturn<[start: number, end: number]>; find();`,
  "nothing, or several numbers": `declare function find(): LuaMultiReturn<[number, number] | [undefined]>; find();`,
  "a list of strings": `declare function match(): LuaMultiReturn<string[]>; match();`,
  "a string and a count": `declare function gsub(): LuaMultiReturn<[string, number]>; gsub();`,
  "an error that is never there": `declare function f(): LuaMultiReturn<[ok: true, err: undefined]>; f();`,
  "a tuple that is no multi-return": `declare function f(): [value: undefined, err: string]; f();`,
  "a drop that says why, beside": `read(); // dropped: only to fill the cache`,
  "a drop that says why, above": `
    // dropped: only to fill the cache
    read();`,
};

const invalid = {
  "a result": [`read();`, "dropped"],
  "a result whose value is generic": [`readGeneric<string>();`, "dropped"],
  "a method's result": [`dict.set();`, "dropped"],
  "a result behind ?.": [`maybe?.set();`, "dropped"],
  "a result behind &&": [`isReady && read();`, "dropped"],
  "a result in a choice": [`isReady ? read() : dict.set();`, "dropped"],
  "a result before a comma": [`read(), dict;`, "dropped"],
  "an unlabelled failure": [`declare function f(): LuaMultiReturn<[true] | [undefined, string]>; f();`, "dropped"],
  "false, and what went wrong": [`declare function f(): LuaMultiReturn<[true] | [false, unknown]>; f();`, "dropped"],
  "an optional error": [`declare function f(): LuaMultiReturn<[ok: boolean, err?: string]>; f();`, "dropped"],
  "a result behind void": [`void read();`, "void"],
  "a drop that gives no reason": [`read(); // dropped:`, "dropped"],
  "a drop whose comment says something else": [`read(); // fills the cache`, "dropped"],
  "a drop below another's reason": [
    `
    dict.set(); // dropped: full is full
    read();`,
    "dropped",
  ],
};

const filename = `${fixture}/case.ts`;
tester.run("no-dropped-result", noDroppedResult, {
  valid: Object.entries(valid).map(([name, code]) => ({ name, filename, code: WORLD + code })),
  invalid: Object.entries(invalid).map(([name, [code, messageId]]) => ({
    name,
    filename,
    code: WORLD + code,
    errors: [{ messageId }],
  })),
});
