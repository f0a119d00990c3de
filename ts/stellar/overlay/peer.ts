/**
 * One connection to a node of the overlay: the handshake, the messages that concern the connection
 * itself, and what a node can ask of it. Everything else goes to the node as `message` effects.
 *
 * Start reading here; then `peer-link.ts` below it and `peer-contract.ts` around it.
 * @see overlay/Peer.cpp (stellar-core v27) @module
 */
import type { Millis } from '../../base/clock.ts';
import { assertNever, ProtocolError } from '../../base/errors.ts';
import { sha256 } from '../../crypto/provider.ts';
import type { StellarMessage } from '../xdr/message.ts';
import {
  AUTH_MSG_FLAG_FLOW_CONTROL_BYTES_REQUESTED,
  ErrorCode,
  MessageType,
  type AuthCert,
  type DontHave,
  type Hello,
  type PeerAddress,
  type SError,
} from '../xdr/overlay.ts';
import {
  addressFromXdr,
  addressToXdr,
  formatAddress,
  isEmptyAddress,
  isLocalhost,
  isPrivateAddress,
  sameAddress,
  type NodeAddress,
} from './address.ts';
import { GET_SCP_STATE_MAX_RATE, MAX_PEERS_SENT, QUERY_RESPONSE_MULTIPLIER } from './config.ts';
import { certFault, helloFault, helloMessage } from './handshake.ts';
import type { PeerNode } from './local-node.ts';
import { errorCodeName, messageTypeName, sanitizedText, shortNodeName } from './message-summary.ts';
import { PeerRole, PeerState, type PeerEffect, type PeerIdentity } from './peer-contract.ts';
import { peerInfo, type PeerInfo } from './peer-info.ts';
import { PeerLink, type PeerOptions, type Tracked } from './peer-link.ts';
import { Ping } from './ping.ts';
import { QueryLimit } from './query-limit.ts';

/** A peer; made by `LocalNode.initiate` and `LocalNode.accept`. */
export class Peer extends PeerLink implements PeerIdentity {
  readonly ping: Ping = new Ping();
  readonly txSetQueries: QueryLimit = new QueryLimit();
  readonly quorumSetQueries: QueryLimit = new QueryLimit();
  readonly scpStateQueries: QueryLimit = new QueryLimit();
  readonly #nonce: Uint8Array;
  #address: NodeAddress;
  #hello: Hello | undefined;
  #nodeId: Uint8Array | undefined;
  #gotPeers = false;

  /** @param address - of the other side; port 0 when it called us */
  constructor(
    node: PeerNode,
    role: PeerRole,
    address: NodeAddress,
    now: Millis,
    options: PeerOptions = {}
  ) {
    const called = role === PeerRole.WE_CALLED_REMOTE;
    const state = called ? PeerState.CONNECTING : PeerState.CONNECTED;
    super(node, role, state, now, options);
    this.#address = address;
    this.#nonce = node.random.bytes(32);
  }

  /** Where the other side listens, as far as is known. */
  get address(): NodeAddress {
    return this.#address;
  }

  /** The other side's public key, once its HELLO was accepted. */
  get nodeId(): Uint8Array | undefined {
    return this.#nodeId;
  }

