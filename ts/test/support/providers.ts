/** Runs a check under both implementations of the primitives. @module */
import { useCryptoProvider, type CryptoProvider } from '../../crypto/provider.ts';
import { nativeProvider } from '../../crypto/native-provider.ts';
import { portableProvider } from '../../crypto/portable-provider.ts';
import { nativeCrypto } from '../../kernel/native.ts';

/** The host's implementation; tests run on Node, which has it. */
export const native: CryptoProvider = nativeProvider(
  nativeCrypto() ??
    (() => {
      throw new Error('node:crypto is missing');
    })()
);

/** Run `check` once with each implementation in use. */
export function underBoth(check: (provider: CryptoProvider) => void): void {
  for (const provider of [native, portableProvider]) {
    useCryptoProvider(provider);
    try {
      check(provider);
    } finally {
      useCryptoProvider(undefined);
    }
  }
}
