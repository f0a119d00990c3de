/**
 * The sections below `[interfaces]`: what every interface may set, and the description that an endpoint
 * is given of it.
 * @module
 * @see RNS/Reticulum.py _synthesize_interface (RNS 1.5.7)
 */
import type { ConfigFile, ConfigSection } from './config-file.ts';
import { SectionReader, notNegative, positive, type ConfigWarning } from './config-reading.ts';
import {
  readIngress,
  readMode,
  type IngressSettings,
  type ReticulumSettings,
} from './config-settings.ts';
import { IFAC_MAX_BYTES, InterfaceAccessCode, type NetworkSecret } from './ifac.ts';
import { hwMtuOf, interfaceKind } from './interface-types.ts';
import { InterfaceMode, type InterfaceDescription, type InterfaceModeCode } from './interface.ts';

/** Bits per second below which no link can be made. @see RNS/Reticulum.py MINIMUM_BITRATE */
const MINIMUM_BITRATE_BPS = 5;
const ANNOUNCE_CAP_PERCENT = 2;
const DISCOVERY_INTERVAL_MINUTES = { least: 5, unset: 6 * 60 };

/** How an interface announces itself to others that look for interfaces. */
export interface DiscoverySettings {
  readonly announceIntervalMs: number;
  readonly stampValue: number | undefined;
  readonly name: string | undefined;
  /** 16 bytes. */
  readonly lxmfAddress: Uint8Array | undefined;
  readonly encrypt: boolean;
  /** Host name or address, or the path of a program that prints one. */
  readonly reachableOn: string | undefined;
  readonly publishIfac: boolean;
  /** Path of a program that prints the location. */
  readonly locationCommand: string | undefined;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly height: number | undefined;
  readonly frequency: number | undefined;
  readonly bandwidth: number | undefined;
  readonly modulation: number | undefined;
}

/** What an interface's section sets, in common to all kinds. */
export interface InterfaceSettings {
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly mode: InterfaceModeCode;
  readonly gravity: number;
  /** Whether packets are sent on it. */
  readonly outgoing: boolean;
  readonly bitrateBps: number | undefined;
  /** Bytes of the access code; set in bits in the file. */
  readonly ifacBytes: number;
  readonly network: NetworkSecret | undefined;
  readonly ingressControl: boolean;
  readonly egressControl: boolean;
  readonly ingress: IngressSettings;
  readonly announceRateTargetS: number | undefined;
  readonly announceRateGrace: number | undefined;
  readonly announceRatePenaltyS: number | undefined;
  /** Share of the bit rate that announces may take, above 0 and up to 1. */
  readonly announceCap: number;
  readonly bootstrapOnly: boolean;
  readonly recursivePathRequests: boolean;
  readonly announcesFromInternal: boolean;
  readonly announcesToInternal: boolean | undefined;
  /** Present when the interface is to be found by others. */
  readonly discovery: DiscoverySettings | undefined;
  /** Reads the options of the interface's own kind. */
  readonly options: SectionReader;
}

/**
 * Read every section below `[interfaces]`, in the order of the file, disabled ones too.
 * @throws ProtocolError `RNS_CONFIG` on values that are none, or without `type`
 */
export function readInterfaceSettings(
  file: ConfigFile,
  reticulum: ReticulumSettings,
  warnings: ConfigWarning[] = []
): InterfaceSettings[] {
  const sections = file.root.section('interfaces')?.sections() ?? [];
  return sections.map((section) => readInterface(section, reticulum, warnings));
}

/** What a device or an option of its kind says of an interface. */
export interface MediumFacts {
  /** Bits per second, unless the section sets them. */
  readonly bitrateBps?: number | undefined;
  /** Largest packet, set by hand. */
  readonly fixedMtu?: number | undefined;
}