  /** The other side's HELLO, once its certificate was accepted. */
  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** Program and version that the other side claims. */
  get remoteVersion(): string {
    return new TextDecoder().decode(this.#hello?.versionStr);
  }

  /** Highest overlay version that the other side claims; 0 before its HELLO. */
  get remoteOverlayVersion(): number {
    return this.#hello?.overlayVersion ?? 0;
  }

  /** Time since the connection began. */
  lifeTimeMs(now: Millis): number {
    return now - this.metrics.connectedAt;
  }

  /** For logs: the address. */
  override toString(): string {
    return formatAddress(this.#address);
  }

  /** The peer as the reference's HTTP interface shows it. */
  jsonInfo(compact: boolean, now: Millis): PeerInfo {
    return peerInfo(this, compact, now);
  }

  /** The connection that we opened is there: say HELLO. */
  connected(now: Millis): readonly PeerEffect[] {
    return this.call(now, () => {
      if (this.state !== PeerState.CONNECTING) return;
      this.setState(PeerState.CONNECTED);
      this.#sendHello(now);
    });
  }

  /** Send AUTH; only trials of a wrong order need to. */
  sendAuth(now: Millis): readonly PeerEffect[] {
    return this.send(AUTH_MESSAGE, now);
  }

  /** Measure a round trip now, unless an answer is due; the timer does so by itself as well. */
  startPing(now: Millis): readonly PeerEffect[] {
    return this.call(now, () => this.pingPeer(now));
  }

  /** The network takes larger transactions: raise the peer's credit, and let it know. */
  handleMaxTxSizeIncrease(increaseBytes: number, now: Millis): void {
    if (increaseBytes <= 0) return;
    this.flow.handleTxSizeIncrease(increaseBytes);
    const grant = { numMessages: 0, numBytes: increaseBytes };
    this.enqueue({ type: MessageType.SEND_MORE_EXTENDED, value: grant }, now);
  }

  /** The certificate that HELLO carries; trials of damaged ones replace it. */
  protected cert(now: Millis): AuthCert {
    return this.node.auth.cert(now);
  }

  protected identity(): PeerIdentity {
    return this;
  }

  protected pingPeer(now: Millis): void {
    if (!this.isAuthenticated) return;
    const hash = this.ping.start(this.node.random, now);
    if (hash === undefined) return;
    this.sendMessage({ type: MessageType.GET_SCP_QUORUMSET, value: hash }, now);
  }

  protected handle(tracked: Tracked, now: Millis): boolean {
    const { message, bytes, key } = tracked;
    const { type } = message;
    const { host, scheduled } = this.node;
    if (isForLedger(type) && !host.ledger.isSynced) return true;
    const isEarly =
      type !== MessageType.HELLO && type !== MessageType.AUTH && type !== MessageType.ERROR_MSG;
    if (isEarly && !this.isAuthenticated) {
      const name = messageTypeName(type);
      this.dropPeer(`received ${name} before completed handshake`, 'we-dropped-remote', now);
      return true;
    }
    if (type === MessageType.PEERS && this.role === PeerRole.REMOTE_CALLED_US) {
      this.dropPeer('received PEERS', 'we-dropped-remote', now);
      return true;
    }
    scheduled.record(type, bytes, key, this.metrics);
    switch (message.type) {
      case MessageType.ERROR_MSG:
        this.#receiveError(message.value, now);
        return true;
      case MessageType.HELLO:
        this.#receiveHello(message.value, now);
        return true;
      case MessageType.AUTH:
        this.#receiveAuth(message.value.flags, now);
        return true;
      case MessageType.PEERS:
        this.#receivePeers(message.value, now);
        return true;
      case MessageType.SEND_MORE:
      case MessageType.SEND_MORE_EXTENDED:
        this.#receiveSendMore(message, now);
        return true;
      case MessageType.GET_TX_SET:
        this.#receiveGetTxSet(message.value, now);
        return true;
      case MessageType.GET_SCP_QUORUMSET:
        this.#receiveGetQuorumSet(message.value, now);
        return true;
      case MessageType.GET_SCP_STATE:
        return !this.#admitScpState(now);
      case MessageType.DONT_HAVE:
        this.#answerPing(message.value.reqHash, now);
        return false;
      case MessageType.SCP_QUORUMSET:
        // The hash is that of the set alone, without the message's discriminant.
        if (this.ping.isUnderWay) this.#answerPing(sha256(bytes.subarray(4)), now);
        return false;
      case MessageType.TX_SET:
      case MessageType.GENERALIZED_TX_SET:
      case MessageType.TRANSACTION:
      case MessageType.SCP_MESSAGE:
      case MessageType.FLOOD_ADVERT:
      case MessageType.FLOOD_DEMAND:
      case MessageType.TIME_SLICED_SURVEY_REQUEST:
      case MessageType.TIME_SLICED_SURVEY_RESPONSE:
      case MessageType.TIME_SLICED_SURVEY_START_COLLECTING:
      case MessageType.TIME_SLICED_SURVEY_STOP_COLLECTING:
        return false;
      default:
        return assertNever(message);
    }
  }

  #sendHello(now: Millis): void {
    const { config, auth } = this.node;
    this.sendMessage(helloMessage(config, auth, this.cert(now), this.#nonce), now);
  }

  #receiveHello(hello: Hello, now: Millis): void {
    const { host, auth, config } = this.node;
    const silently = (reason: string): void => this.dropPeer(reason, 'we-dropped-remote', now);
    if (this.state >= PeerState.GOT_HELLO) return silently('received unexpected HELLO');
    const fault = certFault(auth, hello, now);
    if (fault !== undefined) return silently(fault);
    const nodeId = hello.peerID.value.slice();
    if (host.isBanned(nodeId)) return silently('node is banned');
    if (!this.#setKeys(hello)) return silently('Bad crypto request');
    this.#hello = { ...hello, versionStr: hello.versionStr.slice() };
    this.#nodeId = nodeId;
    this.flow.setPeerId(shortNodeName(nodeId));
    this.setState(PeerState.GOT_HELLO);
    if (isEmptyAddress(this.#address)) return silently('failed to determine remote address');
    // Only the low 16 bits, as in the reference; other ports are refused below.
    this.#address = { ip: this.#address.ip, port: hello.listeningPort & 0xffff };
    // Even when an error follows: the peer cannot read one before it has our HELLO.
    if (this.role === PeerRole.REMOTE_CALLED_US) this.#sendHello(now);
    const refusal = helloFault(config, auth, hello);
    if (refusal !== undefined) {
      this.sendErrorAndDrop(ErrorCode.ERR_CONF, refusal, now);
      return;
    }
    host.identified(this);
    if (host.isConnectedTo(nodeId, this)) {
      const text = `already-connected peer: ${shortNodeName(nodeId)}`;
      this.sendErrorAndDrop(ErrorCode.ERR_CONF, text, now);
      return;
    }
    if (this.role === PeerRole.WE_CALLED_REMOTE) this.sendMessage(AUTH_MESSAGE, now);
  }

  #setKeys(hello: Hello): boolean {
    const { auth } = this.node;
    const theirs = hello.cert.pubkey.key;
    try {
      this.mac.setSendKey(auth.sendingKey(theirs, this.#nonce, hello.nonce, this.role));
      this.mac.setReceiveKey(auth.receivingKey(theirs, this.#nonce, hello.nonce, this.role));
      return true;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return false;
    }
  }

  #receiveAuth(flags: number, now: Millis): void {
    const { host } = this.node;
    if (this.state !== PeerState.GOT_HELLO) {
      this.sendErrorAndDrop(ErrorCode.ERR_MISC, 'out-of-order AUTH message', now);
      return;
    }
    this.setState(PeerState.GOT_AUTH);
    if (this.role === PeerRole.REMOTE_CALLED_US) {
      this.sendMessage(AUTH_MESSAGE, now);
      this.#sendPeers(now);
    }
    if (flags !== AUTH_MSG_FLAG_FLOW_CONTROL_BYTES_REQUESTED) {
      this.sendErrorAndDrop(ErrorCode.ERR_CONF, 'flow control bytes disabled', now);
      return;
    }
    host.handshaken(this);
    if (!host.accept(this, now)) {
      this.sendErrorAndDrop(ErrorCode.ERR_LOAD, 'peer rejected', now);
      return;
    }
    // The grant comes first: the peer may answer GET_SCP_STATE with flood messages.
    this.sendGrant(this.flow.initialGrant(), now);
    this.effect({ kind: 'authenticated' });
    const value = host.ledger.minLedgerToAsk;
    this.sendMessage({ type: MessageType.GET_SCP_STATE, value }, now);
  }

  #sendPeers(now: Millis): void {
    const addresses = this.node.host.peersToSend(MAX_PEERS_SENT, this);
    if (addresses.length === 0) return;
    const value = addresses.slice(0, MAX_PEERS_SENT).map((address) => addressToXdr(address));
    this.sendMessage({ type: MessageType.PEERS, value }, now);
  }

  #receivePeers(peers: readonly PeerAddress[], now: Millis): void {
    if (this.#gotPeers) {
      this.dropPeer('too many msgs PEERS', 'we-dropped-remote', now);
      return;
    }
    this.#gotPeers = true;
    const { config, host } = this.node;
    const own = { ip: this.#address.ip, port: config.listeningPort };
    const wanted = peers.flatMap((peer) => {
      const address = addressFromXdr(peer);
      if (address === undefined) return [];
      if (isPrivateAddress(address) && !config.allowPrivateAddresses) return [];
      if (sameAddress(address, own)) return [];
      return isLocalhost(address) && !config.allowLocalhost ? [] : [address];
    });
    host.heardOf(wanted);
  }

  #receiveError({ code, msg }: SError, now: Millis): void {
    const reason = `${errorCodeName(code)} (${sanitizedText(msg)})`;
    this.dropPeer(reason, 'remote-dropped-us', now, code);
  }

  #receiveSendMore(message: StellarMessage, now: Millis): void {
    const fault = this.flow.sendMoreFault(message);
    if (fault !== undefined) {
      this.dropPeer(fault, 'we-dropped-remote', now);
      return;
    }
    if (message.type !== MessageType.SEND_MORE_EXTENDED) return;
    this.flow.takeGrant(message.value, now);
    this.sendNextBatch(now);
  }

  #receiveGetTxSet(hash: Uint8Array, now: Millis): void {
    if (!this.#mayQuery(this.txSetQueries, now)) return;
    const { host } = this.node;
    const found = host.txSet(hash);
    const type = host.ledger.hasGeneralizedTxSets
      ? MessageType.GENERALIZED_TX_SET
      : MessageType.TX_SET;
    if (found === undefined) this.#sendDontHave({ type, reqHash: hash }, now);
    else this.sendMessage(found, now);
    this.txSetQueries.note();
  }

  #receiveGetQuorumSet(hash: Uint8Array, now: Millis): void {
    if (!this.#mayQuery(this.quorumSetQueries, now)) return;
    const value = this.node.host.quorumSet(hash);
    const type = MessageType.SCP_QUORUMSET;
    if (value === undefined) this.#sendDontHave({ type, reqHash: hash }, now);
    else this.sendMessage({ type, value }, now);
    this.quorumSetQueries.note();
  }

  #admitScpState(now: Millis): boolean {
    const limit = this.scpStateQueries;
    if (!limit.allows(this.#queryWindowMs(), GET_SCP_STATE_MAX_RATE, now)) return false;
    limit.note();
    return true;
  }

  #mayQuery(limit: QueryLimit, now: Millis): boolean {
    const windowMs = this.#queryWindowMs();
    return limit.allows(windowMs, Math.floor(windowMs / 1000) * QUERY_RESPONSE_MULTIPLIER, now);
  }

  #queryWindowMs(): number {
    return this.node.host.ledger.expectedCloseMs * this.node.config.maxSlotsToRemember;
  }

  #sendDontHave(value: DontHave, now: Millis): void {
    this.sendMessage({ type: MessageType.DONT_HAVE, value }, now);
  }

  #answerPing(hash: Uint8Array, now: Millis): void {
    const latencyMs = this.ping.answer(hash, now);
    if (latencyMs === undefined) return;
    this.node.metrics.timer('connection.latency').update(latencyMs, now);
    this.effect({ kind: 'pong', latencyMs });
  }
}

const AUTH_MESSAGE: StellarMessage = {
  type: MessageType.AUTH,
  value: { flags: AUTH_MSG_FLAG_FLOW_CONTROL_BYTES_REQUESTED },
};

/** Messages that mean nothing to a node that does not follow the ledger. */
function isForLedger(type: MessageType): boolean {
  return (
    type === MessageType.TRANSACTION ||
    type === MessageType.FLOOD_ADVERT ||
    type === MessageType.FLOOD_DEMAND
  );
}
