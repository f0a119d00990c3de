/** Where the page finds its workers and its decoder: each build has another answer. @module */

/** The files beside the page. */
export interface PageFiles {
  stampWorker(): Worker;
  scanWorker(): Worker;
  /** The bytes of `zxing_reader.wasm`. */
  zxingWasm(): Promise<Uint8Array>;
  /** The service worker's file, or `undefined` where the page is a single file. */
  readonly offline: string | undefined;
}
