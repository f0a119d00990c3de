/** Stamp pools: real worker threads, and the browser's pool with stand-ins for web workers. @module */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { toHex } from '../base/hex.ts';
import { SeededRandom } from '../base/random.ts';
import { StampPool as BrowserStampPool } from '../host/browser/stamp-pool.ts';
import { StampPool, createStampWorker } from '../host/node/stamp-pool.ts';
import { LOCAL_COST_BITS } from '../kernel/stamp-dispatch.ts';
import { StampRunner, type StampCommand, type StampReport } from '../kernel/stamp-job.ts';
import { prepareWorkblock, stampDigest } from '../kernel/stamp.ts';
import { assert, rejectsCode } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('stamp-pool', import.meta.url);

const random = new SeededRandom(77);
const workblock = prepareWorkblock(random.bytes(32), 2);
/** Never found. */
const HOPELESS = 200;

function zeroBits(stamp: Uint8Array): number {
  const digest = stampDigest(workblock, stamp);
  const first = digest.findIndex((byte) => byte !== 0);
  return first * 8 + Math.clz32(digest[first] as number) - 24;
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.unreachable('expected a rejection');
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

t('[tesserae/pool-search] two threads find stamps, one search after the other', async () => {
  const pool = new StampPool({ workers: 2 });
  try {
    const costs = [LOCAL_COST_BITS + 1, 3, 14, 15, 16];
    const results = await Promise.all(
      costs.map((cost) => pool.search(workblock, cost, { random }))
    );
    results.forEach(({ stamp, tries }, i) => {
      assert.is(stamp.length, 32);
      assert.ok(zeroBits(stamp) >= (costs[i] as number), `cost ${costs[i]}`);
      assert.ok(tries >= 1);
    });
    assert.is(new Set(results.map(({ stamp }) => toHex(stamp))).size, costs.length);
    assert.is(pool.busyWorkers, 0);
  } finally {
    await pool.close();
  }
});

t(
  '[tesserae/pool-cancel] real threads report progress, stop when told to, and serve on',
  async () => {
    const pool = new StampPool({ workers: 2 });
    try {
      const abort = new AbortController();
      const reason = new Error('enough');
      const seen: number[] = [];
      const search = pool.search(workblock, HOPELESS, {
        random,
        signal: abort.signal,
        onProgress: ({ tries, expectedTries }) => {
          assert.is(expectedTries, 2 ** HOPELESS);
          seen.push(tries);
          if (seen.length === 4) abort.abort(reason);
        },
      });
      assert.is(pool.busyWorkers, 2);
      assert.is(await reasonOf(search), reason);
      assert.equal(
        seen,
        seen.toSorted((a, b) => a - b)
      );
      await until(() => pool.busyWorkers === 0);
      const { stamp } = await pool.search(workblock, 14, { random });
      assert.ok(zeroBits(stamp) >= 14);
    } finally {
      await pool.close();
    }
  }
);

t(
  '[tesserae/pool-failure] a thread that ends or throws fails its search; the pool replaces it',
  async () => {
    const programs = ['process.exit(3)', 'throw new Error("broken thread")'];
    const pool = new StampPool({
      workers: 1,
      createWorker: () => {
        const program = programs.shift();
        return program === undefined ? createStampWorker() : new Worker(program, { eval: true });
      },
    });
    try {
      const ended = await rejectsCode(
        () => pool.search(workblock, HOPELESS, { random }),
        'KERNEL_FAULT'
      );
      assert.match(ended.message, 'worker 0 failed: the thread ended with code 3');
      const threw = await rejectsCode(
        () => pool.search(workblock, HOPELESS, { random }),
        'KERNEL_FAULT'
      );
      assert.match(threw.message, 'broken thread');
      const { stamp } = await pool.search(workblock, 13, { random });
      assert.ok(zeroBits(stamp) >= 13);
    } finally {
      await pool.close();
    }
  }
);

t('[tesserae/pool-cancel] closing ends threads in the middle of their work', async () => {
  const threads: Worker[] = [];
  const pool = new StampPool({
    workers: 2,
    createWorker: () => {
      const thread = createStampWorker();
      threads.push(thread);
      return thread;
    },
  });
  const exits = (): Promise<unknown>[] =>
    threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve)));
  const search = pool.search(workblock, HOPELESS, { random });
  const gone = exits();
  const rejected = rejectsCode(() => search, 'KERNEL_UNAVAILABLE');
  await pool.close();
  await rejected;
  assert.is((await Promise.all(gone)).length, 2);
});

