/**
 * `ngx.semaphore` of lua-resty-core (https://github.com/openresty/lua-resty-core/blob/master/lib/ngx/semaphore.md).
 * @noResolution
 */
declare module "ngx.semaphore" {
  /** Light threads of one worker wait on it; nothing polls. */
  export interface Semaphore {
    /**
     * Takes one resource, waiting `seconds` at most. Not in phases that cannot yield. False: it waited, and got none;
     * nil: it did not wait.
     */
    wait(
      seconds: number,
    ): LuaMultiReturn<[taken: true, err: undefined] | [taken: false | undefined, err: "timeout" | string]>;
    /** Releases `count` (at least 1) resources; the waiting threads run once the current thread yields. */
    post(count: number): true;
  }

  function create(
    this: void,
    resources: number,
  ): LuaMultiReturn<[semaphore: Semaphore, err: undefined] | [semaphore: undefined, err: string]>;
  export { create as new };
}
