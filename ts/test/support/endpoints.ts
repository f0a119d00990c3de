/**
 * Endpoints under a test's hand: randomness from a vector, frames caught instead of sent.
 * @module
 */
import { fromHex, toHex } from '../../base/hex.ts';
import { ScriptedRandom, type Random } from '../../base/random.ts';
import { Destination } from '../../reticulum/destination.ts';
import type { EventOf, ReticulumEvent } from '../../reticulum/effect.ts';
import { Reticulum, type ReticulumOptions } from '../../reticulum/endpoint.ts';
import { Identity } from '../../reticulum/identity.ts';
import type { InterfaceId } from '../../reticulum/interface.ts';
import { fromNotation } from './notation.ts';

/** Randomness that a test sets before each step. */
export class StepRandom implements Random {
  #script = new ScriptedRandom([]);

  /** Draw these from here on. */
  use(draws: readonly string[]): void {
    this.#script = new ScriptedRandom(draws.map(fromHex));
  }

  /** Draws that were not used. */
  get left(): number {
    return this.#script.left;
  }

  bytes(length: number): Uint8Array {
    return this.#script.bytes(length);
  }
}

/** An endpoint with one interface, whose frames and events a test picks up. */
export class Probe {
  readonly random: StepRandom = new StepRandom();
  readonly reticulum: Reticulum;
  readonly interfaceId: InterfaceId;
  readonly events: ReticulumEvent[] = [];
  readonly #frames: Uint8Array[] = [];

  constructor(mtu: number, options: Partial<ReticulumOptions> = {}) {
    const transportIdentity = Identity.fromPrivateKey(new Uint8Array(64).fill(0x5a));
    this.reticulum = new Reticulum({ random: this.random, transportIdentity, ...options });
    this.interfaceId = this.reticulum.addInterface(
      { name: 'probe', hwMtu: mtu, mtuDiscovery: true, bitrateBps: 10_000_000 },
      0
    );
  }

  /** Make the endpoint know a path. */
  knowPath(destinationHash: Uint8Array, now: number, hops = 1, nextHop?: Uint8Array): void {
    const via = this.reticulum.core.interfaces.get(this.interfaceId);
    if (via === undefined) throw new Error('the interface is gone');
    this.reticulum.paths.offer(
      {
        destinationHash,
        nextHop: nextHop ?? destinationHash,
        hops,
        randomBlob: new Uint8Array(10),
        packetHash: new Uint8Array(32),
        via,
      },
      now
    );
  }

  /** Take in a frame. */
  receive(frame: Uint8Array, now: number): void {
    this.reticulum.receive(this.interfaceId, frame, now);
  }

  /** Frames that were sent since the last call. */
  sent(): Uint8Array[] {
    for (const effect of this.reticulum.drain()) {
      if (effect.kind === 'send') this.#frames.push(effect.bytes);
      else if (effect.kind === 'event') this.events.push(effect.event);
    }
    return this.#frames.splice(0);
  }

  /** Events of one kind so far. */
  of<K extends ReticulumEvent['kind']>(kind: K): EventOf<K>[] {
    this.#frames.unshift(...this.sent());
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** The last event of a kind; there must be one. */
  last<K extends ReticulumEvent['kind']>(kind: K): EventOf<K> {
    const event = this.of(kind).at(-1);
    if (event === undefined) throw new Error(`no event ${kind}`);
    return event;
  }
}

/** Milliseconds of a time in typed notation. */
export function millisOf(typed: unknown): number {
  const value = fromNotation(typed);
  return Number(value) * 1000;
}

/** A receiving and a sending destination of the same address. */
export function destinationPair(
  identity: Identity,
  appName: string,
  aspects: readonly string[]
): { inbound: Destination; outbound: Destination } {
  return {
    inbound: Destination.create({ direction: 'in', identity, appName, aspects }),
    outbound: Destination.create({
      direction: 'out',
      identity: identity.publicOnly(),
      appName,
      aspects,
    }),
  };
}

/** Frames as hexadecimal. */
export function hexes(frames: readonly Uint8Array[]): string[] {
  return frames.map(toHex);
}
