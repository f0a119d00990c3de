/**
 * Runs one peer on a connection of any kind: carries out its effects, keeps its timer, and hands its
 * messages to the program. @module
 */
import type { Clock } from '../../base/clock.ts';
import type { StellarMessage } from '../xdr/message.ts';
import type { ErrorCode } from '../xdr/overlay.ts';
import type { Peer } from './peer.ts';
import type { Drop, PeerEffect, Received } from './peer-contract.ts';

/** A byte stream as the runner uses it. */
export interface Wire {
  /** Send these pieces in order; `done` once they are out of our hands. */
  write(frames: readonly Uint8Array[], done: () => void): void;
  pause(): void;
  resume(): void;
  /** Nothing more will be written: say so, but keep reading. */
  finish(): void;
  /** End at once. */
  close(): void;
}

/** The host's timers. */
export interface Timers {
  set(delayMs: number, run: () => void): unknown;
  clear(handle: unknown): void;
  /** At the end of this turn of the event loop. */
  soon(run: () => void): void;
}

/** What a program hears of a peer. */
export interface PeerListener {
  /** The handshake is done and there is a place for the peer. */
  authenticated?(peer: PeerRunner): void;
  /**
   * A message came in. It holds the peer's credit until this returns, or until the returned promise is
   * settled: so a slow program slows the peer down.
   */
  message?(received: Received, peer: PeerRunner): void | Promise<void>;
  /** A round trip was measured. */
  pong?(latencyMs: number, peer: PeerRunner): void;
  /** The peer was given up, by us or by itself. */
  dropped?(drop: Drop, peer: PeerRunner): void;
  /** The connection is closed; comes last. */
  closed?(peer: PeerRunner): void;
}

/** A peer on its connection. */
export class PeerRunner {
  readonly peer: Peer;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #listener: PeerListener;
  #queue: PeerEffect[] = [];
  #isRunning = false;
  #timer: unknown;
  #armedFor: number | null = null;
  #isClosed = false;
  #isFinished = false;

  constructor(peer: Peer, wire: Wire, clock: Clock, timers: Timers, listener: PeerListener) {
    this.peer = peer;
    this.#wire = wire;
    this.#clock = clock;
    this.#timers = timers;
    this.#listener = listener;
  }

  /** Whether the connection is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begin: keep the timer, and do what the peer already asked for. */
  start(): void {
    this.wake();
  }

  /** The connection that we opened is there. */
  opened(): void {
    this.#run(this.peer.connected(this.#clock.now()));
  }

  /** Bytes came in; they must not be overwritten afterwards. */
  received(bytes: Uint8Array): void {
    this.#run(this.peer.receive(bytes, this.#clock.now()));
  }

  /** The connection ended or failed. */
  lost(reason: string): void {
    this.#run(this.peer.connectionLost(reason, this.#clock.now()));
  }

  /** Send a message; flood messages wait for the peer's credit. Nothing is sent after the end. */
  send(message: StellarMessage, encoded?: Uint8Array): void {
    this.#run(this.peer.send(message, this.#clock.now(), encoded));
  }

  /** Measure a round trip now, unless an answer is due. */
  ping(): void {
    this.#run(this.peer.startPing(this.#clock.now()));
  }

  /** End the connection without a word. */
  leave(reason: string): void {
    this.peer.abandon(reason, this.#clock.now());
    this.wake();
  }

  /** Close at once, whatever has not been written. */
  destroy(reason: string): void {
    this.peer.abandon(reason, this.#clock.now());
    this.wake();
    this.lost(reason);
  }

  /** Tell the peer why, let that arrive, and close. */
  close(code: ErrorCode, reason: string): void {
    this.peer.sendErrorAndDrop(code, reason, this.#clock.now());
    this.wake();
  }

  /** Do what the peer asked for outside of this runner's calls. */
  wake(): void {
    this.#queue.push(...this.peer.takeEffects());
    this.#drain();
  }

  /** Carry out effects of a call that was made to the peer itself. */
  runEffects(effects: readonly PeerEffect[]): void {
    this.#run(effects);
  }

  #run(effects: readonly PeerEffect[]): void {
    for (const effect of effects) this.#queue.push(effect);
    this.#drain();
  }

  /** One effect after the other, those included that follow from them. */
  #drain(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let at = 0; at < this.#queue.length; at++) {
        this.#do(this.#queue[at] as PeerEffect);
        // What is done need not be kept while more keeps coming.
        if (at > 4096) {
          this.#queue = this.#queue.slice(at + 1);
          at = -1;
        }
      }
    } finally {
      this.#queue = [];
      this.#isRunning = false;
    }
    this.#finishIfDone();
    this.#arm();
  }

  #do(effect: PeerEffect): void {
    switch (effect.kind) {
      case 'write': {
        const { frames } = effect;
        this.#wire.write(frames, () => this.#written(frames.length));
        return;
      }
      case 'writable':
        // After everything else that happens in this turn.
        this.#timers.soon(() => this.#run(this.peer.flush(this.#clock.now())));
        return;
      case 'message':
        this.#message(effect.received);
        return;
      case 'pause':
        this.#wire.pause();
        return;
      case 'resume':
        this.#wire.resume();
        return;
      case 'authenticated':
        this.#listener.authenticated?.(this);
        return;
      case 'pong':
        this.#listener.pong?.(effect.latencyMs, this);
        return;
      case 'dropped':
        // What still comes is not looked at, but must be taken for the end to be seen.
        this.#wire.resume();
        this.#listener.dropped?.(effect.drop, this);
        return;
      case 'close':
        this.#isClosed = true;
        this.#wire.close();
        this.#listener.closed?.(this);
    }
  }

  #message(received: Received): void {
    const pending = this.#listener.message?.(received, this);
    const done = (): void => this.#run(this.peer.processed(received, this.#clock.now()));
    if (pending === undefined) done();
    else pending.then(done, done);
  }

  #written(count: number): void {
    if (!this.#isClosed) this.#run(this.peer.written(count, this.#clock.now()));
  }

  #finishIfDone(): void {
    if (this.#isFinished || this.peer.dropped === undefined || this.peer.unwritten > 0) return;
    this.#isFinished = true;
    if (!this.#isClosed) this.#wire.finish();
  }

  #arm(): void {
    const due = this.peer.due();
    if (due === this.#armedFor) return;
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
    this.#timer = undefined;
    this.#armedFor = due;
    if (due === null) return;
    this.#timer = this.#timers.set(Math.max(0, due - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#armedFor = null;
      this.#run(this.peer.tick(this.#clock.now()));
    });
  }
}
