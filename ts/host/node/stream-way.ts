/**
 * Packets over a connected socket: framed on the way out, taken apart on the way in, and dropped when the
 * other side does not keep up.
 * @module
 */
import type { Socket } from 'node:net';
import type { InterfaceDescription } from '../../reticulum/interface.ts';
import {
  longestFrame,
  streamFraming,
  type FramingName,
  type StreamFraming,
} from '../../reticulum/interface-framing.ts';

/** Unsent bytes above which packets are dropped. @see RNS/Interfaces/Interface.py tx_hwm (1.5.7) */
export const MAX_UNSENT_BYTES: number = 4 * 1024 * 1024;

/** What becomes of a {@link SocketStream}. */
export interface StreamEvents {
  packet(packet: Uint8Array): void;
  /** The socket is closed; nothing follows. */
  closed(error: Error | undefined): void;
}

/** One connection that carries packets. */
export class SocketStream {
  readonly #socket: Socket;
  readonly #framing: StreamFraming;
  readonly #events: StreamEvents;
  #ended = false;
  /** Packets that were dropped because too much was unsent. */
  dropped = 0;

  /** Take over a connected socket. */
  constructor(
    socket: Socket,
    description: InterfaceDescription,
    framing: FramingName,
    events: StreamEvents
  ) {
    this.#socket = socket;
    this.#events = events;
    this.#framing = streamFraming(framing, longestFrame(description));
    let error: Error | undefined;
    socket.on('data', (chunk: Uint8Array) => {
      for (const packet of this.#framing.push(chunk)) {
        if (!this.#ended) events.packet(packet);
      }
    });
    socket.on('error', (one) => (error = one));
    socket.on('close', () => this.#end(error));
  }

  /** Send one packet, unless too much is unsent already. */
  send(packet: Uint8Array): void {
    if (this.#ended || this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.dropped += 1;
      return;
    }
    // Held back until the turn is over, so that its packets leave together.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(this.#framing.encode(packet));
  }

  /** Close the connection; `closed` is called before this returns, unless it was before. */
  close(): void {
    this.#socket.destroy();
    this.#end(undefined);
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.closed(error);
  }
}
