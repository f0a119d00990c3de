/**
 * How much of a resource has been transferred.
 * @module
 * @see RNS/Resource.py get_progress, get_segment_progress (RNS 1.5.7)
 */
import { SEGMENT_BYTES } from './constants.ts';

/** What progress is reckoned from. */
export interface ProgressState {
  readonly complete: boolean;
  /** From 1. */
  readonly segmentIndex: number;
  readonly totalSegments: number;
  /** Parts of the present segment that are through. */
  readonly doneParts: number;
  readonly totalParts: number;
  /** Bytes of one part. */
  readonly sdu: number;
}

/** Part of the whole resource that is through, 0 to 1; segments count alike. */
export function resourceProgress(state: ProgressState): number {
  if (state.complete) return 1;
  const { segmentIndex, totalSegments, doneParts, totalParts, sdu } = state;
  if (totalParts === 0) return 0;
  if (totalSegments === 1) return Math.min(1, doneParts / totalParts);
  const partsPerSegment = Math.ceil(SEGMENT_BYTES / sdu);
  const factor = totalParts < partsPerSegment ? partsPerSegment / totalParts : 1;
  const done = (segmentIndex - 1) * partsPerSegment + doneParts * factor;
  return Math.min(1, done / (totalSegments * partsPerSegment));
}

/** Part of the present segment that is through, 0 to 1. */
export function segmentProgress(state: ProgressState): number {
  if (state.complete) return 1;
  return state.totalParts === 0 ? 0 : Math.min(1, state.doneParts / state.totalParts);
}
