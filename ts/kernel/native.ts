/**
 * The host's own primitives, where there are any: the one place that reaches for Node built-ins
 * outside `host/`. Uses `process.getBuiltinModule`, so a bundle for browsers holds no `node:` import.
 * @module
 */

/** An opaque key handle of the host. */
export interface NativeKey {
  readonly type: string;
  export(options: { format: 'der'; type: 'spki' }): Uint8Array;
}

interface NativeHash {
  update(data: Uint8Array): NativeHash;
  digest(): Uint8Array;
}

interface NativeCipher {
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
  setAutoPadding(on: boolean): unknown;
}

/** The part of `node:crypto` that this package uses, typed by structure. */
export interface NativeCrypto {
  createHash(algorithm: string): NativeHash;
  createHmac(algorithm: string, key: Uint8Array | NativeKey): NativeHash;
  createSecretKey(key: Uint8Array): NativeKey;
  createCipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): NativeCipher;
  createDecipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): NativeCipher;
  createPrivateKey(input: { key: Uint8Array; format: 'der'; type: 'pkcs8' }): NativeKey;
  createPublicKey(input: NativeKey | { key: Uint8Array; format: 'der'; type: 'spki' }): NativeKey;
  sign(algorithm: null, data: Uint8Array, key: NativeKey): Uint8Array;
  verify(algorithm: null, data: Uint8Array, key: NativeKey, signature: Uint8Array): boolean;
  diffieHellman(keys: { privateKey: NativeKey; publicKey: NativeKey }): Uint8Array;
}

interface HostProcess {
  getBuiltinModule?: (name: string) => unknown;
  env?: Record<string, string | undefined>;
  versions?: Record<string, string | undefined>;
  arch?: string;
  platform?: string;
}

function hostProcess(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}

/** A Node built-in by name, or `undefined` where the host has none of that name. */
export function builtin(name: string): unknown {
  try {
    return hostProcess()?.getBuiltinModule?.(name);
  } catch {
    // A host may refuse built-ins by policy; that is the same as not having them.
    return undefined;
  }
}

/** An environment variable, or `undefined` where the host has no environment. */
export function environment(name: string): string | undefined {
  return hostProcess()?.env?.[name];
}

/** Versions, architecture and platform as the host states them. */
export function hostFacts(): {
  versions: Readonly<Record<string, string | undefined>>;
  arch: string | undefined;
  platform: string | undefined;
} {
  const host = hostProcess();
  return { versions: host?.versions ?? {}, arch: host?.arch, platform: host?.platform };
}

let cached: NativeCrypto | null | undefined;

/** `node:crypto` where the host has it; `undefined` in browsers. */
export function nativeCrypto(): NativeCrypto | undefined {
  if (cached === undefined) cached = (builtin('node:crypto') as NativeCrypto | undefined) ?? null;
  return cached ?? undefined;
}
