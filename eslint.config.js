import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { noDroppedResult } from "./tools/eslint/no_dropped_result.js";
import { noOptionalStringLength } from "./tools/eslint/no_optional_string_length.js";

/** What only phases/, request/, platform/ and wiring/ may say: the rest gets the world as parameters. */
const PURITY = {
  "no-restricted-globals": [
    "error",
    {
      name: "ngx",
      message: "Only phases/, request/, platform/ and wiring/ talk to nginx: take what you need as a parameter.",
    },
    { name: "require", message: "Only phases/, request/, platform/ and wiring/ choose libraries when running." },
  ],
  "@typescript-eslint/no-restricted-imports": [
    "error",
    {
      patterns: [
        {
          regex: "^(resty|nginx|ngx|cjson)(\\.|$)",
          message:
            "Only phases/, request/, platform/ and wiring/ use nginx's libraries: take what you need as a parameter.",
        },
      ],
    },
  ],
};

/** Lua's own idioms, which the rules for JavaScript do not know. */
const LUA_IDIOMS = {
  // lua-types has it that `string.find` always finds.
  "@typescript-eslint/no-unnecessary-condition": "off",
  // Lua's require, whose answer can depend on the machine.
  "@typescript-eslint/no-require-imports": "off",
  // What is offered instead would need TypeScriptToLua's lualib.
  "@typescript-eslint/prefer-for-of": "off",
  "@typescript-eslint/prefer-string-starts-ends-with": "off",
  "@typescript-eslint/prefer-includes": "off",
  "@typescript-eslint/prefer-regexp-exec": "off",
  "@typescript-eslint/prefer-find": "off",
};

/** What TypeScriptToLua makes of these is hard to read in lua-dist. */
const UNREADABLE_LUA = {
  "no-restricted-syntax": [
    "error",
    {
      selector: ":function > :matches(ObjectPattern, ArrayPattern).params",
      message: "In Lua, this parameter is called ____bindingPattern0: destructure it in the body.",
    },
    {
      selector: ":function > AssignmentPattern.params > :matches(ObjectPattern, ArrayPattern).left",
      message: "In Lua, this parameter is called ____bindingPattern0: destructure it in the body.",
    },
    {
      selector: "ConditionalExpression > Identifier.consequent[name='undefined']",
      message: "In Lua, this takes a variable ____temp_0: write `if`, or turn the condition round.",
    },
  ],
};

export default defineConfig(
  globalIgnores(["build", "lua-dist", ".node", "tools/eslint/fixture"]),
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },

  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "object-shorthand": "error",
    },
  },

  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An object's functions are closures: there is no `this` to lose.
      "@typescript-eslint/unbound-method": "off",
      // tsconfig's noPropertyAccessFromIndexSignature says when it is brackets.
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_", varsIgnorePattern: "^_$" },
      ],
      "@typescript-eslint/prefer-nullish-coalescing": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true }],
      // 0 and "" are true in Lua: what is not a boolean is compared.
      "@typescript-eslint/strict-boolean-expressions": [
        "error",
        { allowString: false, allowNumber: false, allowNullableObject: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },

  {
    name: "what becomes Lua",
    files: ["src/**/*.ts"],
    plugins: {
      signpost: {
        rules: { "no-dropped-result": noDroppedResult, "no-optional-string-length": noOptionalStringLength },
      },
    },
    rules: {
      "signpost/no-dropped-result": "error",
      "signpost/no-optional-string-length": "error",
      ...UNREADABLE_LUA,
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 5],
      complexity: ["error", 12],
      ...LUA_IDIOMS,
    },
  },
  {
    name: "still to be put right",
    files: ["src/signpost/{balance,cache,redis,request,routing,wiring}/**/*.ts"],
    rules: { "max-lines-per-function": "off", "no-restricted-syntax": "off" },
  },
  {
    name: "what may not know nginx",
    files: ["src/**/*.ts"],
    ignores: ["src/types/**", "src/signpost/{phases,request,platform,wiring}/**"],
    rules: PURITY,
  },
  {
    name: "what decides and judges, in request/, gets nginx through a reader",
    files: [
      "src/signpost/request/{attempts,decide,decision,hash_key,redirect,request_reader,send_to_pool,tries,upstream_block}.ts",
    ],
    rules: PURITY,
  },
  {
    name: "declarations of what others wrote",
    files: ["src/types/**/*.d.ts"],
    rules: {
      "@typescript-eslint/no-unused-vars": "off",
      // `"timeout" | string` tells the reader a word to expect.
      "@typescript-eslint/no-redundant-type-constituents": "off",
    },
  },

  {
    name: "what runs on Node",
    files: ["spec/e2e/**/*.ts", "bench/**/*.ts"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          // The runner waits for these by itself.
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["after", "afterEach", "before", "beforeEach"] },
            { from: "package", package: "node:test", name: ["describe", "it", "suite", "test"] },
          ],
        },
      ],
    },
  },
  { files: ["**/*.js"], languageOptions: { globals: { console: "readonly", process: "readonly" } } },
);