t('idle threads do not keep a program alive, busy ones do', async () => {
  const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { StampPool } from ${url('../host/node/stamp-pool.ts')};
    import { prepareWorkblock } from ${url('../kernel/stamp.ts')};
    import { systemRandom } from ${url('../base/random.ts')};
    const pool = new StampPool({ workers: 2 });
    const workblock = prepareWorkblock(new Uint8Array(32), 1);
    const { stamp } = await pool.search(workblock, 14, { random: systemRandom });
    process.stdout.write('found ' + stamp.length);
  `;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal([code, output], [0, 'found 32']);
});

/** As much of a web worker as the pool uses, around the runner of a real one. */
class StandInWorker {
  onmessage: ((event: { data: StampReport }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault: () => void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  isTerminated = false;
  readonly #runner = new StampRunner({
    post: (report) => {
      if (!this.isTerminated) this.onmessage?.({ data: structuredClone(report) });
    },
    later: (next) => void setImmediate(() => this.isTerminated || next()),
    clock: { now: () => performance.now() },
    sliceMs: 5,
  });

  postMessage(command: StampCommand): void {
    setImmediate(() => this.#runner.receive(structuredClone(command)));
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

t('the browser pool speaks the same protocol, with workers and without', async () => {
  const workers: StandInWorker[] = [];
  const pool = new BrowserStampPool({
    workers: 2,
    createWorker: () => {
      const worker = new StandInWorker();
      workers.push(worker);
      return worker as unknown as globalThis.Worker;
    },
  });
  for (const cost of [2, 14]) {
    const { stamp } = await pool.search(workblock, cost, { random });
    assert.ok(zeroBits(stamp) >= cost);
  }
  assert.is(workers.length, 2);
  const broken = pool.search(workblock, HOPELESS, { random });
  let isHandled = false;
  workers[1]?.onerror?.({ message: 'not found', preventDefault: () => (isHandled = true) });
  assert.match((await rejectsCode(() => broken, 'KERNEL_FAULT')).message, 'not found');
  assert.ok(isHandled);
  await pool.close();
  assert.ok(workers.every((worker) => worker.isTerminated));

  assert.is(typeof globalThis.Worker, 'undefined');
  const alone = new BrowserStampPool();
  const { stamp } = await alone.search(workblock, 13, { random });
  assert.ok(zeroBits(stamp) >= 13);
  const abort = new AbortController();
  const hopeless = alone.search(workblock, HOPELESS, {
    random,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  assert.is(await reasonOf(hopeless), abort.signal.reason);
  await until(() => alone.busyWorkers === 0);
  await alone.close();
});

t('a found stamp is valid by the hash of the whole workblock', async () => {
  const pool = new StampPool({ workers: 1 });
  const material = random.bytes(32);
  const { stamp } = await pool.search(prepareWorkblock(material, 1), 13, { random });
  await pool.close();
  const salt = createHash('sha256').update(material).update(Uint8Array.of(0)).digest();
  const block = new Uint8Array(
    await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt, info: new Uint8Array(0) },
      await crypto.subtle.importKey('raw', material.slice(), 'HKDF', false, ['deriveBits']),
      2048
    )
  );
  const digest = createHash('sha256').update(block).update(stamp).digest();
  assert.ok(digest.readUInt32BE(0) >>> 19 === 0, digest.toString('hex'));
});

t.run();
