/**
 * `resty.core.base` of lua-resty-core: the functions that its own modules use
 * (https://github.com/openresty/lua-resty-core/blob/master/lib/resty/core/base.lua).
 * @noResolution
 */
declare module "resty.core.base" {
  /** @returns nginx's own pointer to the request of this phase; nothing outside of a request. */
  export function get_request(this: void): import("ffi").CData | undefined;
}
