/**
 * The Python side of the comparisons: one long-lived child process, asked over its standard input,
 * so that its measurements interleave with ours. Without Python its rows say why. @module
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fromHex, toHex } from '../ts/base/hex.ts';
import type { Absent, Contender } from './harness.ts';

// Relative to the project's folder, in which the benchmarks run; compiled files lie elsewhere.
const VENV = '.venv/bin/python';
const SCRIPT = 'bench/python/peer.py';

/** Input of a case of the Python side; bytes travel as hexadecimal. */
export type PeerInput = Readonly<Record<string, Uint8Array | number>>;

/** Versions on the Python side; `null` for a package that is not installed. */
export interface PeerFacts {
  readonly python: string;
  readonly rns: string | null;
  readonly lxmf: string | null;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** The interpreter to use: `TESSERAE_PYTHON`, else the project's virtual environment. */
export function interpreter(): { path: string } | { absent: string } {
  const named = process.env['TESSERAE_PYTHON'];
  if (named !== undefined && named !== '') {
    return existsSync(named) ? { path: named } : { absent: 'TESSERAE_PYTHON names no file' };
  }
  return existsSync(VENV) ? { path: VENV } : { absent: 'no .venv (make golden creates it)' };
}

/** Asks the Python child; one request at a time, in order. */
export class Peer {
  readonly #child: Child | undefined;
  readonly #absent: string | undefined;
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #prepared = 0;
  #ended = false;

  constructor(found: { path: string } | { absent: string } = interpreter()) {
    if ('absent' in found) {
      this.#absent = found.absent;
      return;
    }
    const child = spawn(found.path, ['-B', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    const end = (): void => {
      this.#ended = true;
      for (const give of this.#waiting.splice(0)) give(undefined);
    };
    child.on('error', end);
    child.on('close', end);
    // A child that died is noticed by `end`; the broken pipe adds nothing.
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
    this.#child = child;
  }

  /** Versions on the other side, or why there is none. */
  async facts(): Promise<PeerFacts | { absent: string }> {
    if (this.#absent !== undefined) return { absent: this.#absent };
    return (await this.#ask({ do: 'facts' })) as unknown as PeerFacts;
  }

  /** A contender that runs `kind` on the other side, or its row with the reason why it cannot. */
  async contender(name: string, kind: string, input: PeerInput): Promise<Contender | Absent> {
    if (this.#absent !== undefined) return { name, absent: this.#absent };
    const id = String(this.#prepared++);
    const entries = Object.entries(input);
    const sent = Object.fromEntries(
      entries.map(([key, value]) => [key, typeof value === 'number' ? value : toHex(value)])
    );
    const answer = await this.#ask({ do: 'prepare', id, case: kind, with: sent });
    if (typeof answer['absent'] === 'string') return { name, absent: answer['absent'] };
    const output = fromHex(String(answer['output']));
    const remote = async (units: number): Promise<number> =>
      Number((await this.#ask({ do: 'run', id, units }))['cpu']);
    return {
      name,
      output: () => output,
      remote,
      run: async (units) => void (await remote(units)),
    };
  }

  /** End the child by closing its input. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || this.#ended) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    await closed;
  }

  async #ask(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    const child = this.#child;
    const line = await new Promise<string | undefined>((resolve) => {
      if (child === undefined || this.#ended) return resolve(undefined);
      this.#waiting.push(resolve);
      child.stdin.write(JSON.stringify(request) + '\n');
    });
    if (line === undefined) throw new Error('the Python side of the comparison ended');
    const answer = JSON.parse(line) as Record<string, unknown>;
    if (typeof answer['error'] === 'string') throw new Error(`Python: ${answer['error']}`);
    return answer;
  }
}
