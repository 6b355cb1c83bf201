/**
 * The part of LuaJIT's FFI that is used (https://luajit.org/ext_ffi_api.html).
 * @noResolution
 */
declare module "ffi" {
  /** A C value. */
  export interface CData {
    readonly __brand: "cdata";
  }

  /** Declares C functions. Declaring one twice in the same way is not an error. */
  export function cdef(this: void, declarations: string): void;
  export function cast(this: void, type: string, value: string | number | CData): CData;
  function create(this: void, type: string, size: number): CData;
  export { create as new };
  /** @returns a copy of the bytes; without `size` up to the first NUL. */
  export function string(this: void, bytes: CData, size?: number): string;
  /** @returns the number of the last error of a C function. */
  export function errno(this: void): number;
  /** The functions that `cdef` has declared. */
  export const C: object;
}
