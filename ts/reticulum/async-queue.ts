/**
 * Values that come one by one, for `for await`.
 * @module
 */

/** Holds values until they are asked for, and those who ask until values come. */
export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #waiting: ((result: IteratorResult<T>) => void)[] = [];
  readonly #ended: (() => void) | undefined;
  #open = true;

  /** @param ended - runs once when nobody asks any more, or {@link end} is called */
  constructor(ended?: () => void) {
    this.#ended = ended;
  }

  /** Values that nobody has asked for yet. */
  get size(): number {
    return this.#values.length;
  }

  /** Add a value; after the end it is dropped. */
  push(value: T): void {
    if (!this.#open) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#values.push(value);
    else waiting({ done: false, value });
  }

  /** No more values will come; those that are here can still be asked for. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined });
    this.#ended?.();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) {
      return Promise.resolve({ done: false, value: this.#values.shift() as T });
    }
    if (!this.#open) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#values.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
