/**
 * Compression as an argument: resources and streams may be packed with bzip2, which not every host has.
 * @module
 */

/** A bzip2 implementation. */
export interface Compression {
  /** Pack `data`; `undefined` when that is not worth trying. */
  compress(data: Uint8Array): Uint8Array | undefined;
  /**
   * Unpack `data`.
   * @throws ProtocolError when it is damaged, or would unpack to more than `maxBytes`
   */
  decompress(data: Uint8Array, maxBytes: number): Uint8Array;
}
