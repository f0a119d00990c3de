/**
 * HELLO: what ours says, and what is wrong with the peer's.
 *
 * A peer of another network normally fails at its certificate already, in silence, because the
 * network id is part of what the certificate signs.
 * @see overlay/Peer.cpp `sendHello`, `recvHello` (stellar-core v27) @module
 */
import { equalBytes, utf8 } from '../../base/bytes.ts';
import type { Millis } from '../../base/clock.ts';
import type { StellarMessage } from '../xdr/message.ts';
import { MessageType, type AuthCert, type Hello } from '../xdr/overlay.ts';
import { PublicKeyType } from '../xdr/public-key.ts';
import type { PeerAuth } from './auth.ts';
import type { OverlayConfig } from './config.ts';

/** Our HELLO on one connection. */
export function helloMessage(
  config: OverlayConfig,
  auth: PeerAuth,
  cert: AuthCert,
  nonce: Uint8Array
): StellarMessage {
  return {
    type: MessageType.HELLO,
    value: {
      ledgerVersion: config.ledgerVersion,
      overlayVersion: config.overlayVersion,
      overlayMinVersion: config.overlayMinVersion,
      networkID: auth.networkId,
      versionStr: utf8(config.versionText),
      listeningPort: config.listeningPort,
      peerID: { type: PublicKeyType.PUBLIC_KEY_TYPE_ED25519, value: auth.nodeId },
      cert,
      nonce,
    },
  };
}

/** Why the peer's certificate does not count, in the reference's words; told to nobody. */
export function certFault(auth: PeerAuth, hello: Hello, now: Millis): string | undefined {
  const isGood = auth.verifyCert(hello.peerID.value, hello.cert, now);
  return isGood ? undefined : 'failed to verify auth cert';
}

/**
 * What is wrong with a HELLO whose certificate is in order; all of these are told to the peer as
 * ERR_CONF. The order is the reference's.
 */
export function helloFault(
  config: OverlayConfig,
  auth: PeerAuth,
  hello: Hello
): string | undefined {
  const { overlayMinVersion: lowest, overlayVersion: highest } = hello;
  const isForeign =
    lowest > highest || highest < config.overlayMinVersion || lowest > config.overlayVersion;
  if (isForeign) return 'wrong protocol version';
  if (equalBytes(hello.peerID.value, auth.nodeId)) return 'connecting to self';
  if (!equalBytes(hello.networkID, auth.networkId)) return 'wrong network passphrase';
  if (hello.listeningPort <= 0 || hello.listeningPort > 0xffff) return 'bad address';
  return undefined;
}
