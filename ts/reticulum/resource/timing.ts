/**
 * How long each side of a transfer waits for the other.
 * @module
 * @see RNS/Resource.py __watchdog_job (RNS 1.5.7)
 */
import { TRAFFIC_TIMEOUT_FACTOR } from '../link/constants.ts';
import {
  HMU_WAIT_FACTOR,
  MAX_PROOF_RETRIES,
  MAX_RETRIES,
  PER_RETRY_DELAY_MS,
  PROOF_TIMEOUT_FACTOR,
  RETRY_GRACE_MS,
  SENDER_GRACE_MS,
} from './constants.ts';

/** What the wait for parts depends on. */
export interface PartWait {
  readonly sdu: number;
  /** Expected bits per second in flight. */
  readonly rateBps: number;
  readonly outstanding: number;
  /** More map hashes are waited for, or nothing else is. */
  readonly awaitsHashmap: boolean;
  readonly factor: number;
  readonly retriesUsed: number;
  /** Whether a request was answered before. */
  readonly answered: boolean;
}

/** Time after the last sign of the sender until a receiver asks again. */
export function partWaitMs(wait: PartWait): number {
  const { sdu, rateBps, factor } = wait;
  const extra = RETRY_GRACE_MS + wait.retriesUsed * PER_RETRY_DELAY_MS;
  if (!wait.answered) return factor * ((3 * sdu * 1000) / rateBps) + extra;
  const parts = (wait.outstanding * sdu * 8 * 1000) / rateBps;
  const idle = wait.awaitsHashmap || wait.outstanding === 0;
  const hashmap = idle ? (sdu * 8 * HMU_WAIT_FACTOR * 1000) / rateBps : 0;
  return factor * parts + hashmap + extra;
}

/** Time that a sender waits for the next request: as long as a receiver may keep trying. */
export function requestWaitMs(rttMs: number): number {
  let extra = 0;
  for (let retry = 0; retry < MAX_RETRIES; retry++) extra += (retry + 1) * PER_RETRY_DELAY_MS;
  return rttMs * TRAFFIC_TIMEOUT_FACTOR * MAX_RETRIES + SENDER_GRACE_MS + extra;
}

/** Time that a sender waits for the proof before it asks for it. */
export function proofWaitMs(rttMs: number): number {
  return rttMs * PROOF_TIMEOUT_FACTOR + SENDER_GRACE_MS;
}

/** Time for packing and sealing that a receiver grants a sender between segments. */
const PREPARATION_MS = 120_000;

/**
 * Time that a receiver waits for the next segment to be advertised.
 *
 * The reference waits as long as the link is open; so here it is longer than a sender could need.
 */
export function segmentWaitMs(rttMs: number): number {
  return (MAX_PROOF_RETRIES + 1) * proofWaitMs(rttMs) + PREPARATION_MS;
}
