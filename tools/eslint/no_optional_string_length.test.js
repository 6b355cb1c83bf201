import { after, describe, it } from "node:test";
import { RuleTester } from "eslint";
import tseslint from "typescript-eslint";
import { noOptionalStringLength } from "./no_optional_string_length.js";

Object.assign(RuleTester, { afterAll: after, describe, it, itOnly: it.only });

const fixture = `${import.meta.dirname}/fixture`;
const tester = new RuleTester({
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: fixture },
  },
});

const WORLD = `
  declare const text: string;
  declare const maybe: string | undefined;
  declare const word: "a" | "bc" | undefined;
  declare const list: readonly string[] | undefined;
  declare const named: { readonly length: number } | undefined;
`;

const valid = {
  "the length of a string": `export const size = text.length;`,
  "the length of a string that was looked at": `export const size = maybe === undefined ? 0 : maybe.length;`,
  "the length of an array behind ?.": `export const size = list?.length;`,
  "a field called length behind ?.": `export const size = named?.length;`,
  "another method behind ?.": `export const shown = maybe?.toString();`,
};

const invalid = {
  "a string that may be absent": `export const size = maybe?.length;`,
  "a word of a union": `export const size = word?.length;`,
  "a string that is there": `export const size = text?.length;`,
  "an item of an array": `export const size = list?.[0]?.length;`,
};

const filename = `${fixture}/case.ts`;
tester.run("no-optional-string-length", noOptionalStringLength, {
  valid: Object.entries(valid).map(([name, code]) => ({ name, filename, code: WORLD + code })),
  invalid: Object.entries(invalid).map(([name, code]) => ({
    name,
    filename,
    code: WORLD + code,
    errors: [{ messageId: "absent" }],
  })),
});
