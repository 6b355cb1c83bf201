import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { httpPaths, mainBlock } from "./support/config.js";
import { checkout, stack } from "./support/environment.js";
import { request } from "./support/http_client.js";
import { makeDirectory, removeDirectory } from "./support/leftovers.js";
import { layOutOldVersion } from "./support/old_version.js";
import { READY_PATH, startNginx, type Place } from "./support/nginx_server.js";

const made: string[] = [];
const firstVersion = layOutOldVersion();
after(() => {
  made.forEach(removeDirectory);
  firstVersion.dispose();
});

const FIRST_SNIPPETS = ["example.conf", "signpost.http.conf", "signpost.location.conf", "signpost.status.conf"];

function makeTemporary(purpose: string): string {
  const directory = makeDirectory(purpose);
  made.push(directory);
  return directory;
}

/** A version of Signpost to install from: this one, with its snippets changed. */
function version(change: (text: string, name: string) => string = (text) => text): string {
  const directory = makeTemporary("version");
  for (const name of ["tools", "nginx"]) cpSync(join(checkout, name), join(directory, name), { recursive: true });
  symlinkSync(join(checkout, "lua-dist"), join(directory, "lua-dist"));
  for (const name of readdirSync(join(directory, "nginx"))) {
    const file = join(directory, "nginx", name);
    writeFileSync(file, change(readFileSync(file, "utf8"), name));
  }
  return directory;
}

/** A later version, whose location snippet needs what only its own http snippet has. */
const later = () =>
  version((text, name) => {
    if (name === "signpost.http.conf") return `${text}map "" $signpost_later { default later; }\n`;
    if (name === "signpost.location.conf") return `${text}add_header x-later $signpost_later always;\n`;
    return text;
  });

/** Runs `make install`'s script; gives what it says. */
function install(from: string, environment: Readonly<Record<string, string>>): string {
  const env = { ...process.env, NGINX: stack.nginx, ...environment };
  return execFileSync(join(from, "tools/install"), { encoding: "utf8", env });
}

/** Where a test installs to. */
interface Target {
  readonly lua: string;
  readonly snippets: string;
  install(from: string): string;
  /** What is in a file beside the snippets. */
  read(name: string): string;
  /** Adds a line to a snippet, as a user would. */
  edit(name: string): void;
  names(): string[];
}

function makeTarget(): Target {
  const root = makeTemporary("target");
  const [lua, conf] = [join(root, "lua&more"), join(root, "conf")];
  const snippets = join(conf, "signpost");
  const read = (name: string) => readFileSync(join(snippets, name), "utf8");
  return {
    lua,
    snippets,
    install: (from) => install(from, { LUA_LIB_DIR: lua, NGINX_CONF_DIR: conf }),
    read,
    edit: (name) => writeFileSync(join(snippets, name), `${read(name)}# mine\n`),
    names: () => readdirSync(snippets).sort(),
  };
}

/** Puts the snippets of 0.1.0 where its `make install` put them. */
function installFirstVersion(target: Target): void {
  mkdirSync(target.snippets, { recursive: true });
  for (const name of FIRST_SNIPPETS) {
    const text = firstVersion
      .snippet(name)
      .replaceAll("/usr/local/share/lua/5.1/", `${target.lua}/`)
      .replaceAll("/etc/nginx/signpost/", `${target.snippets}/`);
    writeFileSync(join(target.snippets, name), text);
  }
}

/** Installs for an OpenResty of that release, under a directory; gives the path of a file below OpenResty's prefix. */
function installFor(release: string): (path: string) => string {
  const root = makeTemporary("openresty");
  const openresty = join(root, "openresty");
  const says = `nginx version: ${release}\nconfigure arguments: --prefix=/opt/or/nginx --add-module=../ngx_lua`;
  writeFileSync(openresty, `#!/bin/sh\necho '${says}' >&2\n`, { mode: 0o755 });
  install(checkout, { NGINX: openresty, DESTDIR: join(root, "dest") });
  return (path) => join(root, "dest/opt/or", path);
}

/** What nginx answers that runs with the files installed; no host has a route. */
async function answerOf(target: Target) {
  const config = (place: Place) => {
    writeFileSync(join(place.directory, "routes"), "");
    return `${mainBlock(place)}http {
${httpPaths(place)}
  access_log off;
  lua_package_path "${target.lua}/?.lua;${stack.luaPackagePath};";
  include "${target.snippets}/signpost.http.conf";
  init_by_lua_block { require("signpost").init { routes_file = "${place.directory}/routes" } }
  init_worker_by_lua_block { require("signpost").init_worker() }
  server {
    listen 127.0.0.1:${place.port};
    location = ${READY_PATH} { return 204; }
    location / { include "${target.snippets}/signpost.location.conf"; }
  }
}
`;
  };
  const nginx = await startNginx(config);
  try {
    return await request(nginx.port, { host: "unknown.test" });
  } finally {
    await nginx.dispose();
  }
}

const SNIPPETS = readdirSync(join(checkout, "nginx"));

