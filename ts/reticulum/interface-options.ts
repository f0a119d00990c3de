/**
 * The options of each kind of interface, out of its section of the configuration.
 * @module
 * @see RNS/Interfaces, the constructor of each kind (RNS 1.5.7)
 */
import { utf8 } from '../base/bytes.ts';
import type { InterfaceSettings } from './config-interfaces.ts';
import { positive, type SectionReader } from './config-reading.ts';
import { AutoConstants, DISCOVERY_SCOPES, type DiscoveryScope } from './interface-auto.ts';
import type { FramingName } from './interface-framing.ts';
import { findBadSetting, type RadioSettings } from './interface-rnode-commands.ts';
import { CALLSIGN_MAX_BYTES, type RNodeOptions } from './interface-rnode.ts';
import { TNC_DEFAULTS, type Ax25Address, type Beacon, type TncOptions } from './interface-tnc.ts';
import { MTU } from './packet.ts';

/** Options of TCPClientInterface and BackboneClientInterface. */
export interface TcpClientSettings {
  readonly host: string;
  readonly port: number;
  readonly framing: FramingName;
  /** Whether the way goes through an I2P tunnel, which is slow to answer. */
  readonly i2pTunneled: boolean;
  readonly connectTimeoutMs: number;
  /** Attempts after a lost connection before giving up; absent means for ever. */
  readonly maxReconnectTries: number | undefined;
  readonly fixedMtu: number | undefined;
}

/** Options of TCPServerInterface and BackboneInterface. */
export interface TcpServerSettings {
  /** Address to listen on, unless a device is named. */
  readonly host: string;
  readonly port: number;
  /** System interface whose address is listened on. */
  readonly device: string | undefined;
  readonly preferIpv6: boolean;
  readonly i2pTunneled: boolean;
}

/** Options of UDPInterface. */
export interface UdpSettings {
  readonly device: string | undefined;
  readonly listenHost: string | undefined;
  readonly listenPort: number | undefined;
  readonly forwardHost: string | undefined;
  readonly forwardPort: number | undefined;
}

/** Options of PipeInterface. */
export interface PipeSettings {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly respawnDelayMs: number;
}

/** Options of AutoInterface. */
export interface AutoSettings {
  readonly groupId: string;
  readonly scope: DiscoveryScope;
  readonly permanentAddress: boolean;
  readonly discoveryPort: number;
  readonly dataPort: number;
  readonly devices: readonly string[];
  readonly ignoredDevices: readonly string[];
}

