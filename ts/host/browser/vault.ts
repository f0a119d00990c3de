/**
 * Encryption of what a page stores: AES-256-GCM under a random key, which a passphrase wraps
 * (PBKDF2-HMAC-SHA-256), or which lies beside the records where the user wants no passphrase.
 * Uses WebCrypto, which browsers and Node have alike. @module
 * @see NIST SP 800-38D (GCM), RFC 8018 section 5.2 (PBKDF2)
 */
import { concat, fromUtf8, utf8, wipe } from '../../base/bytes.ts';
import { fromBase64Url, toBase64Url } from '../../base/base64url.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';

/** Rounds of PBKDF2 for new passphrases; what was stored with another count keeps working. */
export const PASSPHRASE_ROUNDS = 600_000;

// More rounds than this would lock up the page for minutes: the header must have been tampered with.
const MOST_ROUNDS = 20_000_000;
const IV_BYTES = 12;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const WRAPPED_NAME = 'vault key';

/** A new vault, and the header that must be stored to open it again. */
export interface NewVault {
  readonly vault: Vault;
  readonly header: Uint8Array;
}

interface Header {
  readonly format: 1;
  /** The bare key, when there is no passphrase. */
  readonly key?: string;
  readonly salt?: string;
  readonly rounds?: number;
  readonly wrapped?: string;
}

/** Whether this host can encrypt: pages from plain `http` on another machine cannot. */
export function canEncrypt(): boolean {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  return crypto?.subtle !== undefined;
}

/** Whether the vault of this header asks for a passphrase. @throws ProtocolError `VAULT_DAMAGED` */
export function needsPassphrase(header: Uint8Array): boolean {
  return readHeader(header).key === undefined;
}

/** Seals and opens records under one key that cannot be read out of it. */
export class Vault {
  readonly #key: CryptoKey;
  readonly #random: Random;

  private constructor(key: CryptoKey, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  /**
   * Make a vault with a fresh key.
   * @param passphrase - wraps the key; without it the header holds the key itself, which protects nothing
   * @param random - supplies the key (32 bytes), then salt (16) and IV (12), then an IV for each record
   */
  static async create(passphrase: string | undefined, random: Random): Promise<NewVault> {
    const raw = random.bytes(KEY_BYTES);
    try {
      const vault = new Vault(await importKey(raw), random);
      if (passphrase === undefined) {
        return { vault, header: writeHeader({ format: 1, key: toBase64Url(raw) }) };
      }
      const salt = random.bytes(SALT_BYTES);
      const wrapping = await deriveKey(passphrase, salt, PASSPHRASE_ROUNDS);
      const wrapped = await sealWith(wrapping, WRAPPED_NAME, raw, random.bytes(IV_BYTES));
      const header = writeHeader({
        format: 1,
        salt: toBase64Url(salt),
        rounds: PASSPHRASE_ROUNDS,
        wrapped: toBase64Url(wrapped),
      });
      return { vault, header };
    } finally {
      wipe(raw);
    }
  }

  /**
   * Open the vault of a stored header.
   * @throws ProtocolError `VAULT_PASSPHRASE` when it is missing or wrong, `VAULT_DAMAGED` on another shape
   */
  static async unlock(
    header: Uint8Array,
    passphrase: string | undefined,
    random: Random
  ): Promise<Vault> {
    const { key, salt, rounds, wrapped } = readHeader(header);
    if (key !== undefined) return new Vault(await importKey(fromBase64Url(key)), random);
    if (salt === undefined || rounds === undefined || wrapped === undefined) throw damaged();
    if (passphrase === undefined) {
      throw new ProtocolError('VAULT_PASSPHRASE', 'a passphrase is needed');
    }
    const wrapping = await deriveKey(passphrase, fromBase64Url(salt), rounds);
    const raw = await openWith(wrapping, WRAPPED_NAME, fromBase64Url(wrapped));
    if (raw === undefined) throw new ProtocolError('VAULT_PASSPHRASE', 'the passphrase is wrong');
    try {
      return new Vault(await importKey(raw), random);
    } finally {
      wipe(raw);
    }
  }

  /**
   * Encrypt a record; it opens under the same name only.
   *
   * Shape: `iv(12) ‖ ciphertext ‖ tag(16)`.
   */
  seal(name: string, plaintext: Uint8Array): Promise<Uint8Array> {
    return sealWith(this.#key, name, plaintext, this.#random.bytes(IV_BYTES));
  }

  /** Decrypt a record. @throws ProtocolError `VAULT_DAMAGED` when it was changed, moved or is of another key */
  async open(name: string, sealed: Uint8Array): Promise<Uint8Array> {
    const plaintext = await openWith(this.#key, name, sealed);
    if (plaintext === undefined) throw damaged();
    return plaintext;
  }
}

function importKey(raw: Uint8Array): Promise<CryptoKey> {
  return subtle().importKey('raw', new Uint8Array(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function deriveKey(passphrase: string, salt: Uint8Array, rounds: number): Promise<CryptoKey> {
  // The same passphrase may be typed in composed or decomposed characters.
  const typed = new Uint8Array(utf8(passphrase.normalize('NFKC')));
  const base = await subtle().importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
  wipe(typed);
  return subtle().deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations: rounds },
    base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt']
  );
}

async function sealWith(
  key: CryptoKey,
  name: string,
  plaintext: Uint8Array,
  iv: Uint8Array
): Promise<Uint8Array> {
  const data = new Uint8Array(plaintext);
  const sealed = await subtle().encrypt(gcm(name, iv), key, data);
  wipe(data);
  return concat(iv, new Uint8Array(sealed));
}

/** `undefined` when the tag does not hold, which is the answer to a wrong passphrase. */
async function openWith(
  key: CryptoKey,
  name: string,
  sealed: Uint8Array
): Promise<Uint8Array | undefined> {
  try {
    const iv = sealed.subarray(0, IV_BYTES);
    const data = new Uint8Array(sealed.subarray(IV_BYTES));
    return new Uint8Array(await subtle().decrypt(gcm(name, iv), key, data));
  } catch {
    // WebCrypto says OperationError whatever was wrong.
    return undefined;
  }
}

function gcm(name: string, iv: Uint8Array): AesGcmParams {
  return {
    name: 'AES-GCM',
    iv: new Uint8Array(iv),
    additionalData: new Uint8Array(utf8(name)),
  };
}

function subtle(): SubtleCrypto {
  if (!canEncrypt()) {
    throw new ProtocolError(
      'HOST_STORAGE',
      'this page has no encryption: it needs https or a file'
    );
  }
  return globalThis.crypto.subtle;
}

function writeHeader(header: Header): Uint8Array {
  return utf8(JSON.stringify(header));
}

function readHeader(bytes: Uint8Array): Header {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    // Anything but JSON is damage of the same kind as JSON of another shape.
    throw damaged();
  }
  if (typeof value !== 'object' || value === null) throw damaged();
  const { format, key, salt, rounds, wrapped } = value as Record<string, unknown>;
  if (format !== 1) throw damaged();
  if (typeof key === 'string') return { format, key };
  if (typeof salt !== 'string' || typeof wrapped !== 'string') throw damaged();
  if (typeof rounds !== 'number' || !(rounds >= 1 && rounds <= MOST_ROUNDS)) throw damaged();
  return { format, salt, rounds, wrapped };
}

function damaged(): ProtocolError {
  return new ProtocolError('VAULT_DAMAGED', 'what this browser stored cannot be read any more');
}
