/** A world for commands that lives in memory: files, streams, clock, Ctrl-C. @module */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { concat, utf8 } from '../../base/bytes.ts';
import { ManualClock } from '../../base/clock.ts';
import { ProtocolError } from '../../base/errors.ts';
import { SeededRandom, type Random } from '../../base/random.ts';
import type { CliIo, OutputStream } from '../../cli/io.ts';
import { main } from '../../cli/program.ts';
import { StampSearch } from '../../kernel/stamp.ts';

/** What a command left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly outBytes: Uint8Array;
  readonly err: string;
}

/** How a {@link World} differs from a quiet pipe on an empty disk. */
export interface WorldOptions {
  readonly terminal?: boolean;
  readonly stdin?: Uint8Array | string;
  readonly random?: Random;
  /** Press Ctrl-C when the task has breathed this often. */
  readonly interruptAfter?: number;
}

const wasmPath = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');

/** A world that commands run in, one after the other. */
export class World {
  readonly files: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  readonly modes: Map<string, number | undefined> = new Map<string, number | undefined>();
  /** 2026-11-20 14:46:48.5 UTC. */
  readonly clock: ManualClock = new ManualClock(1_795_186_008_500);
  readonly #options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  /** Run `tesserae` with these words; `change` replaces options for this run. */
  async run(argv: readonly string[], change: WorldOptions = {}): Promise<Ran> {
    const options = { ...this.#options, ...change };
    const stdout = new Collector(options.terminal === true);
    const stderr = new Collector(options.terminal === true);
    const code = await main(argv, this.#io(options, stdout, stderr));
    return { code, out: stdout.text(), outBytes: stdout.bytes(), err: stderr.text() };
  }

  #io(options: WorldOptions, stdout: OutputStream, stderr: OutputStream): CliIo {
    let breaths = 0;
    let controller: AbortController | undefined;
    const { stdin = new Uint8Array() } = options;
    const breathe = async (): Promise<void> => {
      breaths += 1;
      // Commands that wait for time to pass would otherwise wait for ever.
      this.clock.advance(100);
      if (breaths === options.interruptAfter) controller?.abort();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return {
      stdout,
      stderr,
      searchStamp: async (workblock, costBits, { random, signal, onProgress }) => {
        const search = new StampSearch(workblock, costBits, random.bytes(28));
        const started = this.clock.now();
        for (;;) {
          const stamp = search.run(1000);
          if (stamp !== undefined) return { stamp, tries: search.tries };
          await breathe();
          signal?.throwIfAborted();
          const elapsedMs = this.clock.now() - started;
          const ratePerSecond = (search.tries * 1000) / elapsedMs;
          onProgress?.({
            tries: search.tries,
            ratePerSecond,
            expectedTries: 2 ** costBits,
            elapsedMs,
          });
        }
      },
      readStdin: (max) =>
        settle(() => bounded(typeof stdin === 'string' ? utf8(stdin) : stdin, max, '-')),
      readFile: (path, max) =>
        settle(() => {
          const bytes = this.files.get(path);
          if (bytes === undefined) throw fileError(path, 'does not exist');
          return bounded(bytes.slice(), max, path);
        }),
      createFile: (path, bytes, write) =>
        settle(() => {
          if (this.files.has(path)) throw fileError(path, 'exists already and is not overwritten');
          this.files.set(path, bytes.slice());
          this.modes.set(path, write?.mode);
        }),
      zxingWasm: async () => new Uint8Array(await readFile(wasmPath)),
      interruptible: (task) => {
        controller = new AbortController();
        return task(controller.signal);
      },
      breathe,
      clock: this.clock,
      random: options.random ?? new SeededRandom(7),
      version: '1.2.3',
    };
  }
}

class Collector implements OutputStream {
  readonly isTerminal: boolean;
  readonly #parts: Uint8Array[] = [];

  constructor(isTerminal: boolean) {
    this.isTerminal = isTerminal;
  }

  async write(data: string | Uint8Array): Promise<void> {
    this.#parts.push(typeof data === 'string' ? utf8(data) : data.slice());
  }

  bytes(): Uint8Array {
    return concat(...this.#parts);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }
}

async function settle<T>(action: () => T): Promise<T> {
  return action();
}

function bounded(bytes: Uint8Array, max: number, path: string): Uint8Array {
  if (bytes.length > max) throw fileError(path, `has more than ${max} bytes`);
  return bytes;
}

function fileError(path: string, reason: string): ProtocolError {
  return new ProtocolError('HOST_FILE', reason, { at: path });
}
