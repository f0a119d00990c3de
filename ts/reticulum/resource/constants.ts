/**
 * Numbers of resources, as the reference has them.
 * @module
 * @see RNS/Resource.py Resource, ResourceAdvertisement (RNS 1.5.7)
 */

/** Where a resource stands. @see RNS/Resource.py NONE */
export const ResourceStatus = {
  NONE: 0,
  QUEUED: 1,
  ADVERTISED: 2,
  TRANSFERRING: 3,
  AWAITING_PROOF: 4,
  ASSEMBLING: 5,
  COMPLETE: 6,
  FAILED: 7,
  CORRUPT: 8,
  REJECTED: 9,
} as const;
/** One of {@link ResourceStatus}. */
export type ResourceStatusCode = (typeof ResourceStatus)[keyof typeof ResourceStatus];

/** Bytes of a map hash. @see RNS/Resource.py MAPHASH_LEN */
export const MAP_HASH_BYTES = 4;
/** Bytes of the random prefix of a stream, and of the random part of hashes. */
export const RANDOM_HASH_BYTES = 4;
/** Bytes of the hash of a resource. */
export const RESOURCE_HASH_BYTES = 32;
/** Largest segment before encryption. @see RNS/Resource.py MAX_EFFICIENT_SIZE */
export const SEGMENT_BYTES: number = 1024 * 1024 - 1;
/** Largest segment on the wire that is accepted. @see RNS/Resource.py ResourceAdvertisement.unpack */
export const MAX_TRANSFER_BYTES: number = 3 * SEGMENT_BYTES;
/**
 * Largest packed metadata: with its length it must fit the first segment. The reference allows 16 MiB,
 * but reads none that goes on in the second segment.
 * @see RNS/Resource.py METADATA_MAX_SIZE
 */
export const METADATA_MAX_BYTES: number = SEGMENT_BYTES - 3;
/** Largest data that is compressed, and largest segment that is unpacked. @see RNS/Resource.py AUTO_COMPRESS_MAX_SIZE */
export const COMPRESS_MAX_BYTES: number = 64 * 1024 * 1024;
/** Map hashes in one advertisement or update, whatever the link's MTU. @see RNS/Resource.py HASHMAP_MAX_LEN */
export const HASHMAP_LENGTH = 74;

/** Parts asked for at first. @see RNS/Resource.py WINDOW */
export const WINDOW = 4;
/** Fewest parts asked for. @see RNS/Resource.py WINDOW_MIN */
export const WINDOW_MIN = 2;
/** Most parts asked for on slow links. @see RNS/Resource.py WINDOW_MAX_SLOW */
export const WINDOW_MAX_SLOW = 10;
/** Most parts asked for on very slow links. @see RNS/Resource.py WINDOW_MAX_VERY_SLOW */
export const WINDOW_MAX_VERY_SLOW = 4;
/** Most parts asked for on fast links. @see RNS/Resource.py WINDOW_MAX_FAST */
export const WINDOW_MAX_FAST = 75;
/** Rounds at the fast rate before the window may grow past the slow limit. */
export const FAST_RATE_THRESHOLD: number = WINDOW_MAX_SLOW - WINDOW - 2;
/** Rounds at the very slow rate before the window is capped. */
export const VERY_SLOW_RATE_THRESHOLD = 2;
/** Bytes per second that count as fast: 50 kbit/s. */
export const RATE_FAST: number = 50_000 / 8;
/** Bytes per second that count as very slow: 2 kbit/s. */
export const RATE_VERY_SLOW: number = 2_000 / 8;
/** Least distance between smallest and largest window. */
export const WINDOW_FLEXIBILITY = 4;
/** Parts among which map hashes must differ. @see RNS/Resource.py COLLISION_GUARD_SIZE */
export const COLLISION_GUARD: number = 2 * WINDOW_MAX_FAST + HASHMAP_LENGTH;

/** Time for a part, as a multiple of the expected one, before a round trip is known. */
export const PART_TIMEOUT_FACTOR = 4;
/** The same once it is known. @see RNS/Resource.py PART_TIMEOUT_FACTOR_AFTER_RTT */
export const PART_TIMEOUT_FACTOR_AFTER_RTT = 2;
/** Round trips that a proof may take. @see RNS/Resource.py PROOF_TIMEOUT_FACTOR */
export const PROOF_TIMEOUT_FACTOR = 3;
/** Parts' worth of time that a hash map update may take. @see RNS/Resource.py HMU_WAIT_FACTOR */
export const HMU_WAIT_FACTOR = 3.5;
/** Requests for parts that may go unanswered. @see RNS/Resource.py MAX_RETRIES */
export const MAX_RETRIES = 16;
/** Advertisements that are sent again. @see RNS/Resource.py MAX_ADV_RETRIES */
export const MAX_ADVERTISEMENT_RETRIES = 4;
/** Times that the network is asked for a proof that does not come. */
export const MAX_PROOF_RETRIES = 3;
/** Time on top of round trips that a sender waits. @see RNS/Resource.py SENDER_GRACE_TIME */
export const SENDER_GRACE_MS = 10_000;
/** Time on top that an advertisement may take. @see RNS/Resource.py PROCESSING_GRACE */
export const PROCESSING_GRACE_MS = 1_000;
/** Time on top that parts may take. @see RNS/Resource.py RETRY_GRACE_TIME */
export const RETRY_GRACE_MS = 250;
/** More time for each retry that was used. @see RNS/Resource.py PER_RETRY_DELAY */
export const PER_RETRY_DELAY_MS = 500;

/** Resources that one link takes in at the same time; the reference sets no limit. */
export const MAX_INCOMING = 32;
/** Resources that wait on one link to be sent; the reference sets no limit. */
export const MAX_QUEUED = 256;
/** Proofs, and hashes of what is complete, that one link keeps. */
export const KEPT_PROOFS = 64;
