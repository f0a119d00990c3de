/**
 * Containers: a message with what its holder knows of it, as the reference keeps it in files.
 * @module
 * @see LXMF/LXMessage.py packed_container, unpack_from_file (LXMF 1.2.1)
 */
import { ProtocolError, within } from '../base/errors.ts';
import { toHex } from '../base/hex.ts';
import { encodeMsgpack, mapGet, type MsgpackValue } from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { unpackMessage, type Message } from './message.ts';

/** What a container says besides the message; values as the reference writes them. */
export interface ContainerMetadata {
  /** One of `MessageState`. */
  readonly state: number;
  readonly transportEncrypted: boolean;
  /** `Curve25519`, `AES-256` (`AES-128` before LXMF 1.2), `Unencrypted`, or nothing. */
  readonly transportEncryption: string | undefined;
  /** One of `MethodCode`. */
  readonly method: number;
}

/** A message read from a container; metadata that the container lacks is `undefined`. */
export interface ContainedMessage extends Partial<ContainerMetadata> {
  readonly message: Message;
}

/**
 * Write a container: msgpack map `state, lxmf_bytes, transport_encrypted, transport_encryption, method`.
 * @see LXMF/LXMessage.py packed_container
 */
export function encodeContainer(message: Message, metadata: ContainerMetadata): Uint8Array {
  return encodeMsgpack(
    new Map<string, MsgpackValue>([
      ['state', metadata.state],
      ['lxmf_bytes', message.packed],
      ['transport_encrypted', metadata.transportEncrypted],
      ['transport_encryption', metadata.transportEncryption ?? null],
      ['method', metadata.method],
    ])
  );
}

/**
 * Read a container; only `lxmf_bytes` must be there.
 * @throws ProtocolError `LXMF_CONTAINER` on another shape, `LXMF_*` and `MSGPACK_*` on a damaged message
 * @see LXMF/LXMessage.py unpack_from_file
 */
export function decodeContainer(bytes: Uint8Array): ContainedMessage {
  const map = within('container', 0, () => decodeMsgpack(bytes));
  if (!(map instanceof Map))
    throw new ProtocolError('LXMF_CONTAINER', 'needs a map', { at: 'container' });
  const packed = mapGet(map, 'lxmf_bytes');
  if (!(packed instanceof Uint8Array)) {
    throw new ProtocolError('LXMF_CONTAINER', 'needs bin', { at: 'container.lxmf_bytes' });
  }
  const message = within('container.lxmf_bytes', 0, () => unpackMessage(packed));
  const state = mapGet(map, 'state');
  const encrypted = mapGet(map, 'transport_encrypted');
  const encryption = mapGet(map, 'transport_encryption');
  const method = mapGet(map, 'method');
  return {
    message,
    ...(typeof state === 'number' ? { state } : {}),
    ...(typeof encrypted === 'boolean' ? { transportEncrypted: encrypted } : {}),
    ...(typeof encryption === 'string' ? { transportEncryption: encryption } : {}),
    ...(typeof method === 'number' ? { method } : {}),
  };
}

/** The file name of a message in a directory of containers: its hash in hexadecimal. */
export function containerFileName(message: Message): string {
  return toHex(message.messageHash);
}
