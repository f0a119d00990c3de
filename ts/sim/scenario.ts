/**
 * A day in the life of two endpoints on a bad wire: everything that can be sent is sent, and each piece
 * must end delivered or reported as failed.
 * @module
 */
import { equalBytes } from '../base/bytes.ts';
import { SeededRandom } from '../base/random.ts';
import { Destination, ProofStrategy } from '../reticulum/destination.ts';
import { Identity } from '../reticulum/identity.ts';
import { LinkStatus, ResourceStrategy } from '../reticulum/link/constants.ts';
import type { Link } from '../reticulum/link/link.ts';
import { RequestStatus } from '../reticulum/link/requests.ts';
import { ReceiptStatus } from '../reticulum/receipts.ts';
import { RequestPolicy } from '../reticulum/request-handlers.ts';
import { ResourceStatus } from '../reticulum/resource/constants.ts';
import { IncomingResource } from '../reticulum/resource/incoming.ts';
import type { Medium, MediumModel } from './medium.ts';
import { Network } from './network.ts';
import type { SimNode } from './node.ts';

/** What a wire does to the endpoints on it. */
export interface Scenario {
  readonly model: MediumModel;
  /** Times, in milliseconds from the start, between which nothing gets through. */
  readonly partitions?: readonly (readonly [number, number])[] | undefined;
  /** Bytes of the resource each way; 20,000 unless set. */
  readonly resourceBytes?: number | undefined;
  /** Messages over the channel; 10 unless set. */
  readonly messages?: number | undefined;
}

/** What became of one piece. */
export interface Outcome {
  readonly what: string;
  /** What its sender was told; `undefined` while it was told nothing. */
  told: 'delivered' | 'failed' | undefined;
  /** Whether its receiver has it, unharmed. */
  arrived: boolean;
  /** A channel message that reached the peer, but stays behind one that never did. */
  held: boolean;
}

/** What became of everything. */
export interface ScenarioResult {
  readonly seed: number;
  readonly linked: boolean;
  readonly outcomes: readonly Outcome[];
  /** Virtual time that it took. */
  readonly elapsedMs: number;
}

const TYPE = 0x0101;
const LONGEST_MS = 6 * 3600 * 1000;
const LINK_TRIES = 4;

/** Run a scenario once; the same seed gives the same run. */
export function runScenario(seed: number, scenario: Scenario): ScenarioResult {
  return new Run(seed, scenario).go();
}

class Run {
  readonly #seed: number;
  readonly #scenario: Scenario;
  readonly #network: Network;
  readonly #wire: Medium;
  readonly #a: SimNode;
  readonly #b: SimNode;
  readonly #inbound: Destination;
  readonly #outbound: Destination;
  readonly #random: SeededRandom;
  readonly #outcomes: Outcome[] = [];
  #messages: Outcome[] = [];
  readonly #startMs: number;

  constructor(seed: number, scenario: Scenario) {
    const { network, a, b, wire } = Network.pair(seed, scenario.model);
    this.#seed = seed;
    this.#scenario = scenario;
    this.#network = network;
    this.#wire = wire;
    this.#a = a;
    this.#b = b;
    this.#startMs = a.now;
    this.#random = new SeededRandom(seed + 1_000_000);
    const identity = Identity.generate(this.#random);
    const name = { appName: 'scenario', aspects: [] };
    this.#inbound = Destination.create({ direction: 'in', identity, ...name });
    this.#outbound = Destination.create({
      direction: 'out',
      identity: identity.publicOnly(),
      ...name,
    });
    this.#inbound.proofStrategy = ProofStrategy.PROVE_ALL;
    this.#outbound.proofStrategy = ProofStrategy.PROVE_ALL;
    this.#inbound.requests.register('/size', { allow: RequestPolicy.ALLOW_ALL });
    b.reticulum.register(this.#inbound);
    b.on('request', ({ request }) =>
      b.act((_, now) => request.respond(new Uint8Array(request.data as number).fill(9), now))
    );
    for (const [from, until] of scenario.partitions ?? []) {
      network.scheduler.after(from, () => wire.part([0], [1]));
      network.scheduler.after(until, () => wire.heal());
    }
  }

  go(): ScenarioResult {
    this.#discover();
    this.#packets();
    const peer = this.#openLink();
    if (peer !== undefined) this.#overLink(peer.link, peer.peer);
    const open = (): boolean => this.#outcomes.some(({ told }) => told === undefined);
    this.#network.until(() => !open(), LONGEST_MS);
    // What was told is told; what is still on its way may arrive.
    this.#network.run(60_000);
    this.#holdMessages();
    return {
      seed: this.#seed,
      linked: peer !== undefined,
      outcomes: this.#outcomes,
      elapsedMs: this.#a.now - this.#startMs,
    };
  }

