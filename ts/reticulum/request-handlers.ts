/**
 * Which paths may be requested from a destination, and by whom.
 * @module
 * @see RNS/Destination.py register_request_handler (RNS 1.5.7)
 */
import { equalBytes, utf8 } from '../base/bytes.ts';
import { HashMap } from './hash-map.ts';
import { truncatedHash, type Identity } from './identity.ts';

/** Who may ask. @see RNS/Destination.py ALLOW_NONE */
export const RequestPolicy = { ALLOW_NONE: 0, ALLOW_ALL: 1, ALLOW_LIST: 2 } as const;
/** One of {@link RequestPolicy}. */
export type RequestPolicyCode = (typeof RequestPolicy)[keyof typeof RequestPolicy];

/** A path and the rules for it. */
export interface RequestHandler {
  readonly path: string;
  readonly allow: RequestPolicyCode;
  /** Identity hashes that may ask when `allow` is ALLOW_LIST. */
  readonly allowed: readonly Uint8Array[];
  /** Whether answers that go as resources are compressed, or the size in bytes up to which they are. */
  readonly autoCompress: boolean | number;
}

/** How a path is registered. */
export interface RequestHandlerOptions {
  /** ALLOW_NONE unless set, as in the reference: a path that nobody may ask for. */
  readonly allow?: RequestPolicyCode | undefined;
  readonly allowed?: readonly Uint8Array[] | undefined;
  readonly autoCompress?: boolean | number | undefined;
}

/** The first 16 bytes of SHA-256 of a path. */
export function requestPathHash(path: string): Uint8Array {
  return truncatedHash(utf8(path));
}

/** The paths of one destination. */
export class RequestHandlers {
  readonly #handlers = new HashMap<RequestHandler>();

  get size(): number {
    return this.#handlers.size;
  }

  /** Register a path, or replace its rules. @throws RangeError when the path is empty */
  register(path: string, options: RequestHandlerOptions = {}): void {
    if (path === '') throw new RangeError('"path" must not be empty');
    this.#handlers.set(requestPathHash(path), {
      path,
      allow: options.allow ?? RequestPolicy.ALLOW_NONE,
      allowed: (options.allowed ?? []).map((hash) => hash.slice()),
      autoCompress: options.autoCompress ?? true,
    });
  }

  /** Remove a path; false when it was not registered. */
  deregister(path: string): boolean {
    return this.#handlers.delete(requestPathHash(path));
  }

  /** The rules for a path hash as it came in. */
  find(pathHash: Uint8Array): RequestHandler | undefined {
    return this.#handlers.get(pathHash);
  }

  /** Paths in the order of their registration. */
  paths(): string[] {
    return [...this.#handlers.values()].map((handler) => handler.path);
  }
}

/** Whether a peer, identified or not, may ask for a path. @see RNS/Link.py handle_request */
export function isAllowed(handler: RequestHandler, remote: Identity | undefined): boolean {
  if (handler.allow === RequestPolicy.ALLOW_ALL) return true;
  if (handler.allow === RequestPolicy.ALLOW_NONE || remote === undefined) return false;
  return handler.allowed.some((hash) => equalBytes(hash, remote.hash));
}
