/**
 * What an endpoint knows and does at one moment, as plain data that nothing changes afterwards.
 * @module
 */
import type { Millis } from '../base/clock.ts';
import type { BlackholeEntry } from './blackhole.ts';
import type { Channel } from './channel/channel.ts';
import type { DropCounts } from './drops.ts';
import type { Reticulum } from './endpoint.ts';
import type { InterfaceCounters, InterfaceId, InterfaceModeCode } from './interface.ts';
import type { KnownDestination } from './known-destinations.ts';
import type { LinkStatusCode, ResourceStrategyCode, TeardownReasonCode } from './link/constants.ts';
import type { Link } from './link/link.ts';
import type { RequestStatusCode } from './link/requests.ts';
import type { PathEntry } from './paths.ts';
import type { ReceiptStatusCode } from './receipts.ts';
import type { ResourceStatusCode } from './resource/constants.ts';
import type { IncomingResource } from './resource/incoming.ts';
import type { OutgoingResource } from './resource/outgoing.ts';

/** An interface. */
export interface InterfaceSnapshot {
  readonly id: InterfaceId;
  readonly name: string;
  readonly mode: InterfaceModeCode;
  readonly online: boolean;
  readonly bitrateBps: number;
  readonly hwMtu: number | undefined;
  readonly linkMtu: number;
  readonly addedMs: Millis;
  readonly counters: Readonly<InterfaceCounters>;
  /** Announces of others in a second, of late. */
  readonly announcesInHz: number;
  /** Announces that a flood holds back. */
  readonly heldAnnounces: number;
  /** Whether a flood goes on. */
  readonly burst: boolean;
}

/** A resource, either way. */
export interface ResourceSnapshot {
  readonly direction: 'in' | 'out';
  readonly originalHash: Uint8Array;
  readonly status: ResourceStatusCode;
  readonly totalBytes: number;
  readonly segmentIndex: number;
  readonly totalSegments: number;
  readonly progress: number;
  readonly requestId: Uint8Array | undefined;
  readonly startedMs: Millis | undefined;
  /** Parts asked for at once, of an incoming one. */
  readonly window: number | undefined;
}

/** A request that waits for its response. */
export interface RequestSnapshot {
  readonly id: Uint8Array;
  readonly path: string;
  readonly status: RequestStatusCode;
  readonly progress: number;
  readonly sentMs: Millis;
  readonly timeoutMs: number;
}

/** The channel of a link. */
export interface ChannelSnapshot {
  readonly window: number;
  readonly windowMax: number;
  readonly windowMin: number;
  readonly outstanding: number;
  readonly early: number;
  readonly sendSequence: number;
  readonly receiveSequence: number;
}

/** A link. */
export interface LinkSnapshot {
  readonly id: Uint8Array;
  readonly initiator: boolean;
  readonly destinationHash: Uint8Array;
  readonly status: LinkStatusCode;
  readonly reason: TeardownReasonCode | undefined;
  readonly interfaceId: InterfaceId | undefined;
  readonly mtu: number;
  readonly mdu: number;
  readonly mode: number;
  readonly hops: number;
  readonly rttMs: number | undefined;
  readonly keepaliveMs: number;
  readonly requestedMs: Millis;
  readonly activatedMs: Millis | undefined;
  readonly lastInboundMs: Millis;
  readonly lastOutboundMs: Millis;
  readonly lastDataMs: Millis;
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
  readonly establishmentRateBps: number | undefined;
  readonly expectedRateBps: number | undefined;
  readonly remoteIdentityHash: Uint8Array | undefined;
  readonly resourceStrategy: ResourceStrategyCode;
  readonly requests: readonly RequestSnapshot[];
  readonly resources: readonly ResourceSnapshot[];
  readonly channel: ChannelSnapshot | undefined;
}

/** A packet that waits for its proof. */
export interface ReceiptSnapshot {
  readonly hash: Uint8Array;
  readonly target: Uint8Array;
  readonly status: ReceiptStatusCode;
  readonly sentAtMs: Millis;
  readonly timeoutMs: number;
}

/** How often a destination is announced. */
export interface AnnounceRateSnapshot {
  readonly destinationHash: Uint8Array;
  readonly lastMs: Millis;
  readonly violations: number;
  readonly blockedUntilMs: Millis;
  readonly timestampsMs: readonly Millis[];
}

/** A destination of the endpoint. */
export interface DestinationSnapshot {
  readonly hash: Uint8Array;
  readonly name: string;
  readonly type: number;
  readonly proofStrategy: number;
  readonly acceptsLinks: boolean;
  /** Private ratchets that are kept; 0 while they are not enabled. */
  readonly ratchets: number;
  readonly requestPaths: readonly string[];
}

/** Everything at once. */
export interface ReticulumSnapshot {
  readonly atMs: Millis;
  readonly dueMs: Millis | undefined;
  readonly transportIdentityHash: Uint8Array;
  readonly interfaces: readonly InterfaceSnapshot[];
  readonly destinations: readonly DestinationSnapshot[];
  readonly paths: readonly PathEntry[];
  readonly known: readonly KnownDestination[];
  readonly announceRates: readonly AnnounceRateSnapshot[];
  readonly links: readonly LinkSnapshot[];
  readonly receipts: readonly ReceiptSnapshot[];
  readonly blackhole: readonly BlackholeEntry[];
  readonly pathRequests: number;
  readonly knownRatchets: number;
  readonly seenPackets: number;
  readonly timers: number;
  readonly drops: DropCounts;
}

