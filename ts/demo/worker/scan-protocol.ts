/** What the page and its scan worker tell each other. @module */
import type { ErrorCode } from '../../base/errors.ts';

/** From the page: a picture to look at, or the thorough decoder that was asked for. */
export type ScanRequest =
  | {
      readonly kind: 'scan';
      readonly id: number;
      readonly bitmap: ImageBitmap;
      /** Whether the thorough decoder may run where the quick ones find nothing. */
      readonly thorough: boolean;
      /** Look for every code, not only for the first. */
      readonly all: boolean;
    }
  | { readonly kind: 'wasm'; readonly bytes: Uint8Array }
  | { readonly kind: 'no-wasm'; readonly reason: string };

/** From the worker: the texts found, why there are none, or a wish for the thorough decoder. */
export type ScanReply =
  | { readonly kind: 'texts'; readonly id: number; readonly texts: readonly string[] }
  | {
      readonly kind: 'nothing';
      readonly id: number;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly kind: 'want-wasm' };
