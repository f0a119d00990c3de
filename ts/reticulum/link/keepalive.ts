/**
 * Watching a link: signs of life, staleness, and the end of a link that nobody answers on.
 * @module
 * @see RNS/Link.py __watchdog_job (RNS 1.5.7)
 */
import {
  KEEPALIVE_PING,
  LinkStatus,
  STALE_GRACE_MS,
  STALE_RTT_FACTOR,
  TeardownReason,
} from './constants.ts';
import type { Link } from './link.ts';
import { PacketContext, PacketType } from '../packet.ts';

/** Do what is due on a link, and set its next deadline. */
export function watchLink(link: Link): void {
  const { core } = link;
  switch (link.status) {
    case LinkStatus.CLOSED:
      return core.timers.cancel(link.watchdog);
    case LinkStatus.PENDING:
    case LinkStatus.HANDSHAKE:
      return watchEstablishment(link);
    case LinkStatus.ACTIVE:
      return watchActive(link);
    case LinkStatus.STALE:
      link.sendClose();
      return link.conclude(TeardownReason.TIMEOUT);
  }
}

function watchEstablishment(link: Link): void {
  const { core } = link;
  const deadline = link.requestedMs + link.establishmentTimeoutMs;
  if (core.now >= deadline) return link.conclude(TeardownReason.TIMEOUT);
  core.timers.schedule(link.watchdog, deadline);
}

function watchActive(link: Link): void {
  const { core } = link;
  const { now } = core;
  const lastInbound = Math.max(link.lastInboundMs, link.lastProofMs, link.activatedMs ?? 0);
  if (link.initiator && now >= keepaliveDue(link, lastInbound)) {
    link.sendPlain(PacketType.DATA, PacketContext.KEEPALIVE, Uint8Array.of(KEEPALIVE_PING));
    // An interface that takes nothing must not turn this into a loop.
    link.lastKeepaliveMs = now;
  }
  const staleAt = lastInbound + link.staleMs;
  if (now >= staleAt) {
    link.status = LinkStatus.STALE;
    const grace = (link.rttMs ?? 0) * STALE_RTT_FACTOR + STALE_GRACE_MS;
    return core.timers.schedule(link.watchdog, now + grace);
  }
  const next = link.initiator ? Math.min(staleAt, keepaliveDue(link, lastInbound)) : staleAt;
  core.timers.schedule(link.watchdog, next);
}

/** When the initiator owes a sign of life: an interval after either side was last heard. */
function keepaliveDue(link: Link, lastInbound: number): number {
  const quietSince = Math.min(lastInbound, link.lastOutboundMs);
  return Math.max(quietSince, link.lastKeepaliveMs) + link.keepaliveMs;
}
