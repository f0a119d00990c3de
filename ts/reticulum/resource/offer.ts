/**
 * A resource that the peer would send, for the application to take or refuse.
 * @module
 * @see RNS/Link.py set_resource_callback (RNS 1.5.7)
 */
import type { Millis } from '../../base/clock.ts';
import type { Link } from '../link/link.ts';
import type { Advertisement } from './advertisement.ts';
import type { IncomingResource } from './incoming.ts';
import type { ResourceSink } from './source.ts';

/** An offer that waits for an answer. */
export class ResourceOffer {
  readonly link: Link;
  readonly advertisement: Advertisement;
  #open = true;

  constructor(link: Link, advertisement: Advertisement) {
    this.link = link;
    this.advertisement = advertisement;
  }

  /** Whether it can still be answered: not once it was, or the sender gave up. */
  get isOpen(): boolean {
    return this.#open && this.link.isOpen;
  }

  /**
   * Take the resource in.
   * @param sink - where the data goes; memory unless given
   * @returns `undefined` when the offer is not open, or too much comes in already
   */
  accept(now: Millis, sink?: ResourceSink): IncomingResource | undefined {
    this.link.core.now = now;
    if (!this.isOpen) return undefined;
    this.#open = false;
    return this.link.resources.accept(this.advertisement, { sink });
  }

  /** Refuse the resource and tell the sender; false when the offer is not open. */
  reject(now: Millis): boolean {
    this.link.core.now = now;
    if (!this.isOpen) return false;
    this.#open = false;
    this.link.resources.refuse(this.advertisement);
    return true;
  }

  /** The sender gave up. @internal */
  withdraw(): void {
    this.#open = false;
  }
}
