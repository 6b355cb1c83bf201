import { enable_keepalive } from "ngx.balancer";

/** ngx_lua 0.10.31: since this version, OpenResty builds its patch `balancer_pool_max_retry` into nginx. */
const FIRST_VERSION = 10_031;

/**
 * Whether this nginx takes back the free retry that other nginx versions give after a kept connection that the backend
 * had closed. OpenResty does, from 1.29.2.4 on: its patch `balancer_pool_max_retry` tells ngx_lua of such a
 * connection, and ngx_lua then takes one try away.
 *
 * Lua cannot see the patch itself. The test is whether `ngx.pipe` loads, because it does so only in an nginx that has
 * OpenResty's patches. A wrong yes does little harm: a request may then be tried once more than it should.
 */
export function isRetryTakenBack(): boolean {
  if (enable_keepalive === undefined || ngx.config.ngx_lua_version < FIRST_VERSION) {
    return false;
  }
  const [hasPatches] = pcall(require, "ngx.pipe");
  return hasPatches;
}
