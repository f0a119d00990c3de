/**
 * Two peers connected within the process, on a virtual clock, over a line that can hold back, slow
 * down, duplicate, reorder, damage and lose frames.
 * @see overlay/test/LoopbackPeer.cpp (stellar-core v27) @module
 */
import { concat } from '../../base/bytes.ts';
import type { SeededRandom } from '../../base/random.ts';
import type { StellarMessage } from '../xdr/message.ts';
import type { AuthCert, ErrorCode } from '../xdr/overlay.ts';
import type { LocalNode } from './local-node.ts';
import { Peer } from './peer.ts';
import { PeerRole, type Drop, type PeerEffect, type Received } from './peer-contract.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/** What a line did to the frames of one direction. */
export interface LineStats {
  bytesDelivered: number;
  messagesDelivered: number;
  duplicated: number;
  reordered: number;
  damaged: number;
  lost: number;
}

/** A peer whose certificate may be damaged. */
class LoopbackPeer extends Peer {
  damagesCert = false;

  protected override cert(now: number): AuthCert {
    const cert = super.cert(now);
    return this.damagesCert ? { ...cert, expiration: cert.expiration + 1n } : cert;
  }
}

interface LineFrame {
  readonly bytes: Uint8Array;
  /** A duplicate is written by nobody. */
  readonly isCopy: boolean;
}

/** One end of the line, and the knobs for what it sends. */
export class LoopbackEnd {
  readonly peer: LoopbackPeer;
  /** Hold back everything. */
  #isCorked = false;
  /** Take frames slowly: the other end pauses three times of four. */
  isStraggling = false;
  /** Frames that wait on the line before it delivers. */
  maxQueueDepth = 0;
  /** Replace the key for receiving with every message sent. */
  damagesAuth = false;
  duplicateProbability = 0;
  reorderProbability = 0;
  damageProbability = 0;
  dropProbability = 0;
  latencyMs = 0;
  readonly stats: LineStats = {
    bytesDelivered: 0,
    messagesDelivered: 0,
    duplicated: 0,
    reordered: 0,
    damaged: 0,
    lost: 0,
  };
  /** Messages that the node got. */
  readonly messages: StellarMessage[] = [];
  /** Called with each of them instead of `messages`; they are processed when it returns. */
  onMessage: ((received: Received) => void) | undefined;
  /** Keep messages in processing until {@link releaseHeld}. */
  holdsMessages = false;
  readonly #network: VirtualNetwork;
  readonly #random: SeededRandom;
  #remote: LoopbackEnd | undefined;
  #line: LineFrame[] = [];
  #inbox: Uint8Array[] = [];
  #held: Received[] = [];
  #isPaused = false;
  #armedFor: number | undefined;

  constructor(
    network: VirtualNetwork,
    node: LocalNode,
    role: PeerRole,
    port: number,
    random: SeededRandom
  ) {
    this.#network = network;
    this.#random = random;
    const wake = (): void => network.post(() => this.run(this.peer.takeEffects()));
    const address = { ip: '127.0.0.1', port };
    this.peer = new LoopbackPeer(node, role, address, network.now(), { pipelined: true, wake });
    node.add(this.peer, network.now());
  }

  /** Why this end was dropped. */
  get dropReason(): string | undefined {
    return this.peer.dropped?.reason;
  }

  /** Whether everything is held back. */
  get isCorked(): boolean {
    return this.#isCorked;
  }

  /** Hold everything back, or let it go. */
  setCorked(corked: boolean): void {
    this.#isCorked = corked;
    if (!corked) this.#pump();
  }

  /** Frames on the line. */
  get queuedFrames(): number {
    return this.#line.length;
  }

  /** Join this end with the other. */
  join(remote: LoopbackEnd): void {
    this.#remote = remote;
    this.run(this.peer.takeEffects());
  }

