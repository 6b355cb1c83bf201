import { httpPaths, mainBlock } from "./config.js";
import { request, type Answer } from "./http_client.js";
import { READY_PATH, startNginx, type NginxServer } from "./nginx_server.js";

/** An nginx that runs any Lua it is given in a request, and tells what came of it. */
export interface LuaWitness {
  readonly nginx: NginxServer;
  /**
   * Runs a Lua chunk in the content phase and describes what it returned: how many values, and the type of each, as in
   * `3: true nil string`. A boolean is named by its value, and `ngx.null` is `null`. A chunk that raised gives `raised: `
   * and the message. The chunk itself may `describe(…)` too.
   */
  run(lua: string): Promise<string>;
  /** Runs a Lua chunk in the rewrite phase; if that does not end the request, the content phase answers `went on`. */
  rewrite(lua: string): Promise<Answer>;
  /** Runs a Lua chunk in the balancer phase, for each try. */
  balance(lua: string): Promise<Answer>;
  dispose(): Promise<void>;
}

/** What the witness' nginx has besides the least it needs: nginx configuration for the block named, and Lua. */
export interface WitnessOptions {
  readonly http?: string;
  /** In the location of {@link LuaWitness.rewrite}. */
  readonly location?: string;
  /** What every chunk begins with, such as the locals it may use. */
  readonly prelude?: string;
}

const DESCRIBE = `
  local function name(value)
    if value == ngx.null then return "null" end
    return type(value) == "boolean" and tostring(value) or type(value)
  end
  package.loaded.describe = function(...)
    local names = {}
    for i = 1, select("#", ...) do names[i] = name((select(i, ...))) end
    return table.concat({ select("#", ...) .. ":", unpack(names) }, " ")
  end
  function package.loaded.describe_call(ran, ...)
    return ran and require("describe")(...) or "raised: " .. tostring((...))
  end`;

const CHUNK = `ngx.req.read_body() local chunk = assert(loadstring(ngx.req.get_body_data(), "=witness"))`;

/**
 * Starts a witness.
 *
 * @throws an Error with what nginx printed, when it does not come up
 */
export async function startWitness(options: WitnessOptions = {}): Promise<LuaWitness> {
  const nginx = await startNginx(
    (place) => `${mainBlock(place)}
http {
${httpPaths(place)}
  access_log off;
  client_body_in_single_buffer on;
  init_by_lua_block { ${DESCRIBE} }
  upstream balanced {
    server 0.0.0.1 down;
    balancer_by_lua_block { local chunk = require("balancing") chunk() }
  }
${options.http ?? ""}
  server {
    listen 127.0.0.1:${place.port};
    location = ${READY_PATH} { return 204; }
    location = /run {
      content_by_lua_block { ${CHUNK} ngx.print(require("describe_call")(pcall(chunk))) }
    }
    location = /balance {
      rewrite_by_lua_block {
        ${CHUNK} package.loaded.balancing = chunk
        package.loaded.rewriting = require("resty.core.base").get_request()
      }
      proxy_pass http://balanced;
    }
    location = /rewrite {
${options.location ?? ""}
      rewrite_by_lua_block { ${CHUNK} chunk() }
      content_by_lua_block { ngx.print("went on") }
    }
  }
}
`,
  );
  const prelude = `local describe = require("describe")\n${options.prelude ?? ""}\n`;
  const send = (path: string, lua: string) =>
    request(nginx.port, { host: "witness.test", path, method: "POST", body: prelude + lua });

  return {
    nginx,
    run: async (lua) => (await send("/run", lua)).body,
    rewrite: (lua) => send("/rewrite", lua),
    balance: (lua) => send("/balance", lua),
    dispose: () => nginx.dispose(),
  };
}
