/**
 * One connection that is made again whenever it is lost, and the way that it is to the host.
 * @module
 * @see RNS/Interfaces/TCPInterface.py reconnect, RNS/Interfaces/LocalInterface.py reconnect (RNS 1.5.7)
 */
import { connect, type Socket } from 'node:net';
import { ProtocolError } from '../../base/errors.ts';
import type { FramingName } from '../../reticulum/interface-framing.ts';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import { letGo } from '../time.ts';
import { reasonOf, type AttachedWay, type InterfaceHost } from '../interface.ts';
import { SocketStream } from './stream-way.ts';

/** How often and how long a connection is tried. */
export interface ReconnectOptions {
  readonly connectTimeoutMs?: number | undefined;
  /** Wait before each new attempt. */
  readonly reconnectWaitMs?: number | undefined;
  /** Attempts after a lost connection before giving up; absent means for ever. */
  readonly maxReconnectTries?: number | undefined;
}

/** Where to connect to: a host and port, or the path of a local socket. */
export type Target = { readonly host: string; readonly port: number } | { readonly path: string };

/** What a {@link Reconnecting} carries, and where to. */
export interface ReconnectingOptions extends ReconnectOptions {
  readonly description: InterfaceDescription;
  readonly target: Target;
  readonly framing: FramingName;
  /** Whether not being able to connect at the start is final. */
  readonly mustConnect?: boolean | undefined;
}

const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_WAIT_MS = 5000;

/** Keeps one connection up. */
export class Reconnecting {
  readonly #options: ReconnectingOptions;
  readonly #tune: (socket: Socket) => void;
  #host: InterfaceHost | undefined;
  #way: AttachedWay | undefined;
  #stream: SocketStream | undefined;
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #closed = false;
  /** Runs when the socket that is open now has closed. */
  #whenClosed: (() => void) | undefined;

  /** @param tune - sets options of each new socket */
  constructor(options: ReconnectingOptions, tune: (socket: Socket) => void) {
    this.#options = options;
    this.#tune = tune;
  }

  /**
   * Connect, or begin to try. Resolves after the first attempt.
   * @throws ProtocolError `HOST_NETWORK` when that fails and must not
   */
  async open(host: InterfaceHost): Promise<void> {
    const { description, mustConnect = false } = this.#options;
    this.#host = host;
    this.#way = host.attach({
      description,
      send: (packet) => this.#stream?.send(packet),
    });
    const error = await this.#connect();
    if (error === undefined || this.#closed) return;
    if (mustConnect) {
      const text = `cannot connect: ${reasonOf(error)}`;
      throw new ProtocolError('HOST_NETWORK', text, { at: description.name, cause: error });
    }
    this.#report('warning', `cannot connect yet: ${reasonOf(error)}`);
    this.#tryLater();
  }

  /** Disconnect and stop trying. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket !== undefined) {
      const gone = new Promise<void>((resolve) => (this.#whenClosed = resolve));
      socket.destroy();
      await gone;
    }
    this.#way?.detach();
    this.#way = undefined;
  }

  /** One attempt: resolves with the error when it failed. */
  #connect(): Promise<Error | undefined> {
    const { target, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    const socket = connect(target);
    this.#socket = socket;
    if (this.#host?.background === true) socket.unref();
    return new Promise((resolve) => {
      const late = setTimeout(() => socket.destroy(new Error('no answer')), connectTimeoutMs);
      letGoIf(this.#host?.background, late);
      let failure: Error | undefined;
      const fail = (error: Error): void => {
        failure = error;
      };
      const gone = (): void => {
        clearTimeout(late);
        this.#forget();
        resolve(failure ?? new Error('connection closed'));
      };
      socket.on('error', fail);
      socket.once('close', gone);
      socket.once('connect', () => {
        clearTimeout(late);
        socket.off('error', fail);
        socket.off('close', gone);
        this.#connected(socket);
        resolve(undefined);
      });
    });
  }

  #connected(socket: Socket): void {
    const { description, framing } = this.#options;
    this.#tune(socket);
    this.#tries = 0;
    this.#stream = new SocketStream(socket, description, framing, {
      packet: (packet) => this.#way?.receive(packet),
      closed: (error) => this.#lost(error),
    });
    this.#way?.setOnline(true);
    this.#report('info', 'connected');
  }

  #lost(error: Error | undefined): void {
    this.#stream = undefined;
    this.#forget();
    if (this.#closed) return;
    this.#way?.setOnline(false);
    const why = error === undefined ? '' : `: ${reasonOf(error)}`;
    this.#report('warning', `connection lost${why}`);
    this.#tryLater();
  }

  #tryLater(): void {
    const { reconnectWaitMs = RECONNECT_WAIT_MS } = this.#options;
    this.#timer = setTimeout(() => void this.#tryAgain(), reconnectWaitMs);
    letGoIf(this.#host?.background, this.#timer);
  }

  async #tryAgain(): Promise<void> {
    const { maxReconnectTries } = this.#options;
    this.#tries += 1;
    if (maxReconnectTries !== undefined && this.#tries > maxReconnectTries) {
      this.#report('error', `gave up after ${maxReconnectTries} attempts to connect`);
      this.#way?.detach();
      this.#way = undefined;
      return;
    }
    const error = await this.#connect();
    if (error !== undefined && !this.#closed) this.#tryLater();
  }

  #forget(): void {
    this.#socket = undefined;
    this.#whenClosed?.();
    this.#whenClosed = undefined;
  }

  #report(level: 'info' | 'warning' | 'error', text: string): void {
    this.#host?.report({ name: this.#options.description.name, level, text });
  }
}

function letGoIf(background: boolean | undefined, timer: unknown): void {
  if (background === true) letGo(timer);
}