/** Everything that an endpoint knows and does. */
export function snapshotOf(reticulum: Reticulum): ReticulumSnapshot {
  const { core } = reticulum;
  return {
    atMs: core.now,
    dueMs: core.timers.due(),
    transportIdentityHash: reticulum.transportIdentity.hash,
    interfaces: interfacesOf(reticulum),
    destinations: destinationsOf(reticulum),
    paths: [...reticulum.paths.values()].map((entry) => ({ ...entry })),
    known: [...reticulum.known.values()],
    announceRates: [...reticulum.announces.rates.values()].map((rate) => ({
      ...rate,
      timestampsMs: [...rate.timestampsMs],
    })),
    links: [...reticulum.links.values()].map(snapshotOfLink),
    receipts: [...reticulum.receipts.values()].map(
      ({ hash, target, status, sentAtMs, timeoutMs }) => ({
        hash,
        target,
        status,
        sentAtMs,
        timeoutMs,
      })
    ),
    blackhole: [...reticulum.blackhole.values()],
    pathRequests: reticulum.pathRequests.size,
    knownRatchets: reticulum.ratchets.size,
    seenPackets: core.seen.size,
    timers: core.timers.size,
    drops: core.drops.snapshot(),
  };
}

/** One link, with what is under way on it. */
export function snapshotOfLink(link: Link): LinkSnapshot {
  const { resources, openChannel } = link;
  return {
    id: link.id,
    initiator: link.initiator,
    destinationHash: link.destination.hash,
    status: link.status,
    reason: link.reason,
    interfaceId: link.interfaceId,
    mtu: link.mtu,
    mdu: link.mdu,
    mode: link.mode,
    hops: link.expectedHops,
    rttMs: link.rttMs,
    keepaliveMs: link.keepaliveMs,
    requestedMs: link.requestedMs,
    activatedMs: link.activatedMs,
    lastInboundMs: link.lastInboundMs,
    lastOutboundMs: link.lastOutboundMs,
    lastDataMs: link.lastDataMs,
    rxPackets: link.rxPackets,
    rxBytes: link.rxBytes,
    txPackets: link.txPackets,
    txBytes: link.txBytes,
    establishmentRateBps: link.establishmentRateBps,
    expectedRateBps: resources.expectedRateBps,
    remoteIdentityHash: link.remoteIdentity?.hash,
    resourceStrategy: link.resourceStrategy,
    requests: [...link.requests.values()].map(
      ({ id, path, status, progress, sentMs, timeoutMs }) => ({
        id,
        path,
        status,
        progress,
        sentMs,
        timeoutMs,
      })
    ),
    resources: [...resources.outgoing.map(ofOutgoing), ...resources.incoming.map(ofIncoming)],
    channel: openChannel === undefined ? undefined : ofChannel(openChannel),
  };
}

function interfacesOf({ core, announces }: Reticulum): InterfaceSnapshot[] {
  return [...core.interfaces.values()].map((state) => {
    const ingress = announces.ingressOf(state.id);
    return {
      id: state.id,
      name: state.name,
      mode: state.mode,
      online: state.online,
      bitrateBps: state.bitrateBps,
      hwMtu: state.hwMtu,
      linkMtu: state.linkMtu,
      addedMs: state.addedMs,
      counters: { ...state.counters },
      announcesInHz: ingress?.rate.peekHz(core.now) ?? 0,
      heldAnnounces: ingress?.held ?? 0,
      burst: ingress?.burst ?? false,
    };
  });
}

function destinationsOf({ destinations }: Reticulum): DestinationSnapshot[] {
  return [...destinations.values()].map((destination) => ({
    hash: destination.hash,
    name: destination.name,
    type: destination.type,
    proofStrategy: destination.proofStrategy,
    acceptsLinks: destination.acceptsLinks,
    ratchets: destination.ratchets?.ratchets.length ?? 0,
    requestPaths: destination.requests.paths(),
  }));
}

function ofOutgoing(resource: OutgoingResource): ResourceSnapshot {
  return {
    direction: 'out',
    originalHash: resource.originalHash,
    status: resource.status,
    totalBytes: resource.totalBytes,
    segmentIndex: resource.segmentIndex,
    totalSegments: resource.totalSegments,
    progress: resource.progress,
    requestId: resource.options.requestId,
    startedMs: resource.startedMs,
    window: undefined,
  };
}

function ofIncoming(resource: IncomingResource): ResourceSnapshot {
  return {
    direction: 'in',
    originalHash: resource.originalHash,
    status: resource.status,
    totalBytes: resource.totalBytes,
    segmentIndex: resource.segmentIndex,
    totalSegments: resource.totalSegments,
    progress: resource.progress,
    requestId: resource.requestId,
    startedMs: resource.startedMs,
    window: resource.segment?.window.size,
  };
}

function ofChannel(channel: Channel): ChannelSnapshot {
  const { sequences } = channel;
  const { size, max, min } = channel.window;
  return {
    window: size,
    windowMax: max,
    windowMin: min,
    outstanding: channel.outstanding,
    early: channel.early,
    sendSequence: sequences.send,
    receiveSequence: sequences.receive,
  };
}