/** What an endpoint needs to know of an interface with these settings. */
export function describeInterface(
  settings: InterfaceSettings,
  facts: MediumFacts = {}
): InterfaceDescription {
  const kind = interfaceKind(settings.type);
  const { network, ifacBytes } = settings;
  const bitrateBps = settings.bitrateBps ?? facts.bitrateBps ?? kind.bitrateBps;
  return {
    name: settings.name,
    mode: settings.mode,
    bitrateBps,
    hwMtu: facts.fixedMtu ?? hwMtuOf(kind, bitrateBps),
    mtuDiscovery: facts.fixedMtu !== undefined || kind.linkMtu !== 'none',
    sends: settings.outgoing,
    access: network === undefined ? undefined : InterfaceAccessCode.of(network, ifacBytes),
    ingressControl: settings.ingressControl && kind.ingressControl,
    announceRateTargetS: settings.announceRateTargetS,
    announceRateGrace: settings.announceRateGrace,
    announceRatePenaltyS: settings.announceRatePenaltyS,
    gravity: settings.gravity,
  };
}

function readInterface(
  section: ConfigSection,
  reticulum: ReticulumSettings,
  warnings: ConfigWarning[]
): InterfaceSettings {
  const reader = new SectionReader(section, warnings);
  const type = reader.filled('type');
  if (type === undefined) throw section.error('type', 'is missing');
  const discoverable = reader.bool('discoverable') ?? false;
  const limits = readIngress(reader);
  return {
    name: section.name,
    type,
    enabled: readEnabled(reader),
    mode: modeOf(reader, type, discoverable),
    gravity: reader.int('gravity') ?? reticulum.defaultGravity,
    outgoing: reader.bool('outgoing') ?? true,
    bitrateBps: reader.int('bitrate', (value) => value >= MINIMUM_BITRATE_BPS),
    ifacBytes: readIfacBytes(reader) ?? interfaceKind(type).ifacBytes,
    network: readNetwork(reader),
    ingressControl: reader.bool('ingress_control') ?? true,
    egressControl: reader.bool('egress_control') ?? reticulum.egressControl,
    ingress: { ...reticulum.ingress, ...limits },
    ...readAnnounceRate(reader, reticulum),
    announceCap: readAnnounceCap(reader),
    bootstrapOnly: reader.bool('bootstrap_only') ?? false,
    recursivePathRequests: reader.bool('recursive_prs') ?? false,
    announcesFromInternal: reader.bool('announces_from_internal') ?? true,
    announcesToInternal: reader.bool('announces_to_internal'),
    discovery: readDiscovery(reader, discoverable),
    options: reader,
  };
}

function readEnabled(reader: SectionReader): boolean {
  const words = [reader.bool('interface_enabled'), reader.bool('enabled')];
  return words.includes(true);
}

/** The mode; an interface that others are to find gets one in which they can use it. */
function modeOf(reader: SectionReader, type: string, discoverable: boolean): InterfaceModeCode {
  const key = reader.section.has('interface_mode') ? 'interface_mode' : 'mode';
  const other = readMode(reader, 'mode');
  const mode = (key === 'mode' ? other : readMode(reader, key)) ?? InterfaceMode.FULL;
  const ignoreWarnings = reader.bool('ignore_config_warnings') ?? false;
  const open: readonly InterfaceModeCode[] = [
    InterfaceMode.GATEWAY,
    InterfaceMode.ACCESS_POINT,
    InterfaceMode.INTERNAL,
  ];
  if (!discoverable || ignoreWarnings || open.includes(mode)) return mode;
  const radio = type === 'RNodeInterface' || type === 'RNodeMultiInterface';
  const word = radio ? 'access_point' : 'gateway';
  reader.warn('discoverable', `needs an open mode, so the mode is ${word}`);
  return radio ? InterfaceMode.ACCESS_POINT : InterfaceMode.GATEWAY;
}

function readIfacBytes(reader: SectionReader): number | undefined {
  const bits = reader.int('ifac_size', (value) => value >= 8);
  if (bits === undefined) return undefined;
  const bytes = Math.floor(bits / 8);
  if (bytes <= IFAC_MAX_BYTES) return bytes;
  // PARITY: the reference takes more and then sends packets that no one can read.
  throw reader.section.error('ifac_size', `must be at most ${IFAC_MAX_BYTES * 8} bits`);
}

