/**
 * A Reticulum endpoint in a simulation: its frames travel over media, its deadlines over virtual time.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { EventOf, ReticulumEvent, StoreEffect } from '../reticulum/effect.ts';
import { Reticulum, type ReticulumOptions } from '../reticulum/endpoint.ts';
import { ReticulumInstance, type AttachedInterface, type Driver } from '../reticulum/instance.ts';
import type { InterfaceDescription } from '../reticulum/interface.ts';
import type { Medium } from './medium.ts';
import type { Scheduler } from './scheduler.ts';

/** An endpoint's connection to a medium. */
export interface SimPort extends AttachedInterface {
  readonly medium: Medium;
  /** Names the port to the medium. */
  readonly port: number;
}

/** An endpoint with its connections. */
export class SimNode {
  readonly name: string;
  readonly instance: ReticulumInstance;
  /** What the endpoint asked to store, in order. */
  readonly stored: StoreEffect[] = [];
  readonly ports: SimPort[] = [];
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler, name: string, options: ReticulumOptions) {
    this.#scheduler = scheduler;
    this.name = name;
    this.instance = new ReticulumInstance(new Reticulum(options), virtualDriver(scheduler), {
      store: (effect) => void this.stored.push(effect),
    });
  }

  get reticulum(): Reticulum {
    return this.instance.reticulum;
  }

  get now(): Millis {
    return this.#scheduler.now();
  }

  /** Attach to a medium; the description's name is made up when absent. */
  connect(medium: Medium, description: Partial<InterfaceDescription> = {}): SimPort {
    const { mtu } = medium.model;
    const port = medium.attach((bytes) => attached.receive(bytes));
    const attached = this.instance.attach(
      { name: `${this.name}/${this.ports.length}`, hwMtu: mtu, mtuDiscovery: true, ...description },
      { send: (bytes) => medium.send(port, bytes) }
    );
    const simPort = { ...attached, medium, port };
    this.ports.push(simPort);
    return simPort;
  }

  /** Do something whenever an event of a kind comes. */
  on<K extends ReticulumEvent['kind']>(kind: K, handler: (event: EventOf<K>) => void): () => void {
    return this.instance.on(kind, handler);
  }

  /** Let the application do something with the endpoint, then carry out what follows from it. */
  act<T>(action: (reticulum: Reticulum, now: Millis) => T): T {
    return this.instance.act(action);
  }
}

/** Virtual time as endpoints want it. */
export function virtualDriver(scheduler: Scheduler): Driver {
  return {
    now: () => scheduler.now(),
    schedule: (at, run) => {
      let on = true;
      scheduler.at(at, () => {
        if (on) run();
      });
      return () => {
        on = false;
      };
    },
  };
}
