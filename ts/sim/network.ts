/**
 * Whole networks in one process: endpoints on media, all chance from one seed.
 * @module
 */
import { SeededRandom } from '../base/random.ts';
import type { ReticulumOptions } from '../reticulum/endpoint.ts';
import type { InterfaceDescription } from '../reticulum/interface.ts';
import { Medium, type MediumModel } from './medium.ts';
import { SimNode } from './node.ts';
import { Scheduler } from './scheduler.ts';

/** A simulated network. */
export class Network {
  readonly scheduler: Scheduler = new Scheduler();
  readonly nodes: SimNode[] = [];
  readonly media: Medium[] = [];
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Add an endpoint; its keys follow from the seed and the order of adding. */
  node(name: string, options: Partial<ReticulumOptions> = {}): SimNode {
    const random = new SeededRandom(this.#seed * 1000 + this.nodes.length);
    const node = new SimNode(this.scheduler, name, { random, ...options });
    this.nodes.push(node);
    return node;
  }

  /** Add a medium. */
  medium(model: MediumModel = {}): Medium {
    const random = new SeededRandom(this.#seed * 1000 + 500 + this.media.length);
    const medium = new Medium(this.scheduler, random, model);
    this.media.push(medium);
    return medium;
  }

  /** Two endpoints at the ends of a wire. */
  static pair(
    seed: number,
    model: MediumModel = {},
    options: Partial<ReticulumOptions> = {}
  ): { network: Network; a: SimNode; b: SimNode; wire: Medium } {
    const network = new Network(seed);
    const wire = network.medium(model);
    const [a, b] = ['a', 'b'].map((name) => {
      const node = network.node(name, options);
      node.connect(wire);
      return node;
    }) as [SimNode, SimNode];
    return { network, a, b, wire };
  }

  /** Endpoints around an ideal hub, where each hears all others. */
  static star(
    seed: number,
    count: number,
    model: MediumModel = {},
    description: Partial<InterfaceDescription> = {}
  ): { network: Network; nodes: SimNode[]; hub: Medium } {
    const network = new Network(seed);
    const hub = network.medium(model);
    const nodes = Array.from({ length: count }, (_, i) => {
      const node = network.node(`node-${i}`);
      node.connect(hub, description);
      return node;
    });
    return { network, nodes, hub };
  }

  /** Let virtual time pass until `done`, at most `limitMs`. */
  until(done: () => boolean, limitMs: number): boolean {
    return this.scheduler.runUntil(done, limitMs);
  }

  /** Let virtual time pass. */
  run(durationMs: number): void {
    this.scheduler.run(durationMs);
  }
}
