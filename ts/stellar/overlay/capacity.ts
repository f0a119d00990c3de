/**
 * Credit of one connection in one unit, messages or bytes: what we let the peer send, and what it
 * lets us send.
 *
 * Of what comes in, every message holds *total* capacity while it is processed; only the four flood
 * types hold *flood* capacity as well.
 * @see overlay/FlowControlCapacity.cpp (stellar-core v27) @module
 */
import { invariant } from '../../base/errors.ts';
import { RECORD_MAX_BYTES } from '../../codec/record-marking.ts';

/**
 * Outbound credit above this ends the connection. The reference counts to 2^64 - 1; up to here
 * arithmetic in doubles is exact, and no peer that processes what it grants comes near.
 */
export const MAX_OUTBOUND_CREDIT: number = Number.MAX_SAFE_INTEGER;

/** Reading stops when no more total bytes than this are left, so that any message still fits. */
export const BYTE_CAPACITY_READ_FLOOR: number = RECORD_MAX_BYTES + 4;

/** Local limits of one unit. */
export interface CapacityLimits {
  flood: number;
  total: number;
}

/** Credit in one unit; amounts are given by the caller. */
export class Capacity {
  readonly #limits: CapacityLimits;
  /** Reading goes on while more than this is left of the total. */
  readonly #floor: number;
  #flood: number;
  #total: number;
  #outbound = 0;

  constructor(limits: CapacityLimits, floor: number = 0) {
    this.#limits = { ...limits };
    this.#floor = floor;
    this.#flood = limits.flood;
    this.#total = limits.total;
  }

  /** What is left of the peer's flood credit. */
  get flood(): number {
    return this.#flood;
  }

  /** What is left for messages in processing. */
  get total(): number {
    return this.#total;
  }

  /** What the peer lets us send. */
  get outbound(): number {
    return this.#outbound;
  }

  /** The limits, as raised since. */
  get limits(): Readonly<CapacityLimits> {
    return this.#limits;
  }

  /** Whether the next message may be read. */
  get canRead(): boolean {
    return this.#total > this.#floor;
  }

  /** Whether a message of that amount is within the peer's credit. */
  canLock(amount: number, isFlood: boolean): boolean {
    return this.#total >= amount && (!isFlood || this.#flood >= amount);
  }

  /** Hold capacity for a message in processing. */
  lock(amount: number, isFlood: boolean): void {
    invariant(this.canLock(amount, isFlood), 'capacity is locked without credit');
    this.#total -= amount;
    if (isFlood) this.#flood -= amount;
  }

  /** Give back what a message held; returns the flood credit that is free again. */
  release(amount: number, isFlood: boolean): number {
    this.#total += amount;
    if (isFlood) this.#flood += amount;
    invariant(
      this.#total <= this.#limits.total && this.#flood <= this.#limits.flood,
      'more capacity was released than locked'
    );
    return isFlood ? amount : 0;
  }

  /** Whether we may send that amount. */
  hasOutbound(amount: number): boolean {
    return this.#outbound >= amount;
  }

  /** Use up credit for a message that is sent. */
  spend(amount: number): void {
    invariant(this.hasOutbound(amount), 'a flood message is sent without credit');
    this.#outbound -= amount;
  }

  /** Whether a grant would exceed what can be counted. */
  overflows(grant: number): boolean {
    return grant > MAX_OUTBOUND_CREDIT - this.#outbound;
  }

  /** Take credit that the peer gave. */
  grant(amount: number): void {
    this.#outbound += amount;
  }

  /** Raise the limit of flood credit. */
  raiseFlood(increase: number): void {
    this.#flood += increase;
    this.#limits.flood += increase;
  }
}
