/**
 * A WebSocket as an interface: each binary message is one packet. Pages have no other way to a network.
 *
 * The reference has no such interface; bridges to it do.
 * @module
 */
import { longestFrame } from '../reticulum/interface-framing.ts';
import type { InterfaceDescription } from '../reticulum/interface.ts';
import { letGo } from './time.ts';
import type { AttachedWay, HostInterface, InterfaceHost } from './interface.ts';

/** The part of a WebSocket that is used, as browsers and Node's `ws` both have it. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** How a WebSocket client is set up. */
export interface WebSocketClientOptions {
  readonly description: InterfaceDescription;
  /** `ws://` or `wss://`. */
  readonly url: string;
  /** Wait before each new attempt to connect. */
  readonly reconnectWaitMs?: number | undefined;
}

const RECONNECT_WAIT_MS = 5000;
const OPEN = 1;
/** Unsent bytes above which packets are dropped. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
const NORMAL_CLOSURE = 1000;

/** A connection to a WebSocket server, made again whenever it is lost. */
export class WebSocketClient implements HostInterface {
  readonly name: string;
  readonly #options: WebSocketClientOptions;
  readonly #make: (url: string) => WebSocketLike;
  readonly #maxBytes: number;
  #host: InterfaceHost | undefined;
  #way: AttachedWay | undefined;
  #socket: WebSocketLike | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #whenClosed: (() => void) | undefined;
  /** Messages that were no packets, and packets for which there was no room. */
  dropped = 0;

  /** @param make - opens a WebSocket of the host */
  constructor(options: WebSocketClientOptions, make: (url: string) => WebSocketLike) {
    this.#options = options;
    this.#make = make;
    this.name = options.description.name;
    this.#maxBytes = longestFrame(options.description);
  }

  /** Resolves after the first attempt to connect, whether or not it succeeded. */
  async open(host: InterfaceHost): Promise<void> {
    this.#host = host;
    this.#way = host.attach({
      description: this.#options.description,
      send: (packet) => this.#send(packet),
    });
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket !== undefined) {
      const gone = new Promise<void>((resolve) => (this.#whenClosed = resolve));
      socket.close(NORMAL_CLOSURE);
      await gone;
    }
    this.#way?.detach();
    this.#way = undefined;
  }

  #connect(): Promise<void> {
    return new Promise((resolve) => {
      let socket: WebSocketLike;
      try {
        socket = this.#make(this.#options.url);
      } catch (cause) {
        // A page may forbid the address; trying again would not help, but is what a client does.
        this.#report('error', `cannot connect: ${String(cause)}`);
        this.#tryLater();
        resolve();
        return;
      }
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      socket.addEventListener('open', () => {
        this.#way?.setOnline(true);
        this.#report('info', 'connected');
        resolve();
      });
      // What went wrong is not told to pages; the close that follows is what counts.
      socket.addEventListener('error', () => undefined);
      socket.addEventListener('message', (event) => this.#receive(event.data));
      socket.addEventListener('close', () => {
        this.#lost();
        resolve();
      });
    });
  }

  #lost(): void {
    this.#socket = undefined;
    this.#whenClosed?.();
    if (this.#closed) return;
    this.#way?.setOnline(false);
    this.#report('warning', 'not connected');
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closed) return;
    const { reconnectWaitMs = RECONNECT_WAIT_MS } = this.#options;
    this.#timer = setTimeout(() => void this.#connect(), reconnectWaitMs);
    if (this.#host?.background === true) letGo(this.#timer);
  }

  #receive(data: unknown): void {
    if (!(data instanceof ArrayBuffer) || data.byteLength > this.#maxBytes) {
      this.dropped += 1;
      return;
    }
    this.#way?.receive(new Uint8Array(data));
  }

  #send(packet: Uint8Array): void {
    const socket = this.#socket;
    if (socket?.readyState !== OPEN || socket.bufferedAmount > MAX_UNSENT_BYTES) {
      this.dropped += 1;
      return;
    }
    // A view of a larger buffer is sent as it is; a copy makes sure that it is no shared memory.
    socket.send(new Uint8Array(packet));
  }

  #report(level: 'info' | 'warning' | 'error', text: string): void {
    this.#host?.report({ name: this.name, level, text });
  }
}
