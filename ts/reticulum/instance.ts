/**
 * An endpoint in motion: carries out its effects on the ports of a host and wakes it when it is due.
 *
 * Hosts bring real time and sockets, simulations virtual ones; nothing here knows the difference.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { EventOf, ReticulumEvent, StoreEffect } from './effect.ts';
import type { Reticulum } from './endpoint.ts';
import type { InterfaceDescription, InterfaceId } from './interface.ts';

/** Time as a host or a simulation gives it. */
export interface Driver {
  now(): Millis;
  /** Run something at `at` or soon after; the function that comes back calls it off. */
  schedule(at: Millis, run: () => void): () => void;
}

/** Where the frames of one interface go. */
export interface InterfacePort {
  /** Send one frame. The bytes must not be written to. */
  send(bytes: Uint8Array): void;
  /** All frames of one turn are sent: a port that gathers them can let go. */
  flush?(): void;
}

/** An interface as its host sees it. */
export interface AttachedInterface {
  readonly id: InterfaceId;
  /** Hand over a frame that came in; its bytes must not be written to any more. */
  receive(bytes: Uint8Array): void;
  setOnline(online: boolean): void;
  detach(): void;
}

type Listener = (event: ReticulumEvent) => void;

/** What an instance tells its host. */
export interface InstanceOptions {
  /** Keeps what is to outlive the process. */
  readonly store?: ((effect: StoreEffect) => void) | undefined;
}

/** A running endpoint. */
export class ReticulumInstance {
  readonly reticulum: Reticulum;
  readonly driver: Driver;
  readonly #options: InstanceOptions;
  readonly #ports = new Map<InterfaceId, InterfacePort>();
  readonly #listeners = new Map<ReticulumEvent['kind'], Set<Listener>>();
  readonly #touched = new Set<InterfacePort>();
  #wake: { readonly at: Millis; readonly cancel: () => void } | undefined;
  #settling = false;
  #closed = false;

  constructor(reticulum: Reticulum, driver: Driver, options: InstanceOptions = {}) {
    this.reticulum = reticulum;
    this.driver = driver;
    this.#options = options;
  }

  get now(): Millis {
    return this.driver.now();
  }

  /** Attach an interface whose frames go to `port`. */
  attach(description: InterfaceDescription, port: InterfacePort): AttachedInterface {
    const id = this.reticulum.addInterface(description, this.now);
    this.#ports.set(id, port);
    return {
      id,
      receive: (bytes) => this.act((reticulum, now) => reticulum.receive(id, bytes, now)),
      setOnline: (online) => this.act((reticulum, now) => reticulum.setOnline(id, online, now)),
      detach: () => {
        this.#ports.delete(id);
        this.act((reticulum, now) => reticulum.removeInterface(id, now));
      },
    };
  }

  /** Do something whenever an event of a kind comes; the function that comes back ends that. */
  on<K extends ReticulumEvent['kind']>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    const entry = listener as Listener;
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /**
   * Do something with the endpoint, then carry out what follows from it.
   *
   * What a listener throws is thrown here, after everything else was carried out.
   */
  act<T>(action: (reticulum: Reticulum, now: Millis) => T): T {
    const result = action(this.reticulum, this.now);
    this.#settle();
    return result;
  }

  /** Stop waking; frames and calls still work. */
  close(): void {
    this.#closed = true;
    this.#wake?.cancel();
    this.#wake = undefined;
  }

  /** Carry out effects until none are left, then see when the endpoint is due. */
  #settle(): void {
    // Listeners act on the endpoint while its effects are carried out; one loop does for all.
    if (this.#settling) return;
    this.#settling = true;
    const errors: unknown[] = [];
    while (this.reticulum.hasEffects) {
      for (const effect of this.reticulum.drain()) {
        if (effect.kind === 'send') {
          const port = this.#ports.get(effect.interfaceId);
          if (port === undefined) continue;
          port.send(effect.bytes);
          this.#touched.add(port);
        } else if (effect.kind === 'store') {
          this.#options.store?.(effect);
        } else {
          this.#tell(effect.event, errors);
        }
      }
    }
    for (const port of this.#touched) port.flush?.();
    this.#touched.clear();
    this.#settling = false;
    this.#plan();
    if (errors.length > 0) throw errors[0];
  }

  #tell(event: ReticulumEvent, errors: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event.kind) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        // One listener's mistake must not cost the others their events.
        errors.push(error);
      }
    }
  }

  /** Be woken when the endpoint is due; a wake that comes too early only looks again. */
  #plan(): void {
    const due = this.reticulum.due();
    if (due === undefined || this.#closed) return;
    if (this.#wake !== undefined) {
      if (this.#wake.at <= due) return;
      this.#wake.cancel();
    }
    const cancel = this.driver.schedule(due, () => {
      this.#wake = undefined;
      this.act((reticulum, now) => reticulum.tick(now));
    });
    this.#wake = { at: due, cancel };
  }
}
