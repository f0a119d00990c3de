/**
 * PipeInterface: packets in HDLC frames over the standard input and output of a program.
 * @module
 * @see RNS/Interfaces/PipeInterface.py (RNS 1.5.7)
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import {
  longestFrame,
  streamFraming,
  type StreamFraming,
} from '../../reticulum/interface-framing.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import { letGo } from '../time.ts';
import {
  reasonOf,
  type AttachedWay,
  type HostInterface,
  type InterfaceHost,
} from '../interface.ts';
import { MAX_UNSENT_BYTES } from './stream-way.ts';

/** How a pipe is set up. */
export interface PipeOptions {
  readonly description: InterfaceDescription;
  /** The program and its arguments; no shell comes between. */
  readonly command: readonly string[];
  /** Wait before the program is started again when it has ended. */
  readonly respawnDelayMs?: number | undefined;
}

type Program = ChildProcessByStdio<Writable, Readable, Readable>;

const RESPAWN_DELAY_MS = 5000;
/** A program that does not end when asked to is killed after this time. */
const KILL_AFTER_MS = 2000;
const MAX_LINE_CHARACTERS = 500;

/** Packets through a program. */
export class PipeInterface implements HostInterface {
  readonly name: string;
  readonly #options: PipeOptions;
  readonly #framing: StreamFraming;
  #host: InterfaceHost | undefined;
  #way: AttachedWay | undefined;
  #program: Program | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #whenEnded: (() => void) | undefined;
  /** Packets that were dropped because too much was unsent. */
  dropped = 0;

  /** @throws RangeError without a program */
  constructor(options: PipeOptions) {
    if (options.command.length === 0) throw new RangeError('"command" must name a program');
    this.#options = options;
    this.name = options.description.name;
    this.#framing = streamFraming('hdlc', longestFrame(options.description));
  }

  async open(host: InterfaceHost): Promise<void> {
    this.#host = host;
    this.#way = host.attach({
      description: this.#options.description,
      send: (packet) => this.#send(packet),
    });
    await this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const program = this.#program;
    if (program !== undefined) {
      const ended = new Promise<void>((resolve) => (this.#whenEnded = resolve));
      program.stdin.end();
      program.kill('SIGTERM');
      const late = setTimeout(() => program.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(late);
    }
    this.#way?.detach();
    this.#way = undefined;
  }

  /** Start the program; resolves once it runs, or has failed to. */
  #start(): Promise<void> {
    const [file, ...args] = this.#options.command as [string, ...string[]];
    this.#framing.reset();
    const program: Program = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#program = program;
    if (this.#host?.background === true) {
      for (const handle of [program, program.stdin, program.stdout, program.stderr]) letGo(handle);
    }
    program.stdout.on('data', (chunk: Uint8Array) => {
      for (const packet of this.#framing.push(chunk)) this.#way?.receive(packet);
    });
    program.stderr.on('data', (chunk: Uint8Array) => this.#complain(chunk));
    // Writing to a program that has just ended fails here; its end is told by `close`.
    program.stdin.on('error', () => undefined);
    return new Promise((resolve) => {
      let failure: Error | undefined;
      program.once('error', (error) => {
        failure = error;
        // A program that could not be started has no end of its own.
        if (program.pid === undefined) this.#ended(reasonOf(error));
        resolve();
      });
      program.once('spawn', () => {
        this.#way?.setOnline(true);
        resolve();
      });
      program.once('close', (code, signal) => {
        if (program.pid !== undefined)
          this.#ended(failure?.message ?? `ended with ${signal ?? code}`);
      });
    });
  }

  #ended(why: string): void {
    this.#program = undefined;
    this.#whenEnded?.();
    if (this.#closed) return;
    this.#way?.setOnline(false);
    this.#host?.report({ name: this.name, level: 'warning', text: `the program ${why}` });
    const { respawnDelayMs = RESPAWN_DELAY_MS } = this.#options;
    this.#timer = setTimeout(() => void this.#start(), respawnDelayMs);
    if (this.#host?.background === true) letGo(this.#timer);
  }

  #send(packet: Uint8Array): void {
    const stdin = this.#program?.stdin;
    if (stdin === undefined || !stdin.writable) return;
    if (stdin.writableLength > MAX_UNSENT_BYTES) this.dropped += 1;
    else stdin.write(this.#framing.encode(packet));
  }

  #complain(chunk: Uint8Array): void {
    const text = new TextDecoder().decode(chunk).trim().slice(0, MAX_LINE_CHARACTERS);
    if (text !== '') this.#host?.report({ name: this.name, level: 'info', text });
  }
}
