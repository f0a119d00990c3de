/**
 * Numbers of links, as the reference has them.
 * @module
 * @see RNS/Link.py Link (RNS 1.5.7)
 */

/** Where a link stands. @see RNS/Link.py PENDING */
export const LinkStatus = { PENDING: 0, HANDSHAKE: 1, ACTIVE: 2, STALE: 3, CLOSED: 4 } as const;
/** One of {@link LinkStatus}. */
export type LinkStatusCode = (typeof LinkStatus)[keyof typeof LinkStatus];

/** Why a link was closed. @see RNS/Link.py TIMEOUT */
export const TeardownReason = { TIMEOUT: 1, INITIATOR_CLOSED: 2, DESTINATION_CLOSED: 3 } as const;
/** One of {@link TeardownReason}. */
export type TeardownReasonCode = (typeof TeardownReason)[keyof typeof TeardownReason];

/** How a link encrypts; only AES-256-CBC is in use. @see RNS/Link.py MODE_AES256_CBC */
export const LinkMode = { AES128_CBC: 0, AES256_CBC: 1, AES256_GCM: 2 } as const;

/** What is done with resources that the peer offers. @see RNS/Link.py ACCEPT_NONE */
export const ResourceStrategy = { ACCEPT_NONE: 0, ACCEPT_APP: 1, ACCEPT_ALL: 2 } as const;
/** One of {@link ResourceStrategy}. */
export type ResourceStrategyCode = (typeof ResourceStrategy)[keyof typeof ResourceStrategy];

/** Time that one hop may take to answer. @see RNS/Reticulum.py DEFAULT_PER_HOP_TIMEOUT */
export const PER_HOP_TIMEOUT_MS = 6_000;
/** Longest time between signs of life. @see RNS/Link.py KEEPALIVE_MAX */
export const KEEPALIVE_MAX_MS = 360_000;
/** Shortest time between signs of life. @see RNS/Link.py KEEPALIVE_MIN */
export const KEEPALIVE_MIN_MS = 5_000;
/** The round trip at which the longest interval is reached. @see RNS/Link.py KEEPALIVE_MAX_RTT */
export const KEEPALIVE_MAX_RTT_MS = 1_750;
/** Keepalive intervals without a sign after which a link is stale. @see RNS/Link.py STALE_FACTOR */
export const STALE_FACTOR = 2;
/** A stale link gets so many round trips more. @see RNS/Link.py KEEPALIVE_TIMEOUT_FACTOR */
export const STALE_RTT_FACTOR = 4;
/** And so much time on top. @see RNS/Link.py STALE_GRACE */
export const STALE_GRACE_MS = 5_000;
/** Round trips that a proof or answer may take. @see RNS/Link.py TRAFFIC_TIMEOUT_FACTOR */
export const TRAFFIC_TIMEOUT_FACTOR = 6;

/** What an initiator sends as a sign of life. */
export const KEEPALIVE_PING = 0xff;
/** What the other side answers. */
export const KEEPALIVE_PONG = 0xfe;

/** Interval between signs of life for a round trip. @see RNS/Link.py __update_keepalive */
export function keepaliveFor(rttMs: number): number {
  const wanted = rttMs * (KEEPALIVE_MAX_MS / KEEPALIVE_MAX_RTT_MS);
  return Math.max(Math.min(wanted, KEEPALIVE_MAX_MS), KEEPALIVE_MIN_MS);
}
