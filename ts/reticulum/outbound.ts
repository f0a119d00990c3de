/**
 * Sending: by the known path, into transport when it has more than one hop, else on every interface.
 * @module
 * @see RNS/Transport.py _outbound (RNS 1.5.7)
 */
import type { Core } from './core.ts';
import { InterfaceMode, type InterfaceId, type InterfaceState } from './interface.ts';
import { DestinationType, PacketType } from './packet.ts';
import type { PathTable } from './paths.ts';
import { hashOfFrame, intoTransport } from './received-packet.ts';

/** Sends frames that have the short header. */
export class Outbound {
  readonly #core: Core;
  readonly #paths: PathTable;

  constructor(core: Core, paths: PathTable) {
    this.#core = core;
    this.#paths = paths;
  }

  /**
   * Send a frame to wherever it is for.
   * @param attached - only on this interface
   * @returns whether any interface took it
   */
  send(raw: Uint8Array, attached?: InterfaceId): boolean {
    const destinationHash = raw.subarray(2, 18);
    const flags = raw[0] as number;
    const packetType = flags & 3;
    const destinationType = (flags >> 2) & 3;
    const routed =
      packetType !== PacketType.ANNOUNCE &&
      (destinationType === DestinationType.SINGLE || destinationType === DestinationType.LINK);
    const path = routed ? this.#paths.get(destinationHash) : undefined;
    if (path === undefined) return this.#broadcast(raw, packetType, attached);
    const frame = path.hops > 1 ? intoTransport(raw, path.nextHop) : raw;
    if (!this.#core.transmit(path.interfaceId, frame)) return false;
    this.#paths.touch(path, this.#core.now);
    return true;
  }

  #broadcast(raw: Uint8Array, packetType: number, attached: InterfaceId | undefined): boolean {
    const core = this.#core;
    let sent = false;
    for (const state of core.interfaces.values()) {
      if (attached !== undefined && state.id !== attached) continue;
      if (packetType === PacketType.ANNOUNCE && !this.#announces(state, attached)) continue;
      // An offline interface is passed over in silence here: others may take the packet.
      if (!state.online || !core.transmit(state.id, raw)) continue;
      if (packetType === PacketType.ANNOUNCE) state.counters.announcesOut += 1;
      sent = true;
    }
    // What was sent is not handled again when another node repeats it.
    if (sent) core.seen.add(hashOfFrame(raw));
    return sent;
  }

  /** Access points hear no announces except where one was asked for. */
  #announces(state: InterfaceState, attached: InterfaceId | undefined): boolean {
    return attached !== undefined || state.mode !== InterfaceMode.ACCESS_POINT;
  }
}
