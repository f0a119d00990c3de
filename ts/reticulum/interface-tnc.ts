/**
 * Packet radio: TNCs that speak KISS, with packets as they are or inside AX.25 frames.
 *
 *     AX.25: destination call 6 ‖ ssid 1 ‖ source call 6 ‖ ssid 1 ‖ 03 ‖ F0 ‖ packet
 * @module
 * @see RNS/Interfaces/KISSInterface.py, RNS/Interfaces/AX25KISSInterface.py (RNS 1.5.7)
 */
import { assertInteger, concat, utf8 } from '../base/bytes.ts';
import type { Millis } from '../base/clock.ts';
import { KissDecoder, KISS_DATA, encodeKiss } from '../codec/kiss.ts';
import { FRAME_TIMEOUT_MS, type SerialEffect, type SerialProtocol } from './interface-serial.ts';

/** Commands of a TNC. */
export const TncCommand = {
  TXDELAY: 0x01,
  PERSISTENCE: 0x02,
  SLOTTIME: 0x03,
  TXTAIL: 0x04,
  READY: 0x0f,
} as const;

/** How a TNC is set up. */
export interface TncOptions {
  /** Longest packet, its access code included. */
  readonly maxBytes: number;
  readonly preambleMs: number;
  readonly txTailMs: number;
  /** 0..255. */
  readonly persistence: number;
  readonly slotTimeMs: number;
  /** Whether each packet waits until the TNC says that it is ready. */
  readonly flowControl: boolean;
  /** Sent some time after own packets, as radio rules may ask. */
  readonly beacon?: Beacon | undefined;
  /** Puts packets into AX.25 frames. */
  readonly ax25?: Ax25Address | undefined;
}

/** What identifies a station on the air. */
export interface Beacon {
  readonly data: Uint8Array;
  /** Time from the first packet to the beacon. */
  readonly intervalMs: number;
}

/** An AX.25 address. */
export interface Ax25Address {
  /** 3 to 6 letters and digits. */
  readonly callsign: string;
  /** 0..15. */
  readonly ssid: number;
}

/** What the reference sets where the configuration does not. */
export const TNC_DEFAULTS = {
  preambleMs: 350,
  txTailMs: 20,
  persistence: 64,
  slotTimeMs: 20,
  flowControl: false,
} as const;

/** Bytes that AX.25 puts before a packet. */
export const AX25_HEADER_BYTES = 16;
const AX25_DESTINATION: Ax25Address = { callsign: 'APZRNS', ssid: 0 };
const CALLSIGN_BYTES = 6;
const CONTROL_UI = 0x03;
const PID_NO_LAYER_3 = 0xf0;
const SETTLE_MS = 2000;
const FLOW_CONTROL_TIMEOUT_MS = 5000;
const SHORTEST_BEACON_BYTES = 15;
/** Most packets that wait for the TNC; the reference sets no limit. */
const MAX_QUEUE = 256;

/** A TNC in KISS mode. */
export class KissTnc implements SerialProtocol {
  readonly #options: TncOptions;
  readonly #header: Uint8Array;
  readonly #decoder: KissDecoder;
  readonly #queue: Uint8Array[] = [];
  #effects: SerialEffect[] = [];
  #setupMs: Millis | undefined;
  #lockedMs: Millis | undefined;
  #beaconMs: Millis | undefined;
  #lastReadMs: Millis = 0;
  #online = false;
  /** Packets that found the queue full. */
  dropped = 0;

  /** @throws RangeError for a callsign or SSID that AX.25 does not have */
  constructor(options: TncOptions) {
    this.#options = options;
    this.#header = options.ax25 === undefined ? new Uint8Array(0) : ax25Header(options.ax25);
    this.#decoder = new KissDecoder({ maxBytes: options.maxBytes + this.#header.length });
  }

  opened(now: Millis): void {
    this.#decoder.reset();
    this.#setupMs = now + SETTLE_MS;
  }

  closed(): void {
    this.#online = false;
    this.#setupMs = this.#lockedMs = this.#beaconMs = undefined;
    this.#queue.length = 0;
  }

