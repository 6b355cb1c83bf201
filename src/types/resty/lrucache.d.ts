/**
 * `resty.lrucache` (https://github.com/openresty/lua-resty-lrucache).
 * @noResolution
 */
declare module "resty.lrucache" {
  /** @returns a cache that holds at most `size` entries and evicts the least recently used one. */
  function create<V>(
    this: void,
    size: number,
  ): LuaMultiReturn<[cache: import("../../signpost/ports").Lru<V>, err: undefined] | [cache: undefined, err: string]>;
  export { create as new };
}
