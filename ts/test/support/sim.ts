/**
 * Two simulated endpoints that know each other, with an open link between them.
 * @module
 */
import { SeededRandom } from '../../base/random.ts';
import type { Destination } from '../../reticulum/destination.ts';
import type { EventOf, ReticulumEvent } from '../../reticulum/effect.ts';
import type { ReticulumOptions } from '../../reticulum/endpoint.ts';
import { Identity } from '../../reticulum/identity.ts';
import type { Link } from '../../reticulum/link/link.ts';
import type { Medium, MediumModel } from '../../sim/medium.ts';
import { Network } from '../../sim/network.ts';
import type { SimNode } from '../../sim/node.ts';
import { destinationPair } from './endpoints.ts';

/** What a test works with. */
export interface Neighbors {
  network: Network;
  wire: Medium;
  /** Knows the way to `b`'s destination. */
  a: SimNode;
  b: SimNode;
  inbound: Destination;
  outbound: Destination;
}

/** Two endpoints on a wire; `a` has heard the announce of `b`. */
export function neighbors(
  seed: number,
  model: MediumModel = {},
  options: Partial<ReticulumOptions> = {}
): Neighbors {
  const { network, a, b, wire } = Network.pair(seed, model, options);
  const identity = Identity.generate(new SeededRandom(seed + 7777));
  const { inbound, outbound } = destinationPair(identity, 'app', ['test']);
  b.reticulum.register(inbound);
  b.act((reticulum, now) => reticulum.announce(inbound, now));
  network.run((model.delayMs ?? 0) + (model.jitterMs ?? 0) + 100);
  if (a.reticulum.paths.get(outbound.hash) === undefined) throw new Error('the announce was lost');
  return { network, wire, a, b, inbound, outbound };
}

/** Both ends of an open link. */
export interface Linked extends Neighbors {
  link: Link;
  peer: Link;
}

/** The same with an open link. */
export function linked(
  seed: number,
  model: MediumModel = {},
  options: Partial<ReticulumOptions> = {}
): Linked {
  const pair = neighbors(seed, model, options);
  const link = pair.a.act((reticulum, now) => reticulum.openLink(pair.outbound, now));
  let peer: Link | undefined;
  const off = pair.b.on('link-established', (event) => {
    peer = event.link;
  });
  if (!pair.network.until(() => peer !== undefined, 60_000) || peer === undefined) {
    throw new Error('the link was not established');
  }
  off();
  return { ...pair, link, peer };
}

/** Events of one kind at a node, as they come. */
export function collect<K extends ReticulumEvent['kind']>(node: SimNode, kind: K): EventOf<K>[] {
  const events: EventOf<K>[] = [];
  node.on(kind, (event) => void events.push(event));
  return events;
}
