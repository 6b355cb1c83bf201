/** What a Lua table constructor can hold. */
export type LuaValue = string | number | boolean | readonly LuaValue[] | { readonly [name: string]: LuaValue };

/** A value as Lua source text: `{ redis = "redis://…", cache_ttl = 0.3 }`. */
export function luaLiteral(value: LuaValue): string {
  if (typeof value === "string") return luaString(value);
  if (typeof value !== "object") return String(value);
  const fields = Array.isArray(value)
    ? value.map((item) => luaLiteral(item as LuaValue))
    : Object.entries(value).map(([name, item]) => `[${luaString(name)}] = ${luaLiteral(item)}`);
  return `{ ${fields.join(", ")} }`;
}

/** Every byte that is not plain ASCII, or means something inside quotes, goes as a decimal escape. */
function luaString(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}
