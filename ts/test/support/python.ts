/**
 * Running reference programs in Python: which interpreters have them, and a line-by-line dialogue.
 * @module
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An interpreter that has the reference programs. */
export interface PythonReference {
  /** `newest` is pinned in golden/requirements.txt, `documented` in golden/requirements-old.txt. */
  readonly name: 'newest' | 'documented';
  readonly executable: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The interpreters that `make interop` has set up; none where Python or its registry is absent. */
export function pythonReferences(): PythonReference[] {
  const candidates: PythonReference[] = [
    { name: 'newest', executable: join(root, '.venv/bin/python') },
    { name: 'documented', executable: join(root, '.venv-old/bin/python') },
  ];
  return candidates.filter(({ executable }) => existsSync(executable));
}

/** An answer of the peer; `error` holds the exception that the reference raised. */
export type Answer = Record<string, unknown> & { error?: string };

/** A Python process that answers one JSON line for each JSON line it is sent. */
export class PythonPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  /** A folder of the peer's own, removed when it stops. */
  readonly storage: string;
  #pending = '';
  #log = '';

  constructor(reference: PythonReference, script: string) {
    this.storage = mkdtempSync(join(tmpdir(), 'tesserae-live-'));
    const path = fileURLToPath(new URL(`../live/${script}`, import.meta.url));
    this.#child = spawn(reference.executable, [path, this.storage], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (chunk: string) => this.#receive(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-4000);
    });
    this.#child.on('close', (code) => {
      const error = new Error(`the reference stopped (exit code ${code})\n${this.#log}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  /** Send one request; rejects when the peer stops, and when the reference raised an exception. */
  async ask(op: string, fields: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await this.tell(op, fields);
    if (answer.error !== undefined) {
      throw new Error(`the reference refused ${op}: ${answer.error}\n${this.#log}`);
    }
    return answer;
  }

  /** Send one request and return the answer also when it is an exception of the reference. */
  tell(op: string, fields: Record<string, unknown> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(JSON.stringify({ op, ...fields }) + '\n');
    });
  }

  /** End the process and remove its folder. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    if (this.#child.exitCode === null) {
      this.#child.stdin.end();
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
      await closed;
      clearTimeout(timer);
    }
    rmSync(this.storage, { recursive: true, force: true });
  }

  #receive(chunk: string): void {
    const lines = (this.#pending + chunk).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) this.#waiting.shift()?.resolve(JSON.parse(line) as Answer);
  }
}
