/**
 * Runs an endpoint on what a host has: its clock, its timers, and interfaces that carry packets.
 * @module
 */
import { systemClock, type Clock, type Millis } from '../base/clock.ts';
import type { Effect, ReticulumEvent, StoreEffect } from '../reticulum/effect.ts';
import type { Reticulum } from '../reticulum/endpoint.ts';
import type { InterfaceId } from '../reticulum/interface.ts';
import type {
  AttachedWay,
  HostInterface,
  InterfaceHost,
  InterfaceReport,
  Way,
} from './interface.ts';

/** Sets and clears timers; the host's own unless a test says otherwise. */
export interface Timing {
  /** Call `run` once after `delayMs`; the handle goes to {@link clear}. */
  set(run: () => void, delayMs: number): TimerHandle;
  clear(handle: TimerHandle): void;
}

/** A timer of the host; in Node one that can be told not to keep the program running. */
export type TimerHandle = ReturnType<typeof setTimeout>;

/** How a driver runs. */
export interface DriverOptions {
  /** What the endpoint tells the application. An error thrown here becomes a report. */
  readonly onEvent?: ((event: ReticulumEvent) => void) | undefined;
  /** What the endpoint asks to be kept for the next run. An error thrown here becomes a report. */
  readonly onStore?: ((effect: StoreEffect) => void) | undefined;
  /** What interfaces have to say, and errors that should not have happened. */
  readonly onReport?: ((report: InterfaceReport) => void) | undefined;
  /** Whether open sockets and timers keep the program running; true unless set. */
  readonly keepAlive?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly timing?: Timing | undefined;
}

/** Longest time a host's timer can be set to. */
const LONGEST_DELAY_MS = 0x7fffffff;

/** Steps back of the host's clock up to this size are waited out. */
const SMALL_STEP_MS = 2000;

const hostTiming: Timing = {
  set: (run, delayMs) => setTimeout(run, delayMs),
  clear: (handle) => clearTimeout(handle),
};

/** Runs one endpoint with any number of interfaces. */
export class Driver {
  readonly reticulum: Reticulum;
  readonly #options: DriverOptions;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #interfaces = new Set<HostInterface>();
  readonly #ways = new Map<InterfaceId, Way>();
  #timer: TimerHandle | undefined;
  #timerAt: Millis = Infinity;
  #pumping = false;
  #closed = false;
  #lastNow: Millis = 0;

  constructor(reticulum: Reticulum, options: DriverOptions = {}) {
    this.reticulum = reticulum;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timing = options.timing ?? hostTiming;
  }

  /**
   * Start an interface and run it until it is removed or the driver closed.
   * @throws what {@link HostInterface.open} throws; then nothing of it stays
   */
  async add(one: HostInterface): Promise<void> {
    if (this.#closed) throw new Error('the driver is closed');
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
   * Ask the endpoint for something, and carry out what follows from it.
   * @example driver.act((reticulum, now) => reticulum.announce(destination, now))
   */
  act<T>(ask: (reticulum: Reticulum, now: Millis) => T): T {
    const result = ask(this.reticulum, this.#now());
    this.#pump();
    return result;
  }

  /** Stop all interfaces and timers. Resolves when nothing is left open. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer();
    const closing = [...this.#interfaces].map((one) => one.close());
    this.#interfaces.clear();
    await Promise.all(closing);
    this.#stopTimer();
    this.#ways.clear();
  }

  /**
   * The time for the endpoint. Small steps back of the host's clock, as time servers cause them, are
   * waited out; larger ones are followed, and what is due then comes later by the step.
   */
  #now(): Millis {
    const now = this.#clock.now();
    if (now >= this.#lastNow || now < this.#lastNow - SMALL_STEP_MS) this.#lastNow = now;
    return this.#lastNow;
  }

  #hostFor(one: HostInterface): InterfaceHost {
    return {
      background: this.#options.keepAlive === false,
      report: (report) => this.#report(report),
      attach: (way) => this.#attach(one, way),
    };
  }

  #attach(owner: HostInterface, way: Way): AttachedWay {
    const { reticulum } = this;
    const id = reticulum.addInterface(way.description, this.#now());
    reticulum.setOnline(id, false, this.#now());
    this.#ways.set(id, way);
    const attached = (): boolean => this.#ways.get(id) === way;
    const enter = (what: string, run: (now: Millis) => void): void => {
      if (!attached()) return;
      this.#guard(way.description.name, what, () => run(this.#now()));
      this.#pump();
    };
    // An interface that was removed may still have a word on the wire.
    const runs = (): boolean => this.#interfaces.has(owner);
    return {
      receive: (packet) => {
        if (runs()) enter('a packet', (now) => reticulum.receive(id, packet, now));
      },
      setOnline: (online) => enter('a change', (now) => reticulum.setOnline(id, online, now)),
      detach: () => {
        enter('a detachment', (now) => void reticulum.removeInterface(id, now));
        this.#ways.delete(id);
      },
    };
  }

  /** Carry out what waits, then set the timer to what is due next. */
  #pump(): void {
    // What is carried out may ask for more; it is taken up by the call that is running.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.reticulum.hasEffects) {
        for (const effect of this.reticulum.drain()) this.#carryOut(effect);
      }
    } finally {
      this.#pumping = false;
    }
    this.#setTimer();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send': {
        const way = this.#ways.get(effect.interfaceId);
        if (way === undefined) return;
        this.#guard(way.description.name, 'sending', () => way.send(effect.bytes));
        return;
      }
      case 'event':
        this.#guard('application', 'an event', () => this.#options.onEvent?.(effect.event));
        return;
      case 'store':
        this.#guard('application', 'storing', () => this.#options.onStore?.(effect));
        return;
    }
  }

  #setTimer(): void {
    const due = this.#closed ? undefined : this.reticulum.due();
    if (due === undefined) {
      this.#stopTimer();
      return;
    }
    if (this.#timer !== undefined && this.#timerAt === due) return;
    this.#stopTimer();
    const delay = Math.max(0, Math.min(LONGEST_DELAY_MS, Math.ceil(due - this.#now())));
    this.#timerAt = due;
    this.#timer = this.#timing.set(() => this.#tick(), delay);
    if (this.#options.keepAlive === false) letGo(this.#timer);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#timing.clear(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#guard('timer', 'a deadline', () => this.reticulum.tick(this.#now()));
    this.#pump();
  }

  /** Whatever goes wrong here is a fault of the program; it is told, and the rest goes on. */
  #guard(name: string, what: string, run: () => void): void {
    try {
      run();
    } catch (cause) {
      const text = `${what} failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      this.#report({ name, level: 'error', text, cause });
    }
  }

  #report(report: InterfaceReport): void {
    try {
      this.#options.onReport?.(report);
    } catch {
      // Reports are the last resort; when the application cannot take them there is no one left to tell.
    }
  }
}

/** Let the program end although a timer or socket of the host is open; browsers have no such thing. */
export function letGo(handle: unknown): void {
  (handle as { unref?: () => unknown }).unref?.();
}
