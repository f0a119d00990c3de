/**
 * Receipts: what became of packets that were sent, proven by the signature of whoever received them.
 * @module
 * @see RNS/Packet.py PacketReceipt (RNS 1.5.7)
 */
import { equalBytes } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import type { Core } from './core.ts';
import { HashMap } from './hash-map.ts';
import { SIGNATURE_BYTES } from './identity.ts';
import { Timer } from './timers.ts';

/** What became of a packet. @see RNS/Packet.py PacketReceipt.FAILED */
export const ReceiptStatus = { FAILED: 0, SENT: 1, DELIVERED: 2, CULLED: 0xff } as const;
/** One of {@link ReceiptStatus}. */
export type ReceiptStatusCode = (typeof ReceiptStatus)[keyof typeof ReceiptStatus];

/** Receipts that wait at the same time. @see RNS/Transport.py MAX_RECEIPTS */
export const MAX_RECEIPTS = 1024;
/** The reference looks for timeouts no more often than this, so none is shorter. */
export const RECEIPT_CHECK_INTERVAL_MS = 1000;

const HASH_BYTES = 32;
/** A proof that names the packet: its hash, then the signature. */
export const EXPLICIT_PROOF_BYTES: number = HASH_BYTES + SIGNATURE_BYTES;
/** A proof that is only the signature. */
export const IMPLICIT_PROOF_BYTES: number = SIGNATURE_BYTES;

/** Checks a signature over the hash of the packet. */
export type ProofCheck = (signature: Uint8Array, packetHash: Uint8Array) => boolean;

/** The fate of one packet. */
export class PacketReceipt {
  /** The 32-byte hash of the packet. */
  readonly hash: Uint8Array;
  /** Destination address or link id. */
  readonly target: Uint8Array;
  readonly sentAtMs: Millis;
  status: ReceiptStatusCode = ReceiptStatus.SENT;
  concludedAtMs: Millis | undefined;
  /** Counted from when the packet was sent. */
  timeoutMs: number;
  /** @internal */
  readonly check: ProofCheck;
  /** @internal Runs once, when the fate is known. */
  readonly concluded: (receipt: PacketReceipt) => void;
  /** @internal */
  timer: Timer | undefined;

  constructor(
    hash: Uint8Array,
    target: Uint8Array,
    sentAtMs: Millis,
    timeoutMs: number,
    check: ProofCheck,
    concluded: (receipt: PacketReceipt) => void
  ) {
    this.hash = hash;
    this.target = target;
    this.sentAtMs = sentAtMs;
    this.timeoutMs = timeoutMs;
    this.check = check;
    this.concluded = concluded;
  }

  /** Time between sending and the proof; `undefined` until there is one. */
  get rttMs(): number | undefined {
    if (this.status !== ReceiptStatus.DELIVERED || this.concludedAtMs === undefined) {
      return undefined;
    }
    return this.concludedAtMs - this.sentAtMs;
  }
}

/** All receipts that wait for a proof, at most {@link MAX_RECEIPTS}. */
export class Receipts {
  readonly #core: Core;
  /** By the first 16 bytes of the packet hash, which is also the address of a proof. */
  readonly #waiting: HashMap<PacketReceipt>;

  constructor(core: Core, limit: number = MAX_RECEIPTS) {
    this.#core = core;
    this.#waiting = new HashMap(limit, (oldest) => this.#settle(oldest, ReceiptStatus.CULLED));
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Receipts that wait, oldest first. */
  values(): IterableIterator<PacketReceipt> {
    return this.#waiting.values();
  }

  /**
   * Wait for the proof of a packet.
   * @param timeoutMs - counted from now, and never below a second
   */
  add(
    packetHash: Uint8Array,
    target: Uint8Array,
    timeoutMs: number,
    check: ProofCheck,
    concluded: (receipt: PacketReceipt) => void
  ): PacketReceipt {
    const core = this.#core;
    const wait = Math.max(timeoutMs, RECEIPT_CHECK_INTERVAL_MS);
    const receipt = new PacketReceipt(packetHash, target, core.now, wait, check, concluded);
    receipt.timer = new Timer(() => this.#expire(receipt));
    this.#waiting.set(packetHash.subarray(0, 16), receipt);
    core.timers.schedule(receipt.timer, core.now + wait);
    return receipt;
  }

  /** Move the timeout of a receipt that waits; counted from when the packet was sent. */
  moveTimeout(receipt: PacketReceipt, timeoutMs: number): void {
    receipt.timeoutMs = Math.max(timeoutMs, RECEIPT_CHECK_INTERVAL_MS);
    if (receipt.timer?.scheduled !== true) return;
    this.#core.timers.schedule(receipt.timer, receipt.sentAtMs + receipt.timeoutMs);
  }

  /** Stop waiting without a word. */
  forget(receipt: PacketReceipt): void {
    if (this.#waiting.get(receipt.hash.subarray(0, 16)) !== receipt) return;
    this.#waiting.delete(receipt.hash.subarray(0, 16));
    if (receipt.timer !== undefined) this.#core.timers.cancel(receipt.timer);
  }

  /** Conclude a receipt as failed before its time: what it went over is gone. */
  fail(receipt: PacketReceipt): void {
    if (receipt.status !== ReceiptStatus.SENT) return;
    this.forget(receipt);
    this.#settle(receipt, ReceiptStatus.FAILED);
  }

  /**
   * Take a proof that came in.
   *
   * The reference tries an implicit proof on every receipt; but its address is the hash of the packet
   * that it proves, so one signature check is enough here.
   * @param address - the destination of the proof packet
   * @param data - `signature 64`, or `packetHash 32 ‖ signature 64`
   * @param explicitOnly - on links only the longer form counts, and `address` is the link's
   * @returns the receipt when it is proven by this
   * @see RNS/Transport.py _inbound; RNS/Packet.py validate_proof, validate_link_proof
   */
  prove(
    address: Uint8Array,
    data: Uint8Array,
    explicitOnly: boolean
  ): PacketReceipt | 'unmatched' | 'invalid' {
    const explicit = data.length === EXPLICIT_PROOF_BYTES;
    if (!explicit && (explicitOnly || data.length !== IMPLICIT_PROOF_BYTES)) return 'invalid';
    const receipt = this.#waiting.get(explicit ? data.subarray(0, 16) : address);
    if (receipt === undefined) return 'unmatched';
    if (explicit && !equalBytes(data.subarray(0, HASH_BYTES), receipt.hash)) return 'unmatched';
    if (explicitOnly && !equalBytes(address, receipt.target)) return 'unmatched';
    const signature = explicit ? data.subarray(HASH_BYTES) : data;
    if (!receipt.check(signature, receipt.hash)) return 'invalid';
    this.forget(receipt);
    this.#settle(receipt, ReceiptStatus.DELIVERED);
    return receipt;
  }

  #expire(receipt: PacketReceipt): void {
    this.#waiting.delete(receipt.hash.subarray(0, 16));
    this.#settle(receipt, ReceiptStatus.FAILED);
  }

  #settle(receipt: PacketReceipt, status: ReceiptStatusCode): void {
    if (receipt.timer !== undefined) this.#core.timers.cancel(receipt.timer);
    receipt.status = status;
    receipt.concludedAtMs = this.#core.now;
    receipt.concluded(receipt);
  }
}
