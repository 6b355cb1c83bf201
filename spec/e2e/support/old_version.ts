import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./environment.js";
import { makeDirectory, removeDirectory } from "./leftovers.js";

/**
 * Signpost 0.1.0, as it was when users installed it: its Lua and its snippets, from `fixtures/signpost-0.1.0.tar.gz`.
 * That was made by `git archive --prefix=signpost-0.1.0/ 7432093 lua-dist nginx | gzip -9n`.
 */
export interface OldVersion {
  /** Where its Lua lies; it may be overwritten. */
  readonly luaDirectory: string;
  /** @returns the text of a snippet, such as `signpost.http.conf`; nothing for one that it did not have. */
  snippet(name: string): string;
  /** Puts the Lua under test over the old one, by `tools/install`. The snippets in use are kept. */
  installNew(): void;
  /** Puts the old Lua back, over the new one. */
  installOld(): void;
  dispose(): void;
}

/** Lays it out in a temporary directory. */
export function layOutOldVersion(): OldVersion {
  const directory = makeDirectory("0.1.0");
  const archive = join(checkout, "spec", "e2e", "fixtures", "signpost-0.1.0.tar.gz");
  execFileSync("tar", ["--extract", "--gzip", "--file", archive, "--directory", directory, "--strip-components=1"]);
  const luaDirectory = join(directory, "installed");
  const installOld = () =>
    void execFileSync("cp", ["--recursive", "--no-target-directory", join(directory, "lua-dist"), luaDirectory]);
  installOld();
  const installed = { LUA_LIB_DIR: luaDirectory, NGINX_CONF_DIR: join(directory, "conf"), DESTDIR: "" };
  return {
    luaDirectory,
    snippet: (name) => {
      const file = join(directory, "nginx", name);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
    installNew: () => {
      execFileSync(join(checkout, "tools", "install"), { env: { ...process.env, ...installed }, stdio: "ignore" });
    },
    installOld,
    dispose: () => removeDirectory(directory),
  };
}
