/**
 * Why packets were not acted upon, counted by reason: peer input never throws past this edge.
 * @module
 */

/** Reasons, each with what it means. */
export const DROP_REASONS = {
  'interface-unknown': 'came from an interface that is not attached',
  'interface-offline': 'came from, or was for, an interface that is offline',
  'access-code': 'the interface access code is missing, wrong, or not wanted',
  oversize: 'larger than the interface allows',
  malformed: 'no packet can be read from it',
  'other-transport': 'in transport by way of another node',
  'transported-broadcast': 'a PLAIN or GROUP packet that has travelled more than one hop',
  'announce-type': 'an announce that is not for a SINGLE destination',
  duplicate: 'was handled before',
  'announce-size': 'an announce above 500 bytes',
  'announce-invalid': 'an announce whose shape, signature, address or key is wrong',
  'announce-blackholed': 'an announce of an identity that is shut out',
  'announce-held': 'an unknown announce that came in a flood and was not kept',
  'announce-stale': 'an announce that is not newer or better than what is known',
  'announce-own': 'an announce of a destination of this endpoint',
  'path-request-malformed': 'a path request without address or tag',
  'path-request-duplicate': 'a path request that was seen',
  'path-request-unknown': 'a path request for a destination that is not here',
  'destination-unknown': 'for an address that is not here',
  'decrypt-failed': 'cannot be decrypted with the keys at hand',
  'proof-unmatched': 'a proof of nothing that is waited for',
  'proof-invalid': 'a proof whose signature does not hold',
  'link-unknown': 'for a link that is not open here',
  'link-interface': 'for a link, but from another interface than its own',
  'link-closed': 'for a link that is closed',
  'link-refused': 'a link request to a destination that takes none, or too many links',
  'link-request-malformed': 'a link request of another size, mode or MTU',
  'link-proof-invalid': 'a link proof of another size or mode, or with a wrong signature',
  'link-payload': 'a link packet whose content is malformed',
  'link-context': 'a link packet of a kind that is not expected',
  'request-malformed': 'a request or response that cannot be read',
  'request-refused': 'a request that is not allowed, not known or too large',
  'response-unmatched': 'a response to nothing that is waited for',
  'resource-refused': 'an advertisement that is not accepted',
  'resource-unmatched': 'a resource packet for no transfer under way',
  'resource-malformed': 'a resource packet that cannot be read',
  'resource-part': 'a part that was not asked for',
  'channel-closed': 'a channel message on a link without channel',
  'channel-sequence': 'a channel message outside the window, or seen',
  'channel-message': 'a channel message of an unknown type or shape',
  'cache-request': 'a request for a packet that is not kept',
} as const;

/** One of {@link DROP_REASONS}. */
export type DropReason = keyof typeof DROP_REASONS;

/** Counts by reason; reasons that never occurred are absent. */
export type DropCounts = Partial<Record<DropReason, number>>;

/** Counts what is dropped. */
export class Drops {
  readonly #counts: Map<DropReason, number> = new Map();

  /** Count one. */
  add(reason: DropReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** How many were dropped for a reason. */
  count(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** How many were dropped in all. */
  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  /** All counts. */
  snapshot(): DropCounts {
    return Object.fromEntries(this.#counts);
  }
}
