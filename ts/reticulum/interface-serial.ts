/**
 * What runs on a serial port: the shape that all such protocols share, and the simplest of them, packets
 * in HDLC.
 *
 * A host opens the port and moves bytes; a protocol decides what is written, when the interface is
 * ready, and when to give up and open the port again.
 * @module
 * @see RNS/Interfaces/SerialInterface.py (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { streamFraming, type StreamFraming } from './interface-framing.ts';

/** Something for the host to do or know. */
export type SerialEffect =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'packet'; readonly data: Uint8Array }
  /** Packets can be sent from now on; the device may say at which bit rate. */
  | { readonly kind: 'online'; readonly bitrateBps: number | undefined }
  /** The device does not do what it should: close the port, and open it again later unless `final`. */
  | { readonly kind: 'failed'; readonly reason: string; readonly final: boolean }
  /** Something that does not stop the interface. */
  | { readonly kind: 'warning'; readonly text: string };

/** A protocol on a serial port. It never throws on what a device sends. */
export interface SerialProtocol {
  /** The port is open. */
  opened(now: Millis): void;
  /** The port is closed; nothing is sent until it is opened again. */
  closed(): void;
  /** Bytes came from the port. */
  receive(bytes: Uint8Array, now: Millis): void;
  /** Send a packet as soon as the device takes it. */
  send(packet: Uint8Array, now: Millis): void;
  /** What to write before the port is closed on purpose. */
  farewell(): Uint8Array;
  tick(now: Millis): void;
  due(): Millis | undefined;
  drain(): SerialEffect[];
}

/** Wait before a port that could not be opened, or failed, is opened again. */
export const REOPEN_WAIT_MS = 5000;
/** Half a frame is forgotten when nothing follows it for this long. */
export const FRAME_TIMEOUT_MS = 100;
const SETTLE_MS = 500;

/** Packets in HDLC frames. */
export class HdlcSerial implements SerialProtocol {
  readonly #framing: StreamFraming;
  #effects: SerialEffect[] = [];
  #onlineMs: Millis | undefined;
  #lastReadMs: Millis = 0;
  #online = false;

  /** @param maxBytes - longest packet, its access code included */
  constructor(maxBytes: number) {
    this.#framing = streamFraming('hdlc', maxBytes);
  }

  opened(now: Millis): void {
    this.#framing.reset();
    this.#onlineMs = now + SETTLE_MS;
  }

  closed(): void {
    this.#online = false;
    this.#onlineMs = undefined;
  }

  receive(bytes: Uint8Array, now: Millis): void {
    if (now > this.#lastReadMs + FRAME_TIMEOUT_MS) this.#framing.reset();
    this.#lastReadMs = now;
    for (const data of this.#framing.push(bytes)) this.#effects.push({ kind: 'packet', data });
  }

  send(packet: Uint8Array): void {
    if (!this.#online) return;
    this.#effects.push({ kind: 'write', bytes: this.#framing.encode(packet) });
  }

  farewell(): Uint8Array {
    return new Uint8Array(0);
  }

  due(): Millis | undefined {
    return this.#onlineMs;
  }

  tick(now: Millis): void {
    if (this.#onlineMs === undefined || now < this.#onlineMs) return;
    this.#onlineMs = undefined;
    this.#online = true;
    this.#effects.push({ kind: 'online', bitrateBps: undefined });
  }

  drain(): SerialEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
