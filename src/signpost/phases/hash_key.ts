import { HashOn } from "../upstream/option_values";

/** nginx's variables of headers and cookies, by what a pool calls them: nothing is put together for each request. */
const VARIABLES: Readonly<Record<"header" | "cookie", LuaMap<string, string>>> = {
  header: new LuaMap(),
  cookie: new LuaMap(),
};

/** @returns 32 bits of what the pool hashes on; of the client's address if the request has no such header or cookie. */
export function hashKey(hashOn: HashOn): number {
  return ngx.crc32_long(valueOf(hashOn) ?? ngx.var.remote_addr ?? "");
}

function valueOf(hashOn: HashOn): string | undefined {
  if (hashOn.kind === "header" || hashOn.kind === "cookie") return ngx.var[variableOf(hashOn.kind, hashOn.name)];
  return hashOn.kind === "uri" ? ngx.var.uri : ngx.var.remote_addr;
}

function variableOf(kind: "header" | "cookie", name: string): string {
  let variable = VARIABLES[kind].get(name);
  if (variable === undefined) {
    const [underscored] = string.gsub(name, "-", "_");
    variable = kind === "header" ? `http_${underscored}` : `cookie_${name}`;
    VARIABLES[kind].set(name, variable);
  }
  return variable;
}
