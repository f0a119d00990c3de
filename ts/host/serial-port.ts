/**
 * An interface on a serial port: opens the port, runs a protocol on it, and opens it again when either
 * fails. How a port is opened is the host's business.
 * @module
 */
import { systemClock } from '../base/clock.ts';
import {
  REOPEN_WAIT_MS,
  type SerialEffect,
  type SerialProtocol,
} from '../reticulum/interface-serial.ts';
import type { InterfaceDescription } from '../reticulum/interface.ts';
import { letGo } from './time.ts';
import { reasonOf, type AttachedWay, type HostInterface, type InterfaceHost } from './interface.ts';

/** An open port. */
export interface OpenPort {
  /** Queue bytes; what cannot be written is told by `closed`. */
  write(bytes: Uint8Array): void;
  /** Let queued bytes out and close. */
  close(): Promise<void>;
}

/** What an open port tells. */
export interface PortEvents {
  data(bytes: Uint8Array): void;
  /** The port is gone; not called after {@link OpenPort.close}. */
  closed(error: Error | undefined): void;
}

/** Opens a port. Rejects when it cannot be opened. */
export type PortOpener = (events: PortEvents) => Promise<OpenPort>;

/** How a serial interface is set up. */
export interface SerialPortOptions {
  readonly description: InterfaceDescription;
  readonly protocol: SerialProtocol;
  readonly open: PortOpener;
  /** Wait before a port is opened again. */
  readonly reopenWaitMs?: number | undefined;
}

/** A device on a serial port, kept open. */
export class SerialPortInterface implements HostInterface {
  readonly name: string;
  readonly #options: SerialPortOptions;
  readonly #protocol: SerialProtocol;
  #host: InterfaceHost | undefined;
  #way: AttachedWay | undefined;
  #bitrateBps: number | undefined;
  #port: OpenPort | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: SerialPortOptions) {
    this.#options = options;
    this.#protocol = options.protocol;
    this.name = options.description.name;
  }

  /** Resolves after the first attempt to open the port, whether or not it succeeded. */
  async open(host: InterfaceHost): Promise<void> {
    this.#host = host;
    await this.#openPort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reopen);
    clearTimeout(this.#timer);
    const port = this.#port;
    this.#port = undefined;
    if (port !== undefined) {
      const farewell = this.#protocol.farewell();
      if (farewell.length > 0) port.write(farewell);
      this.#protocol.closed();
      await port.close();
    }
    this.#way?.detach();
    this.#way = undefined;
  }

  async #openPort(): Promise<void> {
    let port: OpenPort;
    try {
      port = await this.#options.open({
        data: (bytes) => {
          this.#protocol.receive(bytes, systemClock.now());
          this.#run();
        },
        closed: (error) => this.#lost(error === undefined ? 'port closed' : reasonOf(error)),
      });
    } catch (error) {
      this.#report('warning', `cannot open the port: ${reasonOf(error)}`);
      this.#openLater();
      return;
    }
    if (this.#closed) return port.close();
    this.#port = port;
    this.#protocol.opened(systemClock.now());
    this.#run();
  }

  /** Carry out what the protocol wants, and set the timer to what is due next. */
  #run(): void {
    for (const effect of this.#protocol.drain()) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const due = this.#port === undefined ? undefined : this.#protocol.due();
    if (due === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#protocol.tick(systemClock.now());
        this.#run();
      },
      Math.max(0, due - systemClock.now())
    );
    if (this.#host?.background === true) letGo(this.#timer);
  }

  #carryOut(effect: SerialEffect): void {
    switch (effect.kind) {
      case 'write':
        this.#port?.write(effect.bytes);
        return;
      case 'packet':
        this.#way?.receive(effect.data);
        return;
      case 'online':
        return this.#online(effect.bitrateBps);
      case 'warning':
        return this.#report('warning', effect.text);
      case 'failed':
        return this.#fail(effect.reason, effect.final);
    }
  }

  #online(bitrateBps: number | undefined): void {
    // What the endpoint was told of the way does not change, so another bit rate makes another way.
    if (this.#way !== undefined && bitrateBps !== this.#bitrateBps) {
      this.#way.detach();
      this.#way = undefined;
    }
    const { description } = this.#options;
    this.#bitrateBps = bitrateBps;
    this.#way ??= this.#host?.attach({
      description: { ...description, bitrateBps: bitrateBps ?? description.bitrateBps },
      send: (packet) => {
        this.#protocol.send(packet, systemClock.now());
        this.#run();
      },
    });
    this.#way?.setOnline(true);
    this.#report('info', 'ready');
  }

  #fail(reason: string, final: boolean): void {
    const port = this.#port;
    this.#lost(reason, final);
    void port?.close().catch((error: unknown) => {
      this.#report('warning', `cannot close the port: ${reasonOf(error)}`);
    });
  }

  #lost(reason: string, final = false): void {
    if (this.#closed || this.#port === undefined) return;
    this.#port = undefined;
    this.#protocol.closed();
    this.#way?.setOnline(false);
    this.#report(final ? 'error' : 'warning', reason);
    if (!final) this.#openLater();
  }

  #openLater(): void {
    if (this.#closed) return;
    const { reopenWaitMs = REOPEN_WAIT_MS } = this.#options;
    this.#reopen = setTimeout(() => void this.#openPort(), reopenWaitMs);
    if (this.#host?.background === true) letGo(this.#reopen);
  }

  #report(level: 'info' | 'warning' | 'error', text: string): void {
    this.#host?.report({ name: this.name, level, text });
  }
}
