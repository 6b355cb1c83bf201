import { enable_keepalive } from "ngx.balancer";

/** Of ngx_lua 0.10.31: the one with which OpenResty began to build its `balancer_pool_max_retry` into nginx. */
const FIRST_VERSION = 10_031;

/**
 * Whether this nginx takes back the retry that any other gives, for nothing, after a kept connection that the backend had
 * closed. OpenResty does, from 1.29.2.4 on: its patch `balancer_pool_max_retry` tells ngx_lua of such a connection, and
 * ngx_lua then takes one try away.
 *
 * Lua cannot see the patch itself. `ngx.pipe` loads only in an nginx that has OpenResty's patches. A yes that is wrong does
 * little harm: a request may then be tried once more than it should.
 */
export function isRetryTakenBack(): boolean {
  if (enable_keepalive === undefined || ngx.config.ngx_lua_version < FIRST_VERSION) {
    return false;
  }
  const [hasPatches] = pcall(require, "ngx.pipe");
  return hasPatches;
}
