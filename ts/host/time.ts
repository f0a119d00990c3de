/** The time and timers of a host, for endpoints that run on it. @module */
import type { Driver } from '../reticulum/instance.ts';

/** Longest time a host's timer can be set to. */
const LONGEST_DELAY_MS = 0x7fffffff;
/** How far the steady clock may be off the wall clock before it is set anew. */
const TOLERANCE_MS = 2000;

/** How {@link hostTime} behaves. */
export interface HostTimeOptions {
  /** Whether timers keep the program running; true unless set. */
  readonly keepAlive?: boolean | undefined;
  /** Takes what a timer's work throws. */
  readonly onError: (error: unknown) => void;
}

/**
 * Wall-clock time in milliseconds, with fractions, that runs steadily: small corrections of the system's
 * clock are passed over, a clock that was set or a machine that slept is followed.
 */
export function hostTime({ keepAlive = true, onError }: HostTimeOptions): Driver {
  let origin = performance.timeOrigin;
  const now = (): number => {
    const steady = origin + performance.now();
    const off = Date.now() - steady;
    if (Math.abs(off) <= TOLERANCE_MS) return steady;
    origin += off;
    return steady + off;
  };
  return {
    now,
    schedule: (at, run) => {
      const delay = Math.max(0, Math.min(LONGEST_DELAY_MS, Math.ceil(at - now())));
      const timer = setTimeout(() => {
        try {
          run();
        } catch (error) {
          onError(error);
        }
      }, delay);
      if (!keepAlive) letGo(timer);
      return () => clearTimeout(timer);
    },
  };
}

/** Let the program end although a timer or socket of the host is open; browsers have no such thing. */
export function letGo(handle: unknown): void {
  (handle as { unref?: () => unknown }).unref?.();
}
