/** What commands see of the world; the program hands in the real one, tests their own. @module */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { WriteOptions } from '../host/node/files.ts';
import type { StampResult, StampSearchOptions } from '../kernel/stamp-dispatch.ts';
import type { Workblock } from '../kernel/stamp.ts';

/** Where output goes. */
export interface OutputStream {
  /** Whether a person watches: decides colors and progress. */
  readonly isTerminal: boolean;
  /** Resolves when the bytes are handed over; a reader that went away is not an error. */
  write(data: string | Uint8Array): Promise<void>;
}

/** The world of a command. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Read standard input to its end, but never more than `maxBytes`. */
  readStdin(maxBytes: number): Promise<Uint8Array>;
  /** Read a file, but never more than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Write a file that must not exist yet, whole or not at all. */
  createFile(path: string, bytes: Uint8Array, options?: WriteOptions): Promise<void>;
  /** The thorough QR decoder's WebAssembly. */
  zxingWasm(): Promise<Uint8Array>;
  /** Search for a stamp on all cores; an aborted signal rejects. */
  searchStamp(
    workblock: Workblock,
    costBits: number,
    options: StampSearchOptions
  ): Promise<StampResult>;
  /** Run a long task; the signal fires when the user presses Ctrl-C, which otherwise ends the program. */
  interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Let timers, signals and output have their turn. */
  breathe(): Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the package. */
  readonly version: string;
}