  /** Announce until it is heard: an announce is not proven. */
  #discover(): void {
    const known = (): boolean => this.#a.reticulum.paths.get(this.#outbound.hash) !== undefined;
    for (let tries = 0; tries < 200 && !known(); tries++) {
      this.#b.act((reticulum, now) => reticulum.announce(this.#inbound, now));
      this.#network.until(known, 5000);
    }
  }

  #begin(what: string): Outcome {
    const outcome: Outcome = { what, told: undefined, arrived: false, held: false };
    this.#outcomes.push(outcome);
    return outcome;
  }

  #packets(): void {
    for (let i = 0; i < 2; i++) {
      const outcome = this.#begin(`packet ${i}`);
      const data = this.#random.bytes(20);
      this.#b.on('packet', (event) => {
        if (equalBytes(event.data, data)) outcome.arrived = true;
      });
      const { receipt } = this.#a.act((r, now) => r.send(this.#outbound, data, now));
      this.#tellByReceipt(outcome, receipt);
    }
  }

  #tellByReceipt(outcome: Outcome, receipt: unknown): void {
    this.#a.on('receipt', (event) => {
      if (event.receipt !== receipt) return;
      const delivered = event.receipt.status === ReceiptStatus.DELIVERED;
      outcome.told = delivered ? 'delivered' : 'failed';
    });
  }

  #openLink(): { link: Link; peer: Link } | undefined {
    for (let tries = 0; tries < LINK_TRIES; tries++) {
      this.#discover();
      const link = this.#a.act((r, now) => r.openLink(this.#outbound, now));
      this.#network.until(() => link.status !== LinkStatus.PENDING, LONGEST_MS);
      if (link.status !== LinkStatus.ACTIVE) continue;
      const peer = this.#b.reticulum.links.get(link.id);
      if (peer === undefined) continue;
      // What the far end needs to take things in; its own notice of the link may be lost.
      peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
      peer.channel().register(TYPE);
      link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
      return { link, peer };
    }
    return undefined;
  }

  #overLink(link: Link, peer: Link): void {
    this.#linkPacket(link);
    this.#request(link, 'small', 10);
    this.#request(link, 'large', 15_000);
    this.#resource(this.#a, link, this.#b);
    this.#network.until(() => peer.isOpen || !link.isOpen, LONGEST_MS);
    if (peer.isOpen) this.#resource(this.#b, peer, this.#a);
    this.#talk(link, peer);
  }

  #linkPacket(link: Link): void {
    const outcome = this.#begin('link packet');
    const data = this.#random.bytes(30);
    this.#b.on('link-packet', (event) => {
      if (equalBytes(event.data, data)) outcome.arrived = true;
    });
    const receipt = this.#a.act((_, now) => link.send(data, now));
    if (receipt === undefined) outcome.told = 'failed';
    else this.#tellByReceipt(outcome, receipt);
  }

  #request(link: Link, size: string, bytes: number): void {
    const outcome = this.#begin(`${size} request`);
    const request = this.#a.act((_, now) => link.request('/size', bytes, now));
    if (request === undefined || request.status === RequestStatus.FAILED) {
      outcome.told = 'failed';
      return;
    }
    this.#a.on('response', (event) => {
      if (event.request !== request) return;
      outcome.told = 'delivered';
      outcome.arrived = equalBytes(request.response as Uint8Array, new Uint8Array(bytes).fill(9));
    });
    this.#a.on('request-failed', (event) => {
      if (event.request === request) outcome.told = 'failed';
    });
  }

  #resource(from: SimNode, link: Link, to: SimNode): void {
    const outcome = this.#begin(`resource from ${from.name}`);
    const data = this.#random.bytes(this.#scenario.resourceBytes ?? 20_000);
    to.on('resource-concluded', ({ resource }) => {
      if (!(resource instanceof IncomingResource)) return;
      if (resource.status !== ResourceStatus.COMPLETE) return;
      if (equalBytes(resource.data, data)) outcome.arrived = true;
    });
    const sent = from.act((_, now) => link.sendResource(data, now));
    if (sent === undefined) {
      outcome.told = 'failed';
      return;
    }
    from.on('resource-concluded', ({ resource }) => {
      if (resource !== sent) return;
      outcome.told = sent.status === ResourceStatus.COMPLETE ? 'delivered' : 'failed';
    });
  }

  /** Numbered messages; what arrives must be a beginning of them, in order. */
  #talk(link: Link, peer: Link): void {
    const count = this.#scenario.messages ?? 10;
    const outcomes = Array.from({ length: count }, (_, i) => this.#begin(`message ${i}`));
    this.#messages = outcomes;
    let arrived = 0;
    this.#b.on('channel-message', ({ channel, data }) => {
      if (channel.link !== peer) return;
      const outcome = outcomes[arrived];
      if (outcome !== undefined && data[0] === arrived) outcome.arrived = true;
      arrived += 1;
    });
    const channel = link.channel();
    const sent = new Map<unknown, Outcome>();
    let next = 0;
    const more = (): void => {
      while (next < count) {
        const message = this.#a.act((_, now) => channel.send(TYPE, Uint8Array.of(next), now));
        if (message === undefined) break;
        sent.set(message, outcomes[next++] as Outcome);
      }
      if (!link.isOpen) for (const outcome of outcomes) outcome.told ??= 'failed';
    };
    this.#a.on('channel-ready', more);
    this.#a.on('link-closed', more);
    this.#a.on('channel-settled', ({ message }) => {
      const outcome = sent.get(message);
      if (outcome !== undefined)
        outcome.told = message.state === 'delivered' ? 'delivered' : 'failed';
    });
    more();
  }

  /** A message is proven when it comes in, but handed over only after all before it. */
  #holdMessages(): void {
    let gap = false;
    for (const outcome of this.#messages) {
      outcome.held = gap && !outcome.arrived;
      gap ||= !outcome.arrived;
    }
  }

  /** Counts of the wire, for those who look closer. */
  get wire(): Medium {
    return this.#wire;
  }
}
