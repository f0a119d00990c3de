/**
 * Sequence numbers and MACs of one connection.
 * @see overlay/Hmac.cpp (stellar-core v27) @module
 */
import { type HmacKey } from '../../kernel/hmac.ts';
import { MessageType } from '../xdr/overlay.ts';
import {
  FRAME_MAC_BYTES,
  coveredPart,
  layOutFrame,
  putSequence,
  type OpenedBody,
} from './frame.ts';

/** What is wrong with a message, in the reference's words. */
export type MacFault = 'unexpected auth sequence' | 'receive mac key is zero' | 'unexpected MAC';

/** Seals what we send and checks what the peer sends; each direction counts for itself. */
export class MessageMac {
  #sendKey: HmacKey | undefined;
  #receiveKey: HmacKey | undefined;
  #sendSequence = 0n;
  #receiveSequence = 0n;

  /** Set the key for sending; false when there is one already, which then stays. */
  setSendKey(key: HmacKey): boolean {
    if (this.#sendKey !== undefined) return false;
    this.#sendKey = key;
    return true;
  }

  /** Set the key for receiving; false when there is one already, which then stays. */
  setReceiveKey(key: HmacKey): boolean {
    if (this.#receiveKey !== undefined) return false;
    this.#receiveKey = key;
    return true;
  }

  /** Sequence number of the next message that we authenticate. */
  get sendSequence(): bigint {
    return this.#sendSequence;
  }

  /** Sequence number that the next message of the peer must have. */
  get receiveSequence(): bigint {
    return this.#receiveSequence;
  }

  /**
   * The frame of a message in XDR. HELLO and ERROR_MSG, in every state, have sequence 0 and no MAC
   * and do not count.
   */
  seal(type: MessageType, message: Uint8Array): Uint8Array {
    const frame = layOutFrame(message, 0n);
    this.sealFrame(type, frame);
    return frame;
  }

  /** As {@link seal}, in a frame that was laid out without sequence number. */
  sealFrame(type: MessageType, frame: Uint8Array): void {
    if (type === MessageType.HELLO || type === MessageType.ERROR_MSG) return;
    putSequence(frame, this.#sendSequence);
    // Without a key the MAC stays zero: only a node that speaks too early sends this.
    this.#sendKey?.macInto(coveredPart(frame), frame, frame.length - FRAME_MAC_BYTES);
    this.#sendSequence += 1n;
  }

  /** Check a message and count it; a fault counts nothing. */
  check(body: OpenedBody): MacFault | undefined {
    if (body.sequence !== this.#receiveSequence) return 'unexpected auth sequence';
    if (this.#receiveKey === undefined) return 'receive mac key is zero';
    if (!this.#receiveKey.verify(body.covered, body.mac)) return 'unexpected MAC';
    this.#receiveSequence += 1n;
    return undefined;
  }

  /** Replace the key for receiving by one that fits nothing; for trials of the failure. */
  damageReceiveKey(key: HmacKey): void {
    this.#receiveKey = key;
  }

  /** Overwrite both keys. */
  wipe(): void {
    this.#sendKey?.wipe();
    this.#receiveKey?.wipe();
    this.#sendKey = undefined;
    this.#receiveKey = undefined;
  }
}
