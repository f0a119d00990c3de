/**
 * The host's own primitives, where there are any: the one place that reaches for Node built-ins
 * outside `host/`. Uses `process.getBuiltinModule`, so a bundle for browsers holds no `node:` import.
 * @module
 */

/** An opaque key handle of the host. */
export interface NativeKey {
  readonly type: string;
  export(options: { format: 'der'; type: 'spki' }): Uint8Array;
  export(options: { format: 'jwk' }): { readonly x?: string };
}

interface NativeHash {
  update(data: Uint8Array): NativeHash;
  copy(): NativeHash;
  digest(): Uint8Array;
}

/** A raw Curve25519 key as RFC 8037 writes it; the private half is `d`. */
interface NativeJwk {
  kty: 'OKP';
  crv: 'X25519' | 'Ed25519';
  x: string;
  d?: string;
}

interface NativeCipher {
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
  setAutoPadding(on: boolean): unknown;
  setAAD(data: Uint8Array): unknown;
  /** Of a cipher with authentication, after `final`. */
  getAuthTag(): Uint8Array;
  /** Of a decipher with authentication, before `final`, which throws when the tag is not its own. */
  setAuthTag(tag: Uint8Array): unknown;
}

interface CipherOptions {
  readonly authTagLength: number;
}

interface ScryptOptions {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** Bytes of memory that it may take. */
  readonly maxmem: number;
}

/** The part of `node:crypto` that this package uses, typed by structure. */
export interface NativeCrypto {
  createHash(algorithm: string): NativeHash;
  /** In one call, from Node 20.12 on. */
  hash?(algorithm: string, data: Uint8Array, encoding: 'buffer'): Uint8Array;
  createHmac(algorithm: string, key: Uint8Array | NativeKey): NativeHash;
  createSecretKey(key: Uint8Array): NativeKey;
  createCipheriv(
    algorithm: string,
    key: Uint8Array,
    iv: Uint8Array,
    options?: CipherOptions
  ): NativeCipher;
  createDecipheriv(
    algorithm: string,
    key: Uint8Array,
    iv: Uint8Array,
    options?: CipherOptions
  ): NativeCipher;
  createPrivateKey(
    input:
      | { key: Uint8Array; format: 'der'; type: 'pkcs8' }
      | { key: NativeJwk & { d: string }; format: 'jwk' }
  ): NativeKey;
  createPublicKey(
    input:
      | NativeKey
      | { key: Uint8Array; format: 'der'; type: 'spki' }
      | { key: NativeJwk; format: 'jwk' }
  ): NativeKey;
  sign(algorithm: null, data: Uint8Array, key: NativeKey): Uint8Array;
  verify(algorithm: null, data: Uint8Array, key: NativeKey, signature: Uint8Array): boolean;
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    keyBytes: number,
    options: ScryptOptions,
    done: (error: Error | null, key: Uint8Array) => void
  ): void;
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
