/** Progress and abortion of operations on containers. @module */

/** How far an operation has come. */
export interface CesProgress {
  /** Stripes that are done. */
  readonly stripes: number;
  /** Bytes of the file in them; of what was sealed, where no key is at hand. */
  readonly fileBytes: number;
  /** Bytes of all their shards. */
  readonly shardBytes: number;
}

/** What every operation on a container can be given. */
export interface CesWatch {
  /** Ends the operation; what was asked for then fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each stripe. */
  readonly onProgress?: (progress: CesProgress) => void;
}

/** A promise that also ends when the signal does. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const done = (): void => signal.removeEventListener('abort', stop);
    work.then(resolve, reject).finally(done);
  });
}
