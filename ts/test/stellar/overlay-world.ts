/** Nodes on a virtual clock, each with a record of what it learned of the others. @module */
import { SeededRandom } from '../../base/random.ts';
import { fromHex } from '../../base/hex.ts';
import { LocalNode, type NodeServices } from '../../stellar/overlay/local-node.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { connectLoopback, type LoopbackEnd } from '../../stellar/overlay/loopback.ts';
import { formatAddress, type NodeAddress } from '../../stellar/overlay/address.ts';
import { PeerRole, PeerState, type LedgerView } from '../../stellar/overlay/peer-contract.ts';
import { VirtualNetwork } from '../../stellar/overlay/virtual-network.ts';
import { MessageMac } from '../../stellar/overlay/mac.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { SCPStatementType, type SCPStatementPledges } from '../../stellar/xdr/scp.ts';
import { assert } from '../support/assert.ts';

export type AddressKind = 'inbound' | 'outbound';

/** A node and what it knows. */
export class TestNode {
  readonly node: LocalNode;
  readonly known: Map<string, AddressKind> = new Map();
  readonly heard: NodeAddress[] = [];
  readonly banned: Set<string> = new Set();
  peersToSend: NodeAddress[] = [];

  constructor(
    index: number,
    config: Partial<OverlayConfig>,
    ledger: Partial<LedgerView>,
    services: Partial<NodeServices>
  ) {
    this.node = new LocalNode({
      seed: new Uint8Array(32).fill(index + 1),
      random: new SeededRandom(1000 + index),
      config: { listeningPort: 20_000 + index, ...config },
      ledger,
      services: {
        isBanned: (nodeId) => this.banned.has(String(nodeId)),
        identified: ({ address, role }) => {
          const kind = role === PeerRole.WE_CALLED_REMOTE ? 'outbound' : 'inbound';
          this.known.set(formatAddress(address), kind);
        },
        peersToSend: () => this.peersToSend,
        heardOf: (addresses) => void this.heard.push(...addresses),
        ...services,
      },
    });
  }

  /** How another node is known here. */
  knows(other: TestNode): AddressKind | undefined {
    return this.known.get(`127.0.0.1:${other.node.config.listeningPort}`);
  }
}

export class World {
  readonly network: VirtualNetwork = new VirtualNetwork();
  readonly random: SeededRandom;
  #nodes = 0;

  constructor(seed: number = 7) {
    this.random = new SeededRandom(seed);
  }

  node(
    config: Partial<OverlayConfig> = {},
    ledger: Partial<LedgerView> = {},
    services: Partial<NodeServices> = {}
  ): TestNode {
    return new TestNode(this.#nodes++, config, ledger, services);
  }

  connect(initiator: TestNode, acceptor: TestNode): Line {
    const ends = connectLoopback(this.network, initiator.node, acceptor.node, this.random);
    return new Line(ends.initiator, ends.acceptor);
  }

  /** The initiator's first frame after HELLO with other flags, under the keys of that handshake. */
  forgeAuth(
    initiator: TestNode,
    acceptor: TestNode,
    helloA: Uint8Array,
    helloB: Uint8Array,
    flags: number
  ): Uint8Array {
    const nonce = (frame: Uint8Array): Uint8Array => {
      const message = StellarMessage.decode(frame.subarray(16, -32));
      assert.ok(message.type === MessageType.HELLO);
      return message.type === MessageType.HELLO ? message.value.nonce : new Uint8Array(0);
    };
    const key = initiator.node.auth.sendingKey(
      acceptor.node.auth.publicKey,
      nonce(helloA),
      nonce(helloB),
      PeerRole.WE_CALLED_REMOTE
    );
    const mac = new MessageMac();
    mac.setSendKey(key);
    const auth = StellarMessage.encode({ type: MessageType.AUTH, value: { flags } });
    return mac.seal(MessageType.AUTH, auth);
  }

  /** Two nodes that have shaken hands. */
  pair(first: Partial<OverlayConfig> = {}, second: Partial<OverlayConfig> = {}): Line & Pair {
    const a = this.node(first);
    const b = this.node(second);
    const line = this.connect(a, b);
    this.network.crank();
    line.assertAuthenticated();
    return Object.assign(line, { a, b });
  }
}

export interface Pair {
  readonly a: TestNode;
  readonly b: TestNode;
}

export class Line {
  readonly initiator: LoopbackEnd;
  readonly acceptor: LoopbackEnd;

