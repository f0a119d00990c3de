/**
 * Saying some things twice on fast links.
 *
 * The reference notes only after sending a packet that it waits for a proof, a response or a request for
 * parts; what comes back within a fraction of a millisecond finds nothing that waits and is lost. So
 * where the round trip is that short, proofs and small responses are sent again a moment later.
 * @module
 * @see RNS/Transport.py _outbound packet_sent; RNS/Link.py request; RNS/Resource.py __advertise_job (RNS 1.5.7)
 */
import type { Link } from './link.ts';
import { Timer } from '../timers.ts';

/** Links that took longer to set up cannot answer too early; setting up takes more than a round trip. */
export const FAST_RTT_MS = 50;
/** How long the reference may take to note what it waits for. */
export const REPEAT_AFTER_MS = 2;
/** More than these are not repeated at the same time. */
const MAX_REPEATS = 256;

/** What one link says again. */
export class LinkRepeats {
  readonly #link: Link;
  readonly #waiting: (() => void)[] = [];
  readonly #timer: Timer;

  constructor(link: Link) {
    this.#link = link;
    this.#timer = new Timer(() => this.#run());
  }

  /** Whether answers on this link may come too early for the reference. */
  get applies(): boolean {
    const { host, rttMs = Infinity } = this.#link;
    return host.repeats && rttMs < FAST_RTT_MS;
  }

  /** Do something again in a moment, where the link is fast. */
  add(again: () => void): void {
    if (!this.applies || this.#waiting.length >= MAX_REPEATS) return;
    const { core } = this.#link;
    this.#waiting.push(again);
    core.timers.scheduleBy(this.#timer, core.now + REPEAT_AFTER_MS);
  }

  /** The link is closed. */
  close(): void {
    this.#waiting.length = 0;
    this.#link.core.timers.cancel(this.#timer);
  }

  #run(): void {
    for (const again of this.#waiting.splice(0)) if (this.#link.isOpen) again();
  }
}