  receive(bytes: Uint8Array, now: Millis): void {
    if (now > this.#lastReadMs + FRAME_TIMEOUT_MS) this.#decoder.reset();
    this.#lastReadMs = now;
    for (const { command, data } of this.#decoder.push(bytes)) {
      if (command === TncCommand.READY) this.#release(now);
      else if (command === KISS_DATA) this.#receivePacket(data);
    }
  }

  send(packet: Uint8Array, now: Millis): void {
    if (!this.#online) return;
    if (this.#lockedMs !== undefined) {
      if (this.#queue.length < MAX_QUEUE) this.#queue.push(packet);
      else this.dropped += 1;
      return;
    }
    this.#write(packet, now);
    const { beacon } = this.#options;
    if (beacon !== undefined) this.#beaconMs ??= now + beacon.intervalMs;
  }

  farewell(): Uint8Array {
    return new Uint8Array(0);
  }

  due(): Millis | undefined {
    const unlock =
      this.#lockedMs === undefined ? undefined : this.#lockedMs + FLOW_CONTROL_TIMEOUT_MS;
    const times = [this.#setupMs, unlock, this.#beaconMs].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  tick(now: Millis): void {
    if (this.#setupMs !== undefined && now >= this.#setupMs) this.#setUp();
    if (this.#lockedMs !== undefined && now >= this.#lockedMs + FLOW_CONTROL_TIMEOUT_MS) {
      this.#effects.push({ kind: 'warning', text: 'the TNC did not say that it is ready' });
      this.#release(now);
    }
    if (this.#beaconMs !== undefined && now >= this.#beaconMs) this.#sendBeacon(now);
  }

  drain(): SerialEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #setUp(): void {
    this.#setupMs = undefined;
    const { preambleMs, txTailMs, persistence, slotTimeMs } = this.#options;
    this.#command(TncCommand.TXDELAY, preambleMs / 10);
    this.#command(TncCommand.TXTAIL, txTailMs / 10);
    this.#command(TncCommand.PERSISTENCE, persistence);
    this.#command(TncCommand.SLOTTIME, slotTimeMs / 10);
    this.#command(TncCommand.READY, 1);
    this.#online = true;
    this.#effects.push({ kind: 'online', bitrateBps: undefined });
  }

  #command(command: number, value: number): void {
    const byte = Math.max(0, Math.min(255, Math.trunc(value)));
    this.#effects.push({ kind: 'write', bytes: encodeKiss(Uint8Array.of(byte), command) });
  }

  #receivePacket(frame: Uint8Array): void {
    const headerBytes = this.#header.length;
    if (frame.length <= headerBytes) return;
    this.#effects.push({ kind: 'packet', data: frame.slice(headerBytes) });
  }

  #write(packet: Uint8Array, now: Millis): void {
    const bytes = encodeKiss(concat(this.#header, packet));
    this.#effects.push({ kind: 'write', bytes });
    if (this.#options.flowControl) this.#lockedMs = now;
  }

  /** The TNC takes the next packet. */
  #release(now: Millis): void {
    this.#lockedMs = undefined;
    const next = this.#queue.shift();
    if (next !== undefined) this.send(next, now);
  }

  #sendBeacon(now: Millis): void {
    // PARITY: the reference starts its timer again with the beacon, so it never falls silent.
    this.#beaconMs = undefined;
    const data = this.#options.beacon?.data;
    if (data === undefined || this.#lockedMs !== undefined) return;
    const padded = new Uint8Array(Math.max(SHORTEST_BEACON_BYTES, data.length));
    padded.set(data);
    this.#write(padded, now);
  }
}

/** The 16 bytes before a packet in an AX.25 frame. */
function ax25Header(source: Ax25Address): Uint8Array {
  const callsign = source.callsign.toUpperCase();
  if (!/^[\x20-\x7e]{3,6}$/.test(callsign)) {
    throw new RangeError(`"callsign" must have 3 to 6 ASCII characters, got "${source.callsign}"`);
  }
  assertInteger('ssid', source.ssid, 0, 15);
  return concat(
    ax25Address(AX25_DESTINATION.callsign, AX25_DESTINATION.ssid, 0),
    ax25Address(callsign, source.ssid, 1),
    Uint8Array.of(CONTROL_UI, PID_NO_LAYER_3)
  );
}

function ax25Address(callsign: string, ssid: number, last: 0 | 1): Uint8Array {
  // PARITY: AX.25 pads with shifted blanks (40); the reference pads with 20.
  const address = new Uint8Array(CALLSIGN_BYTES + 1).fill(0x20);
  for (const [at, byte] of utf8(callsign).entries()) address[at] = byte << 1;
  address[CALLSIGN_BYTES] = 0x60 | (ssid << 1) | last;
  return address;
}
