/**
 * What every part of one endpoint shares: the time of the present input, randomness, deadlines, the
 * interfaces, and the effects that wait to be carried out.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Compression } from './compression.ts';
import { Drops, type DropReason } from './drops.ts';
import type { Effect, ReticulumEvent } from './effect.ts';
import { InterfaceState, type InterfaceDescription, type InterfaceId } from './interface.ts';
import { SeenHashes } from './seen.ts';
import { Timer, Timers } from './timers.ts';

/** The shared state of one endpoint. */
export class Core {
  /** Time of the present input; no part reads a clock. */
  now: Millis = 0;
  readonly random: Random;
  readonly compression: Compression | undefined;
  readonly timers: Timers = new Timers();
  readonly drops: Drops = new Drops();
  readonly interfaces: Map<InterfaceId, InterfaceState> = new Map();
  /** Hashes of packets that went by. */
  readonly seen: SeenHashes;
  /** Looks through the tables when something in them is due to be forgotten. */
  readonly tidy: Timer;
  #effects: Effect[] = [];
  #nextInterface: InterfaceId = 1;

  constructor(
    random: Random,
    compression: Compression | undefined,
    seen: SeenHashes,
    tidy: () => void
  ) {
    this.tidy = new Timer(tidy);
    this.random = random;
    this.compression = compression;
    this.seen = seen;
  }

  /** Attach an interface. */
  addInterface(description: InterfaceDescription): InterfaceState {
    const state = new InterfaceState(this.#nextInterface++, description, this.now);
    this.interfaces.set(state.id, state);
    return state;
  }

  /** Look through the tables at `at` or before. */
  tidyBy(at: Millis): void {
    this.timers.scheduleBy(this.tidy, at);
  }

  /** Tell the application something. */
  emit(event: ReticulumEvent): void {
    this.#effects.push({ kind: 'event', event });
  }

  /** Ask the host to do something. */
  push(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Count a packet that is not acted upon. */
  drop(reason: DropReason): void {
    this.drops.add(reason);
  }

  /** Count a packet that breaks the rules, also on its interface. */
  violation(reason: DropReason, interfaceId: InterfaceId): void {
    this.drops.add(reason);
    const state = this.interfaces.get(interfaceId);
    if (state !== undefined) state.counters.protocolViolations += 1;
  }

  /** Send a frame on one interface; false when it is not there, offline, or only receives. */
  transmit(interfaceId: InterfaceId, raw: Uint8Array): boolean {
    const state = this.interfaces.get(interfaceId);
    if (state === undefined || !state.sends) return false;
    if (!state.online) {
      state.counters.txDropped += 1;
      this.drops.add('interface-offline');
      return false;
    }
    const bytes = state.access === undefined ? raw : state.access.seal(raw);
    state.counters.txPackets += 1;
    state.counters.txBytes += bytes.length;
    this.#effects.push({ kind: 'send', interfaceId, bytes });
    return true;
  }

  /** Whether effects wait. */
  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** Hand over the effects that wait. */
  drain(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
