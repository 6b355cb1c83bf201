import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpPaths, mainBlock, signpostConfig } from "../spec/e2e/support/config.js";
import { checkout } from "../spec/e2e/support/environment.js";
import { READY_PATH, type ConfigWriter, type Place } from "../spec/e2e/support/nginx_server.js";
import { hostName } from "./routes.js";

/** A reverse proxy, of one process that does the work. */
export interface Proxy {
  readonly program: "nginx" | "haproxy";
  readonly config: ConfigWriter;
}

/** Where requests come to in the end, and where the routes are. Addresses are `127.0.0.1:<port>`. */
export interface World {
  readonly backend: string;
  /** Holds a route for each of the hosts that are asked for, for Signpost and, without a prefix, for the post's design. */
  readonly redis: string;
}

// Clients keep their connections; nobody keeps an access log.
const ALIKE = "access_log off; keepalive_requests 1000000000;";

/** What every request goes to: an nginx that answers by itself. */
export function backend(): Proxy {
  return nginx(() => `location / { return 200 "${"x".repeat(100)}\\n"; }`);
}

/** Kept connections to a backend that is written down: the limit of what nginx can do, with the headers of Signpost. */
export function fixedUpstream(world: World): Proxy {
  return nginx(
    () => `location / {
      proxy_pass http://fixed;
      ${proxyDirectives()}
    }`,
    `map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
  upstream fixed { server ${world.backend}; keepalive 1024; }`,
  );
}

/** The shipped snippets. */
export function signpost(world: World): Proxy {
  const settings = { redis: `redis://${world.redis}` };
  return { program: "nginx", config: signpostConfig({ settings, server: ALIKE }) };
}

/**
 * The shipped snippets, but whatever they call does nothing except that `proxy_pass` is given the block, and the balancer
 * names the backend: what nginx takes to enter Lua three times, before Signpost has done anything. Signpost cannot cost less.
 */
export function emptySnippets(world: World): Proxy {
  const [host, port] = world.backend.split(":") as [string, string];
  const empty = `init_by_lua_block {
    local set_current_peer = require("ngx.balancer").set_current_peer
    package.loaded.signpost = {
      rewrite = function() ngx.var.signpost_upstream = "signpost" end,
      balancer = function() set_current_peer("${host}", ${port}) end,
      log = function() end,
    }
  }`;
  const snippets = signpostConfig({ server: ALIKE });
  const config = (place: Place) =>
    snippets(place)
      .replace(/^ *init_by_lua_block .*$/m, empty)
      .replace(/^ *init_worker_by_lua_block .*$/m, "");
  return { program: "nginx", config };
}

/**
 * The post of 2012: a table in each worker, Redis for what is not in it, a backend connection for each request. Its
 * Redis client, which blocks, is replaced by the one that Signpost uses; the cached path is as it was.
 */
export function postOf2012(world: World): Proxy {
  const [host, port] = world.redis.split(":") as [string, string];
  return nginx(
    () => `location / {
      set $upstream "";
      rewrite_by_lua_block {
        local routes = package.loaded.routes_of_the_post
        if routes == nil then
          routes = {}
          package.loaded.routes_of_the_post = routes
        end
        local route = routes[ngx.var.http_host]
        if route == nil then
          local found, redis = pcall(require, "resty.redis")
          if not found then redis = require("nginx.redis") end
          local client = redis:new()
          assert(client:connect("${host}", ${port}))
          route = client:get(ngx.var.http_host)
        end
        if route ~= nil and route ~= ngx.null then
          ngx.var.upstream = route
          routes[ngx.var.http_host] = route
        else
          ngx.exit(ngx.HTTP_NOT_FOUND)
        end
      }
      proxy_buffering off;
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_redirect off;
      proxy_pass http://$upstream;
    }`,
  );
}

/**
 * HAProxy with one thread, and a map file that has a line for each host.
 *
 * @param hosts how many
 */
export function haproxy(world: World, hosts: number): Proxy {
  const config = (place: Place) => {
    const map = join(place.directory, "hosts.map");
    const lines = Array.from({ length: hosts }, (_, i) => `${hostName(i + 1)} app\n`);
    writeFileSync(map, lines.join(""));
    return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 3s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
frontend in
  bind 127.0.0.1:${place.port}
  http-request return status 204 if { path ${READY_PATH} }
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  use_backend %[req.hdr(host),host_only,lower,map_str(${map})]
backend app
  http-reuse always
  server app ${world.backend}
`;
  };
  return { program: "haproxy", config };
}

function nginx(location: (place: Place) => string, http = ""): Proxy {
  const config = (place: Place) => `${mainBlock(place)}http {
${httpPaths(place)}
  ${http}
  server {
    listen 127.0.0.1:${place.port};
    ${ALIKE}
    request_pool_size 8k; # as signpost.server.conf has it
    location = ${READY_PATH} { return 204; }
    ${location(place)}
  }
}
`;
  return { program: "nginx", config };
}

/**
 * All that Signpost's snippets say of proxying, with plain variables in place of its own: so that both send the same
 * headers, and handle bodies alike, whatever the snippets come to say.
 */
function proxyDirectives(): string {
  const names = ["signpost.server.conf", "signpost.pass.conf", "signpost.location.conf"];
  const snippets = names.map((name) => readFileSync(join(checkout, "nginx", name), "utf8")).join("\n");
  const directives = ["proxy_http_version 1.1;", ...(snippets.match(/^(proxy|client)_.*$/gm) ?? [])]
    .filter((line) => !line.startsWith("proxy_pass "))
    .join("\n")
    .replaceAll("$signpost_host", "$http_host")
    .replaceAll("$signpost_forwarded_host", "$http_host")
    .replaceAll("$signpost_forwarded_proto", "$scheme")
    .replaceAll("$signpost_forwarded_port", "$server_port")
    .replaceAll("$signpost_upgrade", "$http_upgrade")
    .replaceAll("$signpost_connection", "$connection_upgrade");
  const unknown = /\$(signpost_\w+|upstream)\b/.exec(directives);
  if (unknown !== null) throw new Error(`the snippets: nothing stands for ${unknown[0]} in the fixed upstream`);
  return directives;
}
