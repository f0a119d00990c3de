/**
 * HDLC-like framing of byte streams: `7E … 7E`, with `7D` escaping both.
 * @module
 * @see RNS/Interfaces/util/HDLC.py (RNS 1.5.7)
 */

const FLAG = 0x7e;
const ESCAPE = 0x7d;
const MASK = 0x20;

/** Frame one packet: flag, escaped bytes, flag. */
export function encodeHdlc(packet: Uint8Array): Uint8Array {
  let extra = 0;
  for (const byte of packet) if (byte === FLAG || byte === ESCAPE) extra += 1;
  const out = new Uint8Array(packet.length + extra + 2);
  out[0] = FLAG;
  let at = 1;
  for (const byte of packet) {
    if (byte === FLAG || byte === ESCAPE) {
      out[at++] = ESCAPE;
      out[at++] = byte ^ MASK;
    } else {
      out[at++] = byte;
    }
  }
  out[at] = FLAG;
  return out;
}

/** Bounds of a frame decoder. */
export interface FrameLimits {
  /** Shorter frames are dropped and counted; empty ones between two flags are not even counted. */
  readonly minBytes: number;
  /** Longer frames are dropped and counted. */
  readonly maxBytes: number;
}

/**
 * Cuts a byte stream into frames, whatever the chunks it comes in.
 *
 * A flag may close one frame and open the next. An escape before a byte that needs none yields the byte
 * pair unchanged, as the reference's replacement does. Memory stays below twice `maxBytes`.
 */
export class HdlcDecoder {
  readonly #limits: FrameLimits;
  #frame: Uint8Array;
  #length = 0;
  #inFrame = false;
  #escaped = false;
  #overflow = false;
  /** Frames dropped for their size. */
  dropped = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
    this.#frame = new Uint8Array(Math.min(2048, limits.maxBytes));
  }

  /** Feed a chunk and get the frames that it completed. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === FLAG) this.#close(frames);
      else if (this.#inFrame) this.#take(byte);
    }
    return frames;
  }

  /** Forget a partial frame, as after a reconnect. */
  reset(): void {
    this.#inFrame = false;
    this.#restart();
  }

  #close(frames: Uint8Array[]): void {
    if (this.#inFrame && (this.#length > 0 || this.#overflow || this.#escaped)) {
      if (this.#escaped) this.#append(ESCAPE);
      const fits = !this.#overflow && this.#length >= this.#limits.minBytes;
      if (fits) frames.push(this.#frame.slice(0, this.#length));
      else this.dropped += 1;
    }
    this.#inFrame = true;
    this.#restart();
  }

  #take(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false;
      if (byte === (FLAG ^ MASK) || byte === (ESCAPE ^ MASK)) return this.#append(byte ^ MASK);
      this.#append(ESCAPE);
      // A second escape opens a pair of its own.
      if (byte !== ESCAPE) return this.#append(byte);
    }
    if (byte === ESCAPE) this.#escaped = true;
    else this.#append(byte);
  }

  #append(byte: number): void {
    if (this.#length === this.#frame.length && !this.#grow()) return;
    this.#frame[this.#length++] = byte;
  }

  #grow(): boolean {
    if (this.#length >= this.#limits.maxBytes) {
      this.#overflow = true;
      return false;
    }
    const grown = new Uint8Array(Math.min(this.#length * 2, this.#limits.maxBytes));
    grown.set(this.#frame);
    this.#frame = grown;
    return true;
  }

  #restart(): void {
    this.#length = 0;
    this.#escaped = false;
    this.#overflow = false;
  }
}