  /** Send a message by way of flow control. */
  send(message: StellarMessage): void {
    this.run(this.peer.send(message, this.#network.now()));
  }

  /** Send a message past flow control. */
  sendUncontrolled(message: StellarMessage): void {
    this.run(this.peer.sendUncontrolled(message, this.#network.now()));
  }

  /** Send bytes as they are. */
  sendRaw(frame: Uint8Array): void {
    this.run(this.peer.sendRaw(frame, this.#network.now()));
  }

  /** Tell the other end why, and give up. */
  sendErrorAndDrop(code: ErrorCode, reason: string): void {
    this.peer.sendErrorAndDrop(code, reason, this.#network.now());
  }

  /** Let go of the messages that {@link holdsMessages} kept. */
  releaseHeld(count: number = Infinity): void {
    for (const received of this.#held.splice(0, count)) {
      this.run(this.peer.processed(received, this.#network.now()));
    }
  }

  /** Messages kept in processing. */
  get heldMessages(): number {
    return this.#held.length;
  }

  /** Do what the peer asks for. */
  run(effects: readonly PeerEffect[]): void {
    for (const effect of effects) this.#do(effect);
    this.#arm();
  }

  #do(effect: PeerEffect): void {
    switch (effect.kind) {
      case 'write':
        for (const bytes of effect.frames) {
          if (this.damagesAuth) this.peer.damageReceiveKey();
          this.#line.push({ bytes, isCopy: false });
          this.#pump();
        }
        return;
      case 'message':
        this.#network.post(() => this.#process(effect.received));
        return;
      case 'pause':
        this.#isPaused = true;
        return;
      case 'resume':
        this.#isPaused = false;
        this.#network.post(() => this.#receiveNext());
        return;
      case 'dropped':
        this.#dropRemote(effect.drop);
        return;
      default:
        return;
    }
  }

  #process(received: Received): void {
    if (this.holdsMessages) {
      this.#held.push(received);
      return;
    }
    if (this.onMessage === undefined) this.messages.push(received.message);
    else this.onMessage(received);
    this.run(this.peer.processed(received, this.#network.now()));
  }

  /** The other end of such a line learns of the end, and why, even when nothing is sent. */
  #dropRemote({ reason, direction }: Drop): void {
    const reversed = direction === 'we-dropped-remote' ? 'remote-dropped-us' : 'we-dropped-remote';
    this.#network.post(() => {
      const remote = this.#remote;
      remote?.run(remote.peer.drop(reason, reversed, this.#network.now()));
    });
  }

  #pump(): void {
    while (this.#line.length > this.maxQueueDepth && !this.#isCorked) {
      const pauses = this.#remote?.isStraggling === true && this.#random.float() < 0.75;
      if (pauses || this.#remote === undefined) return;
      this.#deliverOne(this.#remote);
    }
  }

  #deliverOne(remote: LoopbackEnd): void {
    const frame = this.#line.shift() as LineFrame;
    const hits = (probability: number): boolean => this.#random.float() < probability;
    if (hits(this.duplicateProbability)) {
      this.#line.unshift({ bytes: frame.bytes.slice(), isCopy: true });
      this.stats.duplicated += 1;
    }
    if (hits(this.reorderProbability) && this.#line.length > 0) {
      this.#line.push(frame);
      this.stats.reordered += 1;
      return;
    }
    let { bytes } = frame;
    if (hits(this.damageProbability)) {
      bytes = this.#damaged(bytes);
      this.stats.damaged += 1;
    }
    if (hits(this.dropProbability)) {
      this.stats.lost += 1;
    } else {
      this.stats.bytesDelivered += bytes.length;
      this.stats.messagesDelivered += 1;
      this.#network.after(this.latencyMs, () => {
        remote.#inbox.push(bytes);
        remote.#receiveNext();
      });
    }
    if (!frame.isCopy) this.run(this.peer.written(1, this.#network.now()));
  }

  /** A few flipped bits behind the record header, so that the stream keeps its place. */
  #damaged(bytes: Uint8Array): Uint8Array {
    const copy = concat(bytes);
    const flips = 1 + this.#random.below(8);
    for (let i = 0; i < flips; i++) {
      const at = 4 + this.#random.below(copy.length - 4);
      copy[at] = (copy[at] as number) ^ (1 << this.#random.below(8));
    }
    return copy;
  }

  #receiveNext(): void {
    const bytes = this.#isPaused ? undefined : this.#inbox.shift();
    if (bytes === undefined) return;
    this.run(this.peer.receive(bytes, this.#network.now()));
    if (this.#inbox.length > 0) this.#network.post(() => this.#receiveNext());
  }

  #arm(): void {
    const due = this.peer.due();
    if (due === null || due === this.#armedFor) return;
    this.#armedFor = due;
    this.#network.at(due, () => {
      if (this.#armedFor !== due) return;
      this.#armedFor = undefined;
      this.run(this.peer.tick(this.#network.now()));
    });
  }
}

/** Connect two nodes; the initiator says HELLO at the next crank. */
export function connectLoopback(
  network: VirtualNetwork,
  initiator: LocalNode,
  acceptor: LocalNode,
  random: SeededRandom
): { initiator: LoopbackEnd; acceptor: LoopbackEnd } {
  const here = new LoopbackEnd(
    network,
    initiator,
    PeerRole.WE_CALLED_REMOTE,
    acceptor.config.listeningPort,
    random
  );
  const there = new LoopbackEnd(
    network,
    acceptor,
    PeerRole.REMOTE_CALLED_US,
    initiator.config.listeningPort,
    random
  );
  here.join(there);
  there.join(here);
  network.post(() => here.run(here.peer.connected(network.now())));
  return { initiator: here, acceptor: there };
}
