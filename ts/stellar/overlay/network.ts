/**
 * Which network a node belongs to: a passphrase, and its hash on the wire.
 * @see main/Application `getNetworkID` (stellar-core v27) @module
 */
import { utf8 } from '../../base/bytes.ts';
import { sha256 } from '../../crypto/provider.ts';

/** Passphrases of the two networks that the Stellar Development Foundation runs. */
export const NetworkPassphrase = {
  public: 'Public Global Stellar Network ; September 2015',
  testnet: 'Test SDF Network ; September 2015',
} as const;

/** The 32-byte id of a network: SHA-256 of its passphrase. */
export function networkId(passphrase: string): Uint8Array {
  return sha256(utf8(passphrase));
}