/** How a serial port is opened. */
export interface SerialSettings {
  readonly path: string;
  readonly baudRate: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** Options of WebSocketClientInterface. */
export interface WebSocketClientSettings {
  readonly url: string;
}

/** Options of WebSocketServerInterface. */
export interface WebSocketServerSettings {
  readonly host: string;
  readonly port: number;
  /** Path that clients must ask for; any unless set. */
  readonly path: string | undefined;
  /** Origins of the pages that may connect, or `*`; pages of this machine unless set. */
  readonly origins: readonly string[] | '*' | undefined;
}

/** How long an attempt to connect may take. @see RNS/Interfaces/TCPInterface.py */
const CONNECT_TIMEOUT_MS = 5000;
const RESPAWN_DELAY_S = 5;
/** Servers are reached from this machine only, unless the configuration says otherwise. */
const LOOPBACK = '127.0.0.1';

/** Options of a TCP or Backbone client. @throws ProtocolError `RNS_CONFIG` */
export function readTcpClient({ options, type }: InterfaceSettings): TcpClientSettings {
  const backbone = type.startsWith('Backbone');
  const remote = backbone ? options.filled('remote') : undefined;
  const common = backbone ? options.port('port') : undefined;
  const settings = {
    host: remote ?? options.filled('target_host') ?? missing(options, 'target_host'),
    port: common ?? options.port('target_port') ?? missing(options, 'target_port'),
    framing: options.bool('kiss_framing') === true ? ('kiss' as const) : ('hdlc' as const),
    i2pTunneled: options.bool('i2p_tunneled') ?? false,
    connectTimeoutMs:
      (options.int('connect_timeout', positive) ?? CONNECT_TIMEOUT_MS / 1000) * 1000,
    maxReconnectTries: options.int('max_reconnect_tries', (value) => value >= 0),
    fixedMtu: options.int('fixed_mtu', (value) => value !== 0),
  };
  options.know('prefer_ipv6');
  if (settings.fixedMtu !== undefined && settings.fixedMtu < MTU) {
    throw options.section.error('fixed_mtu', `must be at least ${MTU}`);
  }
  return done(options, settings);
}

/** Options of a TCP or Backbone server. @throws ProtocolError `RNS_CONFIG` */
export function readTcpServer({ options, type }: InterfaceSettings): TcpServerSettings {
  const port = options.port('port');
  const listenOn = type.startsWith('Backbone') ? options.filled('listen_on') : undefined;
  options.know('block_fast_flapping', 'fast_flapping_threshold');
  options.know('fast_flapping_grace', 'fast_flapping_block_time');
  return done(options, {
    host: listenOn ?? options.filled('listen_ip') ?? LOOPBACK,
    port: port ?? options.port('listen_port') ?? missing(options, 'listen_port'),
    device: options.filled('device'),
    preferIpv6: options.bool('prefer_ipv6') ?? false,
    i2pTunneled: options.bool('i2p_tunneled') ?? false,
  });
}

/** Whether a BackboneInterface section describes a client. */
export function isBackboneClient({ type, options }: InterfaceSettings): boolean {
  const { section } = options;
  if (type === 'BackboneClientInterface') return true;
  return section.has('target_host') || section.has('remote');
}

/** Options of a UDP interface. @throws ProtocolError `RNS_CONFIG` */
export function readUdp({ options }: InterfaceSettings): UdpSettings {
  const port = options.port('port');
  const settings = {
    device: options.filled('device'),
    listenHost: options.filled('listen_ip'),
    listenPort: options.port('listen_port') ?? port,
    forwardHost: options.filled('forward_ip'),
    forwardPort: options.port('forward_port') ?? port,
  };
  const { device, listenHost, listenPort, forwardHost, forwardPort } = settings;
  const listens = listenPort !== undefined && (listenHost ?? device) !== undefined;
  const forwards = forwardPort !== undefined && (forwardHost ?? device) !== undefined;
  if (!listens && !forwards) {
    throw options.section.error('listen_ip', 'neither an address to listen on nor one to send to');
  }
  return done(options, settings);
}

/** Options of a pipe. @throws ProtocolError `RNS_CONFIG` */
export function readPipe({ options }: InterfaceSettings): PipeSettings {
  const text = options.filled('command') ?? missing(options, 'command');
  const command = splitCommand(text);
  if (command === undefined || command.length === 0) {
    throw options.section.error('command', 'quotes are not closed');
  }
  const delay = options.float('respawn_delay', (value) => value >= 0) ?? RESPAWN_DELAY_S;
  return done(options, { command, respawnDelayMs: delay * 1000 });
}

/** Options of an AutoInterface. @throws ProtocolError `RNS_CONFIG` */
export function readAuto({ options }: InterfaceSettings): AutoSettings & { bitrateBps?: number } {
  const bitrate = options.int('configured_bitrate', positive);
  return done(options, {
    groupId: options.text('group_id') ?? AutoConstants.DEFAULT_GROUP_ID,
    scope: readScope(options),
    permanentAddress: options.text('multicast_address_type')?.toLowerCase() === 'permanent',
    discoveryPort: options.port('discovery_port') ?? AutoConstants.DEFAULT_DISCOVERY_PORT,
    dataPort: options.port('data_port') ?? AutoConstants.DEFAULT_DATA_PORT,
    devices: options.list('devices') ?? [],
    ignoredDevices: options.list('ignored_devices') ?? [],
    ...(bitrate === undefined ? {} : { bitrateBps: bitrate }),
  });
}

function readScope(options: SectionReader): DiscoveryScope {
  const word = options.text('discovery_scope')?.toLowerCase() ?? 'link';
  if (Object.hasOwn(DISCOVERY_SCOPES, word)) return word as DiscoveryScope;
  // The reference fails on other words when it looks the scope up.
  const words = Object.keys(DISCOVERY_SCOPES).join(', ');
  throw options.section.error('discovery_scope', `must be one of ${words}, got "${word}"`);
}

/** Options of a serial line; the bit rate of the interface is that of the line. @throws ProtocolError `RNS_CONFIG` */
export function readSerial({ options }: InterfaceSettings): SerialSettings {
  return done(options, serialPort(options, 9600));
}

/** Options of a TNC, in KISS or in AX.25 over KISS. @throws ProtocolError `RNS_CONFIG` */
export function readTnc(
  { options }: InterfaceSettings,
  maxBytes: number,
  ax25: boolean
): { readonly port: SerialSettings; readonly tnc: TncOptions } {
  const port = serialPort(options, 9600);
  const tnc: TncOptions = {
    maxBytes,
    preambleMs: options.int('preamble') ?? TNC_DEFAULTS.preambleMs,
    txTailMs: options.int('txtail') ?? TNC_DEFAULTS.txTailMs,
    persistence: options.int('persistence') ?? TNC_DEFAULTS.persistence,
    slotTimeMs: options.int('slottime') ?? TNC_DEFAULTS.slotTimeMs,
    flowControl: options.bool('flow_control') ?? TNC_DEFAULTS.flowControl,
    beacon: ax25 ? undefined : readBeacon(options),
    ax25: ax25 ? readAx25(options) : undefined,
  };
  return done(options, { port, tnc });
}

/** Options of an RNode, and where it is: a serial port, or `tcp://host`. @throws ProtocolError `RNS_CONFIG` */
export function readRNode({ options }: InterfaceSettings): {
  readonly place: { readonly path: string } | { readonly host: string };
  readonly node: RNodeOptions;
} {
  const path = options.filled('port') ?? missing(options, 'port');
  if (path.toLowerCase().startsWith('ble://')) {
    throw options.section.error('port', 'Bluetooth is not available here');
  }
  const host = /^tcp:\/\/(.+)$/i.exec(path)?.[1];
  const radio = readRadio(options);
  const beacon = readBeacon(options);
  if (beacon !== undefined && beacon.data.length > CALLSIGN_MAX_BYTES) {
    throw options.section.error('id_callsign', `has more than ${CALLSIGN_MAX_BYTES} bytes`);
  }
  const node: RNodeOptions = {
    radio,
    flowControl: options.bool('flow_control') ?? false,
    beacon,
    connection: host === undefined ? 'serial' : 'tcp',
  };
  return done(options, { place: host === undefined ? { path } : { host }, node });
}

/** Options of a WebSocket client. @throws ProtocolError `RNS_CONFIG` */
export function readWebSocketClient({ options }: InterfaceSettings): WebSocketClientSettings {
  const url = options.filled('url') ?? missing(options, 'url');
  if (!/^wss?:\/\/[^\s/]/.test(url)) {
    throw options.section.error('url', 'must start with ws:// or wss://');
  }
  return done(options, { url });
}

/** Options of a WebSocket server. @throws ProtocolError `RNS_CONFIG` */
export function readWebSocketServer({ options }: InterfaceSettings): WebSocketServerSettings {
  const origins = options.list('origins');
  const path = options.filled('path');
  if (path !== undefined && !path.startsWith('/')) {
    throw options.section.error('path', 'must start with a slash');
  }
  return done(options, {
    host: options.filled('listen_ip') ?? LOOPBACK,
    port: options.port('listen_port') ?? missing(options, 'listen_port'),
    path,
    origins: origins?.includes('*') === true ? '*' : origins,
  });
}

const RADIO_KEYS: Readonly<Record<keyof RadioSettings, string>> = {
  frequencyHz: 'frequency',
  bandwidthHz: 'bandwidth',
  txPowerDbm: 'txpower',
  spreadingFactor: 'spreadingfactor',
  codingRate: 'codingrate',
  airtimeLimitShort: 'airtime_limit_short',
  airtimeLimitLong: 'airtime_limit_long',
};

function readRadio(options: SectionReader): RadioSettings {
  const radio: RadioSettings = {
    frequencyHz: options.int(RADIO_KEYS.frequencyHz) ?? 0,
    bandwidthHz: options.int(RADIO_KEYS.bandwidthHz) ?? 0,
    txPowerDbm: options.int(RADIO_KEYS.txPowerDbm) ?? 0,
    spreadingFactor: options.int(RADIO_KEYS.spreadingFactor) ?? 0,
    codingRate: options.int(RADIO_KEYS.codingRate) ?? 0,
    airtimeLimitShort: options.float(RADIO_KEYS.airtimeLimitShort),
    airtimeLimitLong: options.float(RADIO_KEYS.airtimeLimitLong),
  };
  const bad = findBadSetting(radio);
  if (bad === undefined) return radio;
  throw options.section.error(RADIO_KEYS[bad.name as keyof RadioSettings], bad.text);
}

function readBeacon(options: SectionReader): Beacon | undefined {
  const intervalS = options.int('id_interval');
  const callsign = options.text('id_callsign');
  if (intervalS === undefined || callsign === undefined) return undefined;
  return { data: utf8(callsign), intervalMs: intervalS * 1000 };
}

function readAx25(options: SectionReader): Ax25Address {
  const callsign = options.text('callsign') ?? '';
  if (!/^[\x20-\x7e]{3,6}$/.test(callsign)) {
    throw options.section.error('callsign', 'must have 3 to 6 ASCII characters');
  }
  const ssid = options.int('ssid') ?? -1;
  if (ssid < 0 || ssid > 15) throw options.section.error('ssid', 'must be 0..15');
  return { callsign, ssid };
}

function serialPort(options: SectionReader, baudRate: number): SerialSettings {
  const path = options.filled('port') ?? missing(options, 'port');
  const dataBits = options.int('databits') ?? 8;
  const stopBits = options.int('stopbits') ?? 1;
  if (dataBits !== 5 && dataBits !== 6 && dataBits !== 7 && dataBits !== 8) {
    throw options.section.error('databits', 'must be 5..8');
  }
  if (stopBits !== 1 && stopBits !== 2) throw options.section.error('stopbits', 'must be 1 or 2');
  const word = options.text('parity')?.toLowerCase() ?? 'n';
  const parity =
    word === 'e' || word === 'even' ? 'even' : word === 'o' || word === 'odd' ? 'odd' : 'none';
  const speed = options.int('speed', positive) ?? baudRate;
  return { path, baudRate: speed, dataBits, parity, stopBits };
}

/** Cut a command into words as a shell does: quotes hold together, a backslash takes one character. */
function splitCommand(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === quote) {
      quote = '';
    } else if (character === '\\' && quote !== "'") {
      const next = text[at + 1];
      if (next === undefined) return undefined;
      // Within double quotes it only takes itself and the quote.
      const plain = quote === '"' && next !== '"' && next !== '\\';
      word = (word ?? '') + (plain ? character + next : next);
      at += 1;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

function missing(options: SectionReader, key: string): never {
  throw options.section.error(key, 'is missing');
}

/** Options are read: whatever else the section holds is not known. */
function done<T>(options: SectionReader, settings: T): T {
  options.warnOfUnknown();
  return settings;
}
