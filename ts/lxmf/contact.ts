/**
 * Contact cards: `lxma://<address>:<public key>`, all that is needed to write to somebody on paper.
 * @module
 */
import { equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { fromHex, toHex } from '../base/hex.ts';
import { Identity } from '../reticulum/identity.ts';
import { deliveryHash } from './message.ts';

const SCHEME = 'lxma://';

/** A contact: the public identity and its `lxmf.delivery` address, which belong together. */
export interface Contact {
  /** 16 bytes. */
  readonly destinationHash: Uint8Array;
  readonly identity: Identity;
}

/** Write the card of an identity: `lxma://` 32 hexadecimal digits, `:`, 128 hexadecimal digits. */
export function contactCard(identity: Identity): string {
  return `${SCHEME}${toHex(deliveryHash(identity))}:${toHex(identity.publicKey)}`;
}

/**
 * Read a card and check that its address belongs to its key.
 * @throws ProtocolError `LXMF_CONTACT` on another form, a bare address (which lacks the public key that
 *   writing needs), or an address that is not the key's
 */
export function parseContactCard(text: string): Contact {
  const compact = text.replace(/\s+/g, '');
  if (/^(lxma:\/\/|<)?[0-9a-f]{32}>?\/?$/i.test(compact)) {
    throw new ProtocolError(
      'LXMF_CONTACT',
      'a bare address is not enough to write to: the card must also hold the public key, ' +
        'lxma://<32 hex>:<128 hex>'
    );
  }
  const match = /^lxma:\/\/([0-9a-f]{32}):([0-9a-f]{128})\/?$/i.exec(compact);
  if (match === null) {
    throw new ProtocolError('LXMF_CONTACT', 'is not lxma://<32 hex>:<128 hex>');
  }
  const destinationHash = fromHex(match[1] as string);
  const identity = Identity.fromPublicKey(fromHex(match[2] as string));
  if (!equalBytes(deliveryHash(identity), destinationHash)) {
    throw new ProtocolError('LXMF_CONTACT', 'the address does not belong to the public key');
  }
  return { destinationHash, identity };
}
