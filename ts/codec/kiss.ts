/**
 * KISS framing, as TNCs and RNodes speak it: `C0 command … C0`, with `DB` escaping.
 * @module
 * @see RNS/Interfaces/TCPInterface.py KISS, RNS/Interfaces/KISSInterface.py (RNS 1.5.7)
 */

const FEND = 0xc0;
const FESC = 0xdb;
const TFEND = 0xdc;
const TFESC = 0xdd;

/** The command of a frame that carries a packet. */
export const KISS_DATA = 0x00;

/** A frame: its command (low nibble of the first byte on data ports) and its bytes. */
export interface KissFrame {
  readonly command: number;
  readonly data: Uint8Array;
}

/** Frame one packet or command. */
export function encodeKiss(data: Uint8Array, command: number = KISS_DATA): Uint8Array {
  let extra = 0;
  for (const byte of data) if (byte === FEND || byte === FESC) extra += 1;
  const out = new Uint8Array(data.length + extra + 3);
  out[0] = FEND;
  out[1] = command;
  let at = 2;
  for (const byte of data) {
    if (byte === FEND || byte === FESC) {
      out[at++] = FESC;
      out[at++] = byte === FEND ? TFEND : TFESC;
    } else {
      out[at++] = byte;
    }
  }
  out[at] = FEND;
  return out;
}

/** How a {@link KissDecoder} reads. */
export interface KissOptions {
  /** Bytes beyond this are cut off, as the reference does. */
  readonly maxBytes: number;
  /**
   * What the first byte of a frame is: `port` keeps only the low nibble (the high one names the TNC's
   * port), `command` keeps the byte, as RNodes need it.
   */
  readonly head?: 'port' | 'command';
}

/** Cuts a byte stream into KISS frames, whatever the chunks it comes in. */
export class KissDecoder {
  readonly #maxBytes: number;
  readonly #mask: number;
  #data: number[] = [];
  #command: number | undefined;
  #inFrame = false;
  #escaped = false;

  constructor(options: KissOptions) {
    this.#maxBytes = options.maxBytes;
    this.#mask = options.head === 'command' ? 0xff : 0x0f;
  }

  /** Feed a chunk and get the frames that it completed; empty frames are left out. */
  push(chunk: Uint8Array): KissFrame[] {
    const frames: KissFrame[] = [];
    for (const byte of chunk) {
      if (byte === FEND) {
        if (this.#command !== undefined && this.#data.length > 0) {
          frames.push({ command: this.#command, data: Uint8Array.from(this.#data) });
        }
        this.reset();
        this.#inFrame = true;
      } else if (this.#inFrame) {
        this.#take(byte);
      }
    }
    return frames;
  }

  /** Forget a partial frame, as after a reconnect. */
  reset(): void {
    this.#data = [];
    this.#command = undefined;
    this.#inFrame = false;
    this.#escaped = false;
  }

  #take(byte: number): void {
    if (this.#command === undefined) {
      this.#command = byte & this.#mask;
    } else if (byte === FESC) {
      this.#escaped = true;
    } else if (this.#data.length < this.#maxBytes) {
      this.#data.push(this.#escaped ? unescape(byte) : byte);
      this.#escaped = false;
    }
  }
}

function unescape(byte: number): number {
  if (byte === TFEND) return FEND;
  return byte === TFESC ? FESC : byte;
}
