/**
 * A Reticulum endpoint in a simulation: its frames travel over media, its deadlines over virtual time.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { StoreEffect, EventOf, ReticulumEvent } from '../reticulum/effect.ts';
import { Reticulum, type ReticulumOptions } from '../reticulum/endpoint.ts';
import type { InterfaceDescription, InterfaceId } from '../reticulum/interface.ts';
import type { Medium } from './medium.ts';
import type { Scheduler } from './scheduler.ts';

type Handler<K extends ReticulumEvent['kind']> = (event: EventOf<K>) => void;

/** An endpoint with its connections. */
export class SimNode {
  readonly name: string;
  readonly reticulum: Reticulum;
  /** What the endpoint asked to store, in order. */
  readonly stored: StoreEffect[] = [];
  readonly #scheduler: Scheduler;
  readonly #handlers = new Map<string, ((event: ReticulumEvent) => void)[]>();
  readonly #ports = new Map<InterfaceId, { medium: Medium; port: number }>();
  /** Ticks planned for another moment than this are out of date. */
  #tickAt: Millis = Infinity;
  #settling = false;

  constructor(scheduler: Scheduler, name: string, options: ReticulumOptions) {
    this.#scheduler = scheduler;
    this.name = name;
    this.reticulum = new Reticulum(options);
  }

  get now(): Millis {
    return this.#scheduler.now();
  }

  /** Attach to a medium; the description's name is made up when absent. */
  connect(medium: Medium, description: Partial<InterfaceDescription> = {}): InterfaceId {
    const { mtu } = medium.model;
    const id = this.reticulum.addInterface(
      { name: `${this.name}/${this.#ports.size}`, hwMtu: mtu, mtuDiscovery: true, ...description },
      this.now
    );
    const port = medium.attach((bytes) => this.#receive(id, bytes));
    this.#ports.set(id, { medium, port });
    return id;
  }

  /** The port of an interface on its medium, for partitions. */
  portOf(id: InterfaceId): number {
    return this.#ports.get(id)?.port ?? -1;
  }

  /** Do something whenever an event of a kind comes. */
  on<K extends ReticulumEvent['kind']>(kind: K, handler: Handler<K>): void {
    const list = this.#handlers.get(kind) ?? [];
    list.push(handler as (event: ReticulumEvent) => void);
    this.#handlers.set(kind, list);
  }

  /** Let the application do something with the endpoint, then carry out what follows from it. */
  act<T>(action: (reticulum: Reticulum, now: Millis) => T): T {
    const result = action(this.reticulum, this.now);
    this.#settle();
    return result;
  }

  #receive(id: InterfaceId, bytes: Uint8Array): void {
    this.reticulum.receive(id, bytes, this.now);
    this.#settle();
  }

  /** Carry out effects until none are left, then plan the next tick. */
  #settle(): void {
    // Handlers act on the endpoint while its effects are carried out; one loop does for all.
    if (this.#settling) return;
    this.#settling = true;
    while (this.reticulum.hasEffects) {
      for (const effect of this.reticulum.drain()) {
        if (effect.kind === 'send') {
          const place = this.#ports.get(effect.interfaceId);
          place?.medium.send(place.port, effect.bytes);
        } else if (effect.kind === 'store') {
          this.stored.push(effect);
        } else {
          for (const handler of this.#handlers.get(effect.event.kind) ?? []) handler(effect.event);
        }
      }
    }
    this.#settling = false;
    const due = this.reticulum.due();
    if (due === undefined || due === this.#tickAt) return;
    this.#tickAt = due;
    this.#scheduler.at(due, () => {
      if (this.#tickAt !== due) return;
      this.#tickAt = Infinity;
      this.reticulum.tick(this.now);
      this.#settle();
    });
  }
}
