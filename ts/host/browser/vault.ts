/**
 * Encryption of what a page stores: AES-256-GCM under a key that PBKDF2-HMAC-SHA-256 makes of a
 * passphrase; or none, where the user wants no passphrase, and then the header says so. Uses
 * WebCrypto, which browsers and Node have alike. @module
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
const SALT_BYTES = 16;

/** The record that tells a right passphrase from a wrong one: sealed, and empty. */
const PROOF = 'vault';

/** A new vault, and the header that must be stored to open it again. */
export interface NewVault {
  readonly vault: Vault;
  readonly header: Uint8Array;
}

/** `open`: records are stored as they are. */
type Header =
  | { readonly format: 1; readonly open: true }
  | { readonly format: 1; readonly salt: string; readonly rounds: number; readonly proof: string };

/** Whether this host can encrypt: pages from plain `http` on another machine cannot. */
export function canEncrypt(): boolean {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  return crypto?.subtle !== undefined;
}

/** Whether the vault of this header asks for a passphrase. @throws ProtocolError `VAULT_DAMAGED` */
export function needsPassphrase(header: Uint8Array): boolean {
  return !('open' in readHeader(header));
}

/** Seals and opens records under one key that cannot be read out of it. */
export class Vault {
  /** `undefined` where nothing is encrypted. */
  readonly #key: CryptoKey | undefined;
  readonly #random: Random;

  private constructor(key: CryptoKey | undefined, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  /**
   * Make a vault.
   * @param passphrase - the key is made of it; without one nothing is encrypted
   * @param random - supplies the salt (16 bytes), then an IV (12) for each record
   * @throws ProtocolError `HOST_STORAGE` when the host cannot encrypt and there is a passphrase
   */
  static async create(passphrase: string | undefined, random: Random): Promise<NewVault> {
    if (passphrase === undefined) {
      return {
        vault: new Vault(undefined, random),
        header: writeHeader({ format: 1, open: true }),
      };
    }
    const salt = random.bytes(SALT_BYTES);
    const vault = new Vault(await deriveKey(passphrase, salt, PASSPHRASE_ROUNDS), random);
    const header = writeHeader({
      format: 1,
      salt: toBase64Url(salt),
      rounds: PASSPHRASE_ROUNDS,
      proof: toBase64Url(await vault.seal(PROOF, new Uint8Array())),
    });
    return { vault, header };
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
    const read = readHeader(header);
    if ('open' in read) return new Vault(undefined, random);
    if (passphrase === undefined) {
      throw new ProtocolError('VAULT_PASSPHRASE', 'a passphrase is needed');
    }
    const key = await deriveKey(passphrase, fromBase64Url(read.salt), read.rounds);
    if ((await openWith(key, PROOF, fromBase64Url(read.proof))) === undefined) {
      throw new ProtocolError('VAULT_PASSPHRASE', 'the passphrase is wrong');
    }
    return new Vault(key, random);
  }

  /**
   * Encrypt a record; it opens under the same name only.
   *
   * Shape: `iv(12) ‖ ciphertext ‖ tag(16)`, or the plaintext in an open vault.
   */
  async seal(name: string, plaintext: Uint8Array): Promise<Uint8Array> {
    if (this.#key === undefined) return plaintext.slice();
    const iv = this.#random.bytes(IV_BYTES);
    // A copy in a buffer of its own, which the host asks for.
    const data = new Uint8Array(plaintext);
    const sealed = await subtle().encrypt(gcm(name, iv), this.#key, data);
    wipe(data);
    return concat(iv, new Uint8Array(sealed));
  }

  /** Decrypt a record. @throws ProtocolError `VAULT_DAMAGED` when it was changed, moved or is of another key */
  async open(name: string, sealed: Uint8Array): Promise<Uint8Array> {
    if (this.#key === undefined) return sealed.slice();
    const plaintext = await openWith(this.#key, name, sealed);
    if (plaintext === undefined) throw damaged();
    return plaintext;
  }
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
    throw new ProtocolError('HOST_STORAGE', 'this page cannot encrypt: it needs https or a file');
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
  const { format, open, salt, rounds, proof } = value as Record<string, unknown>;
  if (format !== 1) throw damaged();
  if (open === true) return { format, open };
  if (typeof salt !== 'string' || typeof proof !== 'string') throw damaged();
  if (typeof rounds !== 'number' || !(rounds >= 1 && rounds <= MOST_ROUNDS)) throw damaged();
  return { format, salt, rounds, proof };
}

function damaged(): ProtocolError {
  return new ProtocolError('VAULT_DAMAGED', 'what this browser stored cannot be read any more');
}
