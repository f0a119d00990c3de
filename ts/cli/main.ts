#!/usr/bin/env node
/** The `tesserae` program on Node: hands the real world to `program.ts`. @module */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { ProtocolError } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { createFile, readFileBounded } from '../host/node/files.ts';
import { StampPool } from '../host/node/stamp-pool.ts';
import type { CliIo, OutputStream } from './io.ts';
import { main } from './program.ts';

function outputOf(stream: NodeJS.WriteStream): OutputStream {
  let gone = false;
  // Every write reports its own failure; without a listener the event would end the process.
  stream.on('error', () => undefined);
  return {
    isTerminal: stream.isTTY === true,
    write: (data) =>
      new Promise((resolve, reject) => {
        if (gone) return resolve();
        stream.write(data, (error) => {
          const code = (error as { code?: string } | null | undefined)?.code;
          if (code === 'EPIPE') gone = true;
          if (error === null || error === undefined || gone) resolve();
          else reject(new Error(`cannot write the output: ${code ?? error.message}`));
        });
      }),
  };
}

async function readStdin(maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) {
      throw new ProtocolError('HOST_FILE', `standard input has more than ${maxBytes} bytes`);
    }
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  // Once: a second Ctrl-C ends the process at once, should the task not listen.
  process.once('SIGINT', stop);
  try {
    return await task(controller.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const io: CliIo = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  readStdin,
  readFile: readFileBounded,
  createFile,
  zxingWasm: async () => {
    const url = import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm');
    return new Uint8Array(await readFile(fileURLToPath(url)));
  },
  searchStamp: async (workblock, costBits, options) => {
    const pool = new StampPool();
    try {
      return await pool.search(workblock, costBits, options);
    } finally {
      await pool.close();
    }
  },
  interruptible,
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  clock: systemClock,
  random: systemRandom,
  version: await version(),
};

process.exitCode = await main(process.argv.slice(2), io);