describe("make install", () => {
  test("puts files in place that nginx starts with, wherever that is", async () => {
    const target = makeTarget();
    assert.doesNotMatch(target.install(version()), /kept/);
    assert.deepEqual(target.names(), [...SNIPPETS, "installed.sha256"].sort());
    assert.equal((await answerOf(target)).status, 404);
  });

  test("replaces what was installed and not edited", async () => {
    const target = makeTarget();
    target.install(version());
    assert.doesNotMatch(target.install(later()), /kept/);
    assert.deepEqual(target.names(), [...SNIPPETS, "installed.sha256"].sort());
    assert.equal((await answerOf(target)).headers["x-later"], "later");
  });

  test("keeps what 0.1.0 installed, edited or not: nginx.conf lacks an include that the new snippets want", async () => {
    const target = makeTarget();
    installFirstVersion(target);
    assert.match(target.install(version()), /^kept: .*signpost\.http\.conf.*: of 0\.1\.0, or edited here/m);
    assert.deepEqual(
      target.names().filter((name) => !name.endsWith(".new")),
      [...FIRST_SNIPPETS, "installed.sha256"].sort(),
    );
    assert.match(target.read("signpost.server.conf.new"), /proxy_read_timeout/);
    assert.equal((await answerOf(target)).status, 404);
  });

  for (const edited of ["signpost.http.conf", "signpost.location.conf"]) {
    test(`keeps all snippets when ${edited} was edited, puts the new ones beside, and says so`, async () => {
      const target = makeTarget();
      target.install(version());
      target.edit(edited);
      const before = Object.fromEntries(SNIPPETS.map((name) => [name, target.read(name)]));
      const said = target.install(later());
      assert.match(said, new RegExp(`^kept: +${edited}: of 0\\.1\\.0, or edited here`, "m"));
      for (const name of SNIPPETS.filter((name) => name.startsWith("signpost."))) {
        assert.equal(target.read(name), before[name]);
      }
      for (const name of ["signpost.http.conf.new", "signpost.location.conf.new"]) {
        assert.ok(said.includes(`  ${name}\n`), said);
        assert.match(target.read(name), /later/);
      }
      const answer = await answerOf(target);
      assert.deepEqual([answer.status, answer.headers["x-later"]], [404, undefined]);
    });
  }

  test("goes on as if nothing had been edited, once the new snippets are in place", async () => {
    const target = makeTarget();
    target.install(version());
    target.edit("signpost.http.conf");
    target.install(later());
    for (const name of target.names().filter((name) => name.endsWith(".new"))) {
      renameSync(join(target.snippets, name), join(target.snippets, name.replace(/\.new$/, "")));
    }
    assert.equal((await answerOf(target)).headers["x-later"], "later");
    target.edit("example.conf");
    assert.match(
      target.install(version((text) => `${text}# later still\n`)),
      /^kept: +example\.conf: of 0\.1\.0, or edited here/m,
    );
    assert.match(target.read("signpost.http.conf"), /later still/);
    assert.deepEqual(
      target.names().filter((name) => name.endsWith(".new")),
      ["example.conf.new"],
    );
  });

  test("offers a version's snippets once", () => {
    const target = makeTarget();
    target.install(version());
    target.edit("signpost.status.conf");
    const next = later();
    target.install(next);
    for (const name of target.names().filter((name) => name.endsWith(".new"))) {
      renameSync(join(target.snippets, name), join(target.snippets, `${name}.seen`));
    }
    assert.match(
      target.install(next),
      /^kept: +signpost\.status\.conf: of 0\.1\.0, or edited here, and there is nothing new$/m,
    );
    assert.deepEqual(
      target.names().filter((name) => name.endsWith(".new")),
      [],
    );
  });

  test("takes OpenResty's own places, where OpenResty is", () => {
    const at = installFor("openresty/1.27.1.2");
    assert.ok(existsSync(at("site/lualib/signpost.lua")));
    const example = readFileSync(at("nginx/conf/signpost/example.conf"), "utf8");
    assert.match(example, /access_log \/opt\/or\/nginx\/logs\/signpost\.log /);
    assert.match(example, /include \/opt\/or\/nginx\/conf\/signpost\/signpost\.http\.conf;/);
    assert.doesNotMatch(example, /^ *[^# ].*(\/usr\/local\/share|\/etc\/nginx|\/var\/log)/m);
  });

  const POOL_SIZES = {
    "openresty/1.25.3.2": "# balancer_keepalive 320;",
    "openresty/1.27.1.1": "balancer_keepalive 320;",
    "openresty/1.29.2.4": "balancer_keepalive 320;",
    "openresty/1.31.1.1": "balancer_keepalive 320;",
  };
  for (const [release, line] of Object.entries(POOL_SIZES)) {
    test(`writes ${line} for ${release}`, () => {
      const snippet = readFileSync(installFor(release)("nginx/conf/signpost/signpost.http.conf"), "utf8");
      assert.ok(snippet.includes(`\n    ${line}\n`), snippet);
    });
  }
});
