/**
 * The few statistics a report needs: the median with its range, and a spread that one disturbed
 * repetition cannot move. Pure functions; nothing below them. @module
 */

/** What the repetitions of one measurement, or of one ratio, say together. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /**
   * Standard deviation as a share of the median, estimated from the median absolute deviation, so
   * that up to half of the repetitions may be disturbed; 0.05 means about 5 percent.
   */
  readonly spread: number;
  readonly count: number;
}

/** For normally distributed values the standard deviation is this times the median deviation. */
const DEVIATIONS = 1.4826;

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('"values" must not be empty');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] as number)) / 2;
}

/** Reduce repetitions to their median, range and robust spread. */
export function summarize(values: readonly number[]): Summary {
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  return {
    median: middle,
    min: Math.min(...values),
    max: Math.max(...values),
    spread: middle === 0 ? 0 : (DEVIATIONS * deviation) / Math.abs(middle),
    count: values.length,
  };
}

/**
 * Divide two series repetition by repetition.
 *
 * Both sides of a quotient were measured within the same fraction of a second, so a slow phase of
 * the machine meets both and cancels; a quotient of two medians would keep it.
 */
export function pairwise(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) {
    throw new RangeError(
      `series must have one length, got ${String(ours.length)} and ${String(theirs.length)}`
    );
  }
  return ours.map((value, i) => value / (theirs[i] as number));
}
