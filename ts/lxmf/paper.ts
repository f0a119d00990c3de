/**
 * Paper messages: a sealed message as `lxm://` URI, ready for a QR code.
 * @module
 * @see LXMF/LXMessage.py pack (PAPER), as_uri; LXMF/LXMRouter.py ingest_lxm_uri (LXMF 1.2.1)
 */
import { assertBytes, concat, equalBytes } from '../base/bytes.ts';
import { fromBase64Url, toBase64Url } from '../base/base64url.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { ENCRYPTION_OVERHEAD, type DecryptOptions, type Identity } from '../reticulum/identity.ts';
import { DESTINATION_LENGTH, LXMF_OVERHEAD, PAPER_MDU, URI_SCHEMA } from './constants.ts';
import { deliveryHash, unpackMessage, type Message } from './message.ts';

const SCHEME = `${URI_SCHEMA}://`;

/** Bytes that a packed message of `packedLength` bytes takes once sealed. */
export function sealedSize(packedLength: number): number {
  const plaintext = packedLength - DESTINATION_LENGTH;
  const padding = 16 - (plaintext % 16);
  return DESTINATION_LENGTH + plaintext + padding + ENCRYPTION_OVERHEAD;
}

/**
 * Seal a message for one destination, ready for {@link paperUri}.
 *
 * Shape: `destinationHash(16) ‖ ephemeralKey(32) ‖ iv(16) ‖ ciphertext(16·n) ‖ hmac(32)`, at most
 * 2210 bytes.
 * @param recipient - the identity whose delivery address the message names
 * @param random - supplies the ephemeral key (32 bytes), then the IV (16 bytes)
 * @param ratchet - a 32-byte public ratchet; without it the paper can be read as long as the identity
 *   lives, with it only while the recipient keeps that ratchet
 * @throws ProtocolError `LXMF_PAPER_TOO_LARGE` saying by how many bytes
 * @throws TypeError when the message is addressed to another identity
 * @see LXMF/LXMessage.py pack (PAPER)
 */
export function sealPaper(
  message: Message,
  recipient: Identity,
  random: Random,
  ratchet?: Uint8Array
): Uint8Array {
  if (!equalBytes(deliveryHash(recipient), message.destinationHash)) {
    throw new TypeError('"recipient" is another identity than the message is addressed to');
  }
  const size = sealedSize(message.packed.length);
  if (size > PAPER_MDU) {
    throw new ProtocolError(
      'LXMF_PAPER_TOO_LARGE',
      `sealed message has ${size} bytes, ${size - PAPER_MDU} more than the ${PAPER_MDU} that fit`
    );
  }
  const plaintext = message.packed.subarray(DESTINATION_LENGTH);
  return concat(message.destinationHash, recipient.encrypt(plaintext, random, ratchet));
}

/** Write a sealed message as URI: `lxm://` and base64url without padding. */
export function paperUri(sealed: Uint8Array): string {
  assertBytes('sealed', sealed);
  return SCHEME + toBase64Url(sealed);
}

/**
 * Read the sealed message out of a URI.
 *
 * The scheme may have any case; white space, slashes and `=` at the end are dropped, and `+` is read as
 * `-`, as the reference does: mail programs wrap lines and browsers append slashes.
 * @throws ProtocolError `LXMF_URI` on another scheme, a foreign character (with its offset in the data)
 *   or an impossible length
 * @see LXMF/LXMRouter.py ingest_lxm_uri
 */
export function parsePaperUri(uri: string): Uint8Array {
  const compact = uri.replace(/\s+/g, '');
  if (compact.slice(0, SCHEME.length).toLowerCase() !== SCHEME) {
    throw new ProtocolError('LXMF_URI', `does not begin with ${SCHEME}`);
  }
  const data = compact.slice(SCHEME.length).replace(/\/+/g, '').replaceAll('+', '-');
  try {
    return fromBase64Url(data.replace(/=+$/, ''), 'ignore');
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const text = cause.message.slice(cause.code.length + 2).replace(/ \(at byte \d+\)$/, '');
    // PARITY: the reference drops foreign characters in silence and then fails to decrypt.
    throw new ProtocolError('LXMF_URI', `data is not base64url: ${text}`, {
      offset: cause.offset,
      cause,
    });
  }
}

/** A paper message that was opened. */
export interface OpenedPaper {
  readonly message: Message;
  /** Id of the ratchet it was sealed to, or `undefined` for the identity's own key. */
  readonly ratchetId: Uint8Array | undefined;
}

/**
 * Open a sealed message with the recipient's identity; the signature is not checked yet.
 *
 * There is no size limit here: what the reference accepts may be larger than what fits on paper.
 * @throws ProtocolError `LXMF_NOT_ADDRESSED` when it is for another destination, `RNS_DECRYPT` when it
 *   is damaged, `LXMF_*` or `MSGPACK_*` when what was sealed is no message
 * @see LXMF/LXMRouter.py lxmf_propagation
 */
export function openPaper(
  sealed: Uint8Array,
  recipient: Identity,
  options: DecryptOptions = {}
): OpenedPaper {
  assertBytes('sealed', sealed);
  if (sealed.length < LXMF_OVERHEAD) {
    throw new ProtocolError('LXMF_TRUNCATED', `needs at least ${LXMF_OVERHEAD} bytes`, {
      at: 'paper',
      offset: sealed.length,
    });
  }
  const destination = sealed.subarray(0, DESTINATION_LENGTH);
  if (!equalBytes(destination, deliveryHash(recipient))) {
    throw new ProtocolError('LXMF_NOT_ADDRESSED', 'the message is for another destination');
  }
  const opened = recipient.decrypt(sealed.subarray(DESTINATION_LENGTH), options);
  const message = unpackMessage(concat(destination, opened.plaintext));
  return { message, ratchetId: opened.ratchetId };
}
