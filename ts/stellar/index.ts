/**
 * `tesserae/stellar`: the XDR types of Stellar with their codecs, JSON form and StrKey, the record
 * marking of its connections and files, and the overlay: authenticated, flow-controlled connections
 * between nodes. The types are also `tesserae/stellar/xdr`. See README.md in this folder and in
 * `overlay/`. @module
 */
export * as xdr from './xdr/index.ts';
export { fromJson } from './xdr/json/from-json.ts';
export { toJson, type JsonValue } from './xdr/json/to-json.ts';
export * from '../codec/record-marking.ts';
export type { ValueOf, XdrCodec } from '../codec/xdr.ts';
export { PackedOpaques, type OpaqueList } from '../codec/xdr-list.ts';
export {
  XDR_MAX_BYTES,
  XDR_MAX_DEPTH,
  XDR_MAX_ITEMS,
  XdrReader,
  type XdrLimits,
} from '../codec/xdr-reader.ts';
export { XdrWriter } from '../codec/xdr-writer.ts';
export * from '../crypto/strkey.ts';
export * from './overlay/address.ts';
export { PeerAuth } from './overlay/auth.ts';
export {
  DEFAULT_CONFIG,
  WIDEST_VERSIONS,
  overlayConfig,
  type OverlayConfig,
} from './overlay/config.ts';
export { Connections } from './overlay/connections.ts';
export { FloodPriority, isFloodMessage } from './overlay/flood-queues.ts';
export { FlowControl, type FlowControlInfo, type Grant } from './overlay/flow-control.ts';
export {
  DEFAULT_LEDGER,
  LocalNode,
  type MutableLedgerView,
  type NodeOptions,
  type NodeServices,
} from './overlay/local-node.ts';
export { LoopbackEnd, connectLoopback, type LineStats } from './overlay/loopback.ts';
export { errorCodeName, messageSummary, messageTypeName } from './overlay/message-summary.ts';
export { OverlayMetrics, PeerMetrics } from './overlay/metrics.ts';
export { NetworkPassphrase, networkId } from './overlay/network.ts';
export { Peer } from './overlay/peer.ts';
export * from './overlay/peer-contract.ts';
export type { PeerInfo } from './overlay/peer-info.ts';
export type { PeerOptions } from './overlay/peer-link.ts';
export { PeerRunner, type PeerListener, type Timers, type Wire } from './overlay/peer-runner.ts';
export { digestKey, messageHash } from './overlay/scheduled.ts';
export { isNewerStatement } from './overlay/statement-order.ts';
export { VirtualNetwork } from './overlay/virtual-network.ts';