  constructor(initiator: LoopbackEnd, acceptor: LoopbackEnd) {
    this.initiator = initiator;
    this.acceptor = acceptor;
  }

  get isAuthenticated(): boolean {
    return this.initiator.peer.isAuthenticated && this.acceptor.peer.isAuthenticated;
  }

  get isOver(): boolean {
    return (
      this.initiator.peer.state === PeerState.CLOSING &&
      this.acceptor.peer.state === PeerState.CLOSING
    );
  }

  assertAuthenticated(): void {
    const why = `${this.initiator.dropReason} / ${this.acceptor.dropReason}`;
    assert.ok(this.isAuthenticated, why);
  }

  assertOver(): void {
    assert.ok(this.isOver, `${this.initiator.peer.state} ${this.acceptor.peer.state}`);
  }

  /** Both ends have all the credit that the other gives at first. */
  hasFullCredit(): boolean {
    return [
      [this.initiator, this.acceptor],
      [this.acceptor, this.initiator],
    ].every(([from, to]) => {
      const { flow } = (from as LoopbackEnd).peer;
      const grant = (to as LoopbackEnd).peer.flow.initialGrant();
      return flow.messages.outbound === grant.numMessages && flow.bytes.outbound === grant.numBytes;
    });
  }
}

/** An unsigned payment of nothing, of about 220 bytes; `index` makes it unlike others. */
export function transaction(index: number = 0, signatures: number = 1): StellarMessage {
  const key = new Uint8Array(32).fill(9);
  return {
    type: MessageType.TRANSACTION,
    value: {
      type: 2,
      value: {
        tx: {
          sourceAccount: { type: 0, value: key },
          fee: 100,
          seqNum: BigInt(index),
          cond: { type: 1, value: { minTime: 0n, maxTime: 1_700_000_000n } },
          memo: { type: 0 },
          operations: [
            {
              sourceAccount: undefined,
              body: {
                type: 1,
                value: {
                  destination: { type: 0, value: key },
                  asset: { type: 0 },
                  amount: 1n,
                },
              },
            },
          ],
          ext: { v: 0 },
        },
        signatures: Array.from({ length: signatures }, () => ({
          hint: fromHex('01020304'),
          signature: new Uint8Array(64).fill(5),
        })),
      },
    },
  };
}

/** An SCP message of a node about a slot. */
export function scpMessage(
  nodeByte: number,
  slotIndex: bigint,
  pledges: SCPStatementPledges = externalize()
): StellarMessage {
  return {
    type: MessageType.SCP_MESSAGE,
    value: {
      statement: {
        nodeID: { type: 0, value: new Uint8Array(32).fill(nodeByte) },
        slotIndex,
        pledges,
      },
      signature: new Uint8Array(64),
    },
  };
}

const HASH = new Uint8Array(32);

export function externalize(): SCPStatementPledges {
  return {
    type: SCPStatementType.SCP_ST_EXTERNALIZE,
    value: { commit: { counter: 1, value: new Uint8Array(8) }, nH: 1, commitQuorumSetHash: HASH },
  };
}

export function prepare(counter: number = 1): SCPStatementPledges {
  return {
    type: SCPStatementType.SCP_ST_PREPARE,
    value: {
      quorumSetHash: HASH,
      ballot: { counter, value: new Uint8Array(8) },
      prepared: undefined,
      preparedPrime: undefined,
      nC: 0,
      nH: 0,
    },
  };
}

export function nominate(votes: number = 1): SCPStatementPledges {
  const value = (i: number): Uint8Array => Uint8Array.of(i, 0, 0, 0);
  return {
    type: SCPStatementType.SCP_ST_NOMINATE,
    value: {
      quorumSetHash: HASH,
      votes: Array.from({ length: votes }, (_, i) => value(i)),
      accepted: [],
    },
  };
}

/** An advert or demand of that many hashes. */
export function hashes(
  kind: 'advert' | 'demand',
  count: number,
  first: number = 0
): StellarMessage {
  const txHashes = Array.from({ length: count }, (_, i) => {
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setUint32(0, first + i);
    return hash;
  });
  const type = kind === 'advert' ? MessageType.FLOOD_ADVERT : MessageType.FLOOD_DEMAND;
  return { type, value: { txHashes } };
}
