/**
 * Every error that crosses a module edge, and the list of codes that peers and programs may rely on.
 * Bottom layer; nothing below it. @module
 */

/** All codes, unique, prefixed by the stack that raises them; new ones are added here only. */
export const ERROR_CODES = [
  'HEX_INVALID',
  'BASE64_INVALID',
  'BASE32_INVALID',
  'MSGPACK_TRUNCATED',
  'MSGPACK_RESERVED',
  'MSGPACK_UTF8',
  'MSGPACK_KEY',
  'MSGPACK_TIMESTAMP',
  'MSGPACK_TRAILING',
  'MSGPACK_LIMIT',
  'BZIP2_MAGIC',
  'BZIP2_TRUNCATED',
  'BZIP2_TABLE',
  'BZIP2_DATA',
  'BZIP2_CRC',
  'BZIP2_LIMIT',
  'BZIP2_RANDOMIZED',
  'XDR_TRUNCATED',
  'XDR_TRAILING',
  'XDR_PADDING',
  'XDR_BOOL',
  'XDR_ENUM',
  'XDR_UNION',
  'XDR_LIMIT',
  'XDR_DEPTH',
  'XDR_JSON',
  'RECORD_EMPTY',
  'RECORD_LIMIT',
  'RECORD_TRUNCATED',
  'STRKEY_TEXT',
  'STRKEY_VERSION',
  'STRKEY_CHECKSUM',
  'STRKEY_PAYLOAD',
  'CRYPTO_KEY',
  'CRYPTO_LOW_ORDER',
  'AEAD_TRUNCATED',
  'AEAD_TAG',
  'TOKEN_TRUNCATED',
  'TOKEN_HMAC',
  'TOKEN_CIPHERTEXT',
  'TOKEN_PADDING',
  'RNS_IDENTITY_SIZE',
  'RNS_IDENTITY_KEY',
  'RNS_NO_PRIVATE_KEY',
  'RNS_DECRYPT',
  'RNS_TRUNCATED',
  'RNS_PACKET',
  'RNS_IFAC',
  'RNS_CONFIG',
  'RNS_RATCHET_FILE',
  'RNS_RATCHET_SIGNATURE',
  'RNS_ANNOUNCE_SIGNATURE',
  'RNS_ANNOUNCE_DESTINATION',
  'RNS_ANNOUNCE_KEY',
  'RNS_KNOWN_FILE',
  'RNS_LINK_REQUEST',
  'RNS_LINK_PROOF',
  'RNS_LINK_CLOSED',
  'RNS_REQUEST_FAILED',
  'RNS_RESOURCE',
  'RNS_CHANNEL',
  'RNS_PATH_UNKNOWN',
  'RNS_UNPROVEN',
  'LXMF_TRUNCATED',
  'LXMF_PAYLOAD',
  'LXMF_CONTAINER',
  'LXMF_APP_DATA',
  'LXMF_PAPER_TOO_LARGE',
  'LXMF_TOO_LARGE',
  'LXMF_URI',
  'LXMF_NOT_ADDRESSED',
  'LXMF_CONTACT',
  'LXMF_PROPAGATION',
  'LXMF_STAMP',
  'PANGEA_CONTAINER',
  'PANGEA_COMPRESSION',
  'PANGEA_LIMIT',
  'PANGEA_MANIFEST',
  'PANGEA_ADDRESS',
  'PANGEA_LOCKED',
  'PANGEA_STRIPE',
  'QR_TOO_LARGE',
  'QR_NOT_FOUND',
  'IMAGE_FORMAT',
  'RS_TOO_FEW_SHARDS',
  'KERNEL_UNAVAILABLE',
  'KERNEL_FAULT',
  'HOST_FILE',
  'HOST_NETWORK',
  'HOST_DEVICE',
  'HOST_STORAGE',
  'HOST_CAMERA',
  'HOST_CLIPBOARD',
  'VAULT_PASSPHRASE',
  'VAULT_DAMAGED',
] as const;

/** Stable machine-readable reason of a {@link ProtocolError}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Where in the input an error was met. */
export interface ErrorPlace {
  /** Field path in the field's own words, for example `message.signature`. */
  readonly at?: string | undefined;
  /** Byte offset into the decoded input. */
  readonly offset?: number | undefined;
  readonly cause?: unknown;
}

/**
 * Malformed or refused input, with a stable code, the field path and the byte offset.
 *
 * The message never carries key material, plaintext or full addresses.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
  readonly code: ErrorCode;
  readonly at: string | undefined;
  readonly offset: number | undefined;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    const where =
      (place.at === undefined ? '' : `${place.at}: `) +
      message +
      (place.offset === undefined ? '' : ` (at byte ${place.offset})`);
    super(`${code}: ${where}`, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.at = place.at;
    this.offset = place.offset;
  }
}

/** Run `decode` and prefix the field path of any {@link ProtocolError} it throws with `at`. */
export function within<T>(at: string, baseOffset: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const inner = error.at === undefined ? at : `${at}.${error.at}`;
    const text = error.message
      .slice(error.code.length + 2)
      .replace(error.at === undefined ? '' : `${error.at}: `, '')
      .replace(/ \(at byte \d+\)$/, '');
    throw new ProtocolError(error.code, text, {
      at: inner,
      offset: error.offset === undefined ? undefined : error.offset + baseOffset,
      cause: error,
    });
  }
}

/** Throw when an internal rule is broken; never reached by peer input. */
export function invariant(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${text}`);
}

/** Make a missing branch of a union a compile error. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${String(value)}`);
}
