import assert from "node:assert/strict";
import test from "node:test";
import { LuaTarget, transpileString } from "typescript-to-lua";
import plugin from "./keep_comments.cjs";

function luaOf(source) {
  const { file } = transpileString(source, {
    luaTarget: LuaTarget.LuaJIT,
    noHeader: true,
    luaPlugins: [{ plugin }],
  });
  return file.lua;
}

test("a hoisted function keeps its doc comment", () => {
  const lua = luaOf("export function a() { return b(); }\n/** Gives one.\n * Always.\n */\nfunction b() { return 1; }");
  assert.match(lua, /--- Gives one\.\n-- Always\.\nfunction b\(/);
});

test("comments in a body stand before their statements", () => {
  const lua = luaOf(
    "export function a(n: number) {\n  // Why so.\n  if (n > 1) n = 2;\n  n = 3; // and why this\n  return n;\n}",
  );
  assert.match(lua, /-- Why so\.\n *if n > 1 then[^]*-- and why this\n *n = 3/);
});

test("what is said of a file stands at its top, once", () => {
  const lua = luaOf('/** The file. */\nimport { x } from "./x";\nexport const y = x;');
  assert.match(lua, /^--- The file\.\n/);
  assert.equal(lua.match(/The file/g).length, 1);
});

test("what is for tools is left out", () => {
  assert.doesNotMatch(luaOf("// eslint-disable-next-line no-var\nexport var a = 1;"), /eslint/);
});