function readNetwork(reader: SectionReader): NetworkSecret | undefined {
  const networkName = readSecret(reader, 'network_name', 'networkname');
  const passphrase = readSecret(reader, 'pass_phrase', 'passphrase');
  if (networkName === undefined && passphrase === undefined) return undefined;
  return { networkName, passphrase };
}

/** Of two spellings of a key, the first wins; an empty value means none, as does the word None. */
function readSecret(reader: SectionReader, first: string, second: string): string | undefined {
  let found: string | undefined;
  for (const key of [second, first]) {
    const value = reader.text(key);
    if (value === 'None') reader.warn(key, 'the word "None" is ignored; no value is set');
    else if (value !== undefined && value !== '') found = value;
  }
  return found;
}

type AnnounceRate = Pick<
  InterfaceSettings,
  'announceRateTargetS' | 'announceRateGrace' | 'announceRatePenaltyS'
>;

function readAnnounceRate(reader: SectionReader, reticulum: ReticulumSettings): AnnounceRate {
  const target = reader.int('announce_rate_target', positive);
  const grace = reader.int('announce_rate_grace', notNegative);
  const penalty = reader.int('announce_rate_penalty', notNegative);
  const unset = target === undefined ? undefined : 0;
  const read = {
    announceRateTargetS: target,
    announceRateGrace: grace ?? unset,
    announceRatePenaltyS: penalty ?? unset,
  };
  if (!reticulum.enableTransport) return read;
  const { announceRate } = reticulum;
  return {
    announceRateTargetS: read.announceRateTargetS ?? announceRate.targetS,
    announceRateGrace: read.announceRateGrace ?? announceRate.grace,
    announceRatePenaltyS: read.announceRatePenaltyS ?? announceRate.penaltyS,
  };
}

function readAnnounceCap(reader: SectionReader): number {
  const inRange = (value: number): boolean => value > 0 && value <= 100;
  return (reader.float('announce_cap', inRange) ?? ANNOUNCE_CAP_PERCENT) / 100;
}

const DISCOVERY_KEYS = [
  'announce_interval',
  'discovery_stamp_value',
  'discovery_name',
  'discovery_lxmf_address',
  'discovery_encrypt',
  'reachable_on',
  'publish_ifac',
  'location_cmd',
  'latitude',
  'longitude',
  'height',
  'discovery_frequency',
  'discovery_bandwidth',
  'discovery_modulation',
];

function readDiscovery(
  reader: SectionReader,
  discoverable: boolean
): DiscoverySettings | undefined {
  if (!discoverable) {
    reader.know(...DISCOVERY_KEYS);
    return undefined;
  }
  const minutes = reader.int('announce_interval') ?? DISCOVERY_INTERVAL_MINUTES.unset;
  return {
    announceIntervalMs: Math.max(DISCOVERY_INTERVAL_MINUTES.least, minutes) * 60_000,
    stampValue: reader.int('discovery_stamp_value'),
    name: reader.text('discovery_name'),
    lxmfAddress: readAddress(reader),
    encrypt: reader.bool('discovery_encrypt') ?? false,
    reachableOn: reader.text('reachable_on'),
    publishIfac: reader.bool('publish_ifac') ?? false,
    locationCommand: reader.text('location_cmd'),
    latitude: reader.float('latitude'),
    longitude: reader.float('longitude'),
    height: reader.float('height'),
    frequency: reader.int('discovery_frequency'),
    bandwidth: reader.int('discovery_bandwidth'),
    modulation: reader.int('discovery_modulation'),
  };
}

function readAddress(reader: SectionReader): Uint8Array | undefined {
  const key = 'discovery_lxmf_address';
  const text = reader.text(key);
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{32}$/i.test(text)) return reader.hashes(key)?.[0];
  reader.warn(key, 'is no destination hash and is ignored');
  return undefined;
}
