/**
 * Runs an endpoint on what a host has: its clock, its timers, and interfaces that carry packets.
 *
 * No peer and no device can make it throw: what is wrong with a packet is counted by the endpoint, what
 * is wrong with an interface or a listener is reported.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { StoreEffect } from '../reticulum/effect.ts';
import type { Reticulum } from '../reticulum/endpoint.ts';
import { ReticulumInstance, type Driver } from '../reticulum/instance.ts';
import type {
  AttachedWay,
  HostInterface,
  InterfaceHost,
  InterfaceReport,
  Way,
} from './interface.ts';
import { reasonOf } from './interface.ts';
import { hostTime } from './time.ts';

/** How an endpoint is run. */
export interface HostOptions {
  /** Keeps what is to outlive the program. What it throws is reported. */
  readonly store?: ((effect: StoreEffect) => void) | undefined;
  /** Told what interfaces have to say, and what listeners threw. */
  readonly onReport?: ((report: InterfaceReport) => void) | undefined;
  /** Whether open sockets and timers keep the program running; true unless set. */
  readonly keepAlive?: boolean | undefined;
  /** Time of another kind than the host's. */
  readonly time?: Driver | undefined;
}

/** Runs one endpoint with any number of interfaces. */
export class ReticulumHost {
  /** The endpoint in motion: listen to its events here, or wrap it in a `ReticulumApi`. */
  readonly instance: ReticulumInstance;
  readonly #options: HostOptions;
  readonly #interfaces = new Set<HostInterface>();
  #closed = false;

  constructor(reticulum: Reticulum, options: HostOptions = {}) {
    this.#options = options;
    const { keepAlive, store } = options;
    const onError = (error: unknown): void => this.#complain('timer', error);
    const time = options.time ?? hostTime({ keepAlive, onError });
    this.instance = new ReticulumInstance(reticulum, time, {
      store: (effect) => this.#guard('store', () => store?.(effect)),
    });
  }

  get reticulum(): Reticulum {
    return this.instance.reticulum;
  }

  /**
   * Start an interface and run it until it is removed or the host closed.
   * @throws what {@link HostInterface.open} throws; then nothing of it stays
   */
  async add(one: HostInterface): Promise<void> {
    if (this.#closed) throw new Error('the host is closed');
    if (this.#interfaces.has(one)) throw new Error(`"${one.name}" runs already`);
    this.#interfaces.add(one);
    try {
      await one.open(this.#hostFor(one));
    } catch (error) {
      this.#interfaces.delete(one);
      await one.close();
      throw error;
    }
  }

  /** Stop an interface. */
  async remove(one: HostInterface): Promise<void> {
    if (this.#interfaces.delete(one)) await one.close();
  }

  /** Interfaces that run. */
  get interfaces(): HostInterface[] {
    return [...this.#interfaces];
  }

  /**
   * Ask the endpoint for something, and carry out what follows from it; see {@link ReticulumInstance.act}.
   * @example host.act((reticulum, now) => reticulum.announce(destination, now))
   */
  act<T>(ask: (reticulum: Reticulum, now: Millis) => T): T {
    return this.instance.act(ask);
  }

  /** Stop all interfaces and timers. Resolves when nothing is left open. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = [...this.#interfaces].map((one) => one.close());
    this.#interfaces.clear();
    await Promise.all(closing);
    this.instance.close();
  }

  #hostFor(owner: HostInterface): InterfaceHost {
    return {
      background: this.#options.keepAlive === false,
      report: (report) => this.#report(report),
      attach: (way) => this.#attach(owner, way),
    };
  }

  #attach(owner: HostInterface, way: Way): AttachedWay {
    const { name } = way.description;
    const attached = this.instance.attach(way.description, {
      send: (packet) => this.#guard(name, () => way.send(packet)),
    });
    this.#guard(name, () => attached.setOnline(false));
    let gone = false;
    return {
      // An interface that was removed may still have a word on the wire.
      receive: (packet) => {
        if (gone || !this.#interfaces.has(owner)) return;
        this.#guard(name, () => attached.receive(packet));
      },
      setOnline: (online) => {
        if (!gone) this.#guard(name, () => attached.setOnline(online));
      },
      detach: () => {
        if (gone) return;
        gone = true;
        this.#guard(name, () => attached.detach());
      },
    };
  }

  #guard(name: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#complain(name, error);
    }
  }

  #complain(name: string, cause: unknown): void {
    this.#report({ name, level: 'error', text: reasonOf(cause), cause });
  }

  #report(report: InterfaceReport): void {
    try {
      this.#options.onReport?.(report);
    } catch {
      // Reports are the last resort; when the program cannot take them there is no one left to tell.
    }
  }
}
