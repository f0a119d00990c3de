/**
 * The sections `[reticulum]` and `[logging]` of a configuration file, with every option's default.
 * @module
 * @see RNS/Reticulum.py __init__, __apply_config (RNS 1.5.7)
 */
import { fromHex } from '../base/hex.ts';
import type { ConfigFile, ConfigSection } from './config-file.ts';
import { SectionReader, notNegative, positive, type ConfigWarning } from './config-reading.ts';
import { InterfaceMode, type InterfaceModeCode } from './interface.ts';

/** When floods of announces and path requests are held back. */
export interface IngressSettings {
  readonly maxHeldAnnounces: number;
  readonly burstHoldS: number;
  /** Announces per second that make a burst, on interfaces younger than {@link newTimeS}. */
  readonly burstFrequencyNewHz: number;
  readonly burstFrequencyHz: number;
  readonly pathRequestBurstFrequencyNewHz: number;
  readonly pathRequestBurstFrequencyHz: number;
  readonly newTimeS: number;
  readonly burstPenaltyS: number;
  readonly heldReleaseIntervalS: number;
  /** Path requests per second that are sent out when egress control is on. */
  readonly egressPathRequestFrequencyHz: number;
}

/** Defaults for interfaces of a transport node that set no announce rate. */
export interface AnnounceRateSettings {
  readonly targetS: number;
  readonly penaltyS: number;
  readonly grace: number;
}

/** How found interfaces are connected to. */
export interface AutoconnectSettings {
  /** Most interfaces that are connected to; 0 means none. */
  readonly most: number;
  readonly unverifiedImplementations: boolean;
  readonly mode: InterfaceModeCode | undefined;
  readonly gravity: number | undefined;
  readonly announcesToInternal: boolean | undefined;
}

/** Section `[reticulum]`. */
export interface ReticulumSettings {
  readonly shareInstance: boolean;
  /** Name of the shared instance's socket. */
  readonly instanceName: string;
  readonly sharedInstanceType: 'tcp' | 'unix' | undefined;
  readonly sharedInstancePort: number;
  readonly instanceControlPort: number;
  /** Key of the control connection; absent means one derived from the transport identity. */
  readonly rpcKey: Uint8Array | undefined;
  readonly forceSharedInstanceBitrateBps: number | undefined;
  readonly enableTransport: boolean;
  readonly staticTransportIdentity: boolean;
  readonly localHopsDelta: boolean;
  /** Path of an identity file; `~` stands for the user's folder. */
  readonly networkIdentityPath: string | undefined;
  readonly linkMtuDiscovery: boolean;
  readonly useImplicitProof: boolean;
  readonly enableRemoteManagement: boolean;
  readonly remoteManagementAllowed: readonly Uint8Array[];
  readonly enableInterfaceManagement: boolean;
  readonly respondToProbes: boolean;
  readonly panicOnInterfaceError: boolean;
  readonly defaultGravity: number;
  readonly discoverInterfaces: boolean;
  readonly requiredDiscoveryValue: number;
  readonly interfaceDiscoverySources: readonly Uint8Array[];
  readonly autoconnect: AutoconnectSettings;
  readonly publishBlackhole: boolean;
  readonly blackholeSources: readonly Uint8Array[];
  readonly blackholeUpdateIntervalMs: number;
  readonly announceRate: AnnounceRateSettings;
  readonly egressControl: boolean;
  readonly ingress: IngressSettings;
  /** Most packets that wait, by kind. */
  readonly queueLengths: {
    readonly data: number;
    readonly announces: number;
    readonly pathRequests: number;
    readonly ingressLimited: number;
  };
}

/** Section `[logging]`. */
export interface LoggingSettings {
  /** 0 critical, 1 error, 2 warning, 3 notice, 4 info, 5 verbose, 6 debug, 7 pathing, 8 extreme. */
  readonly logLevel: number;
  readonly logTimestamps: boolean;
}

const DEFAULT_LOG_LEVEL = 3;
const MAX_LOG_LEVEL = 8;
const SHORTEST_BLACKHOLE_UPDATE_MINUTES = 2;

/** What every limit is unless it is set. @see RNS/Interfaces/Interface.py IC_NEW_TIME and its neighbors */
export const DEFAULT_INGRESS: IngressSettings = {
  maxHeldAnnounces: 256,
  burstHoldS: 15,
  burstFrequencyNewHz: 3,
  burstFrequencyHz: 10,
  pathRequestBurstFrequencyNewHz: 3,
  pathRequestBurstFrequencyHz: 8,
  newTimeS: 2 * 60 * 60,
  burstPenaltyS: 15,
  heldReleaseIntervalS: 5,
  egressPathRequestFrequencyHz: 5,
};

/** Words for interface modes. @see RNS/Reticulum.py _synthesize_interface */
const MODES: Readonly<Record<string, InterfaceModeCode>> = {
  full: InterfaceMode.FULL,
  access_point: InterfaceMode.ACCESS_POINT,
  accesspoint: InterfaceMode.ACCESS_POINT,
  ap: InterfaceMode.ACCESS_POINT,
  pointtopoint: InterfaceMode.POINT_TO_POINT,
  ptp: InterfaceMode.POINT_TO_POINT,
  roaming: InterfaceMode.ROAMING,
  boundary: InterfaceMode.BOUNDARY,
  gateway: InterfaceMode.GATEWAY,
  gw: InterfaceMode.GATEWAY,
  internal: InterfaceMode.INTERNAL,
};

/**
 * Read section `[reticulum]`; a file without it has all defaults.
 * @throws ProtocolError `RNS_CONFIG` where the reference would not start
 */
export function readReticulumSettings(
  file: ConfigFile,
  warnings: ConfigWarning[] = []
): ReticulumSettings {
  const reader = new SectionReader(sectionOf(file, 'reticulum'), warnings);
  const settings: ReticulumSettings = {
    ...readSharing(reader),
    enableTransport: reader.bool('enable_transport') ?? false,
    staticTransportIdentity: reader.bool('static_transport_identity') ?? false,
    localHopsDelta: reader.bool('local_hops_delta') ?? false,
    networkIdentityPath: reader.filled('network_identity'),
    linkMtuDiscovery: reader.bool('link_mtu_discovery') ?? true,
    useImplicitProof: reader.bool('use_implicit_proof') ?? true,
    enableRemoteManagement: reader.bool('enable_remote_management') ?? false,
    remoteManagementAllowed: reader.hashes('remote_management_allowed') ?? [],
    enableInterfaceManagement: reader.bool('enable_interface_management') ?? true,
    respondToProbes: reader.bool('respond_to_probes') ?? false,
    panicOnInterfaceError: reader.bool('panic_on_interface_error') ?? false,
    defaultGravity: reader.int('default_gravity') ?? 0,
    discoverInterfaces: reader.bool('discover_interfaces') ?? false,
    requiredDiscoveryValue: reader.int('required_discovery_value', positive) ?? 16,
    interfaceDiscoverySources: reader.hashes('interface_discovery_sources') ?? [],
    autoconnect: readAutoconnect(reader),
    publishBlackhole: reader.bool('publish_blackhole') ?? false,
    blackholeSources: reader.hashes('blackhole_sources') ?? [],
    blackholeUpdateIntervalMs: readUpdateInterval(reader),
    announceRate: {
      targetS: reader.int('default_ar_target', notNegative) || 3600,
      penaltyS: reader.int('default_ar_penalty', notNegative) ?? 0,
      grace: reader.int('default_ar_grace', notNegative) || 5,
    },
    egressControl: reader.bool('egress_control') ?? false,
    // The reference takes zero for a limit that is not set.
    ingress: { ...DEFAULT_INGRESS, ...withoutZeros(readIngress(reader)) },
    queueLengths: {
      data: reader.int('qlen_in_data', positive) ?? 1024,
      announces: reader.int('qlen_in_announce', positive) ?? 128,
      pathRequests: reader.int('qlen_in_pr', positive) ?? 128,
      ingressLimited: reader.int('qlen_in_il', positive) ?? 8,
    },
  };
  reader.warnOfUnknown();
  return settings;
}

/** Read section `[logging]`. @throws ProtocolError `RNS_CONFIG` on values that are none */
export function readLoggingSettings(
  file: ConfigFile,
  warnings: ConfigWarning[] = []
): LoggingSettings {
  const reader = new SectionReader(sectionOf(file, 'logging'), warnings);
  const level = reader.int('loglevel') ?? DEFAULT_LOG_LEVEL;
  const settings = {
    logLevel: Math.max(0, Math.min(MAX_LOG_LEVEL, level)),
    logTimestamps: reader.bool('logtimestamps') ?? true,
  };
  reader.warnOfUnknown();
  return settings;
}

/** The limits that a section sets, under the names that `[reticulum]` and interfaces share. */
export function readIngress(reader: SectionReader): Partial<IngressSettings> {
  const float = (key: string): number | undefined => reader.float(key, notNegative);
  const read: { [Key in keyof IngressSettings]: number | undefined } = {
    maxHeldAnnounces: reader.int('ic_max_held_announces', notNegative),
    burstHoldS: float('ic_burst_hold'),
    burstFrequencyNewHz: float('ic_burst_freq_new'),
    burstFrequencyHz: float('ic_burst_freq'),
    pathRequestBurstFrequencyNewHz: float('ic_pr_burst_freq_new'),
    pathRequestBurstFrequencyHz: float('ic_pr_burst_freq'),
    newTimeS: float('ic_new_time'),
    burstPenaltyS: float('ic_burst_penalty'),
    heldReleaseIntervalS: float('ic_held_release_interval'),
    egressPathRequestFrequencyHz: float('ec_pr_freq'),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** An interface mode by its word, in whatever case; unknown words are warned of and mean no choice. */
export function readMode(reader: SectionReader, key: string): InterfaceModeCode | undefined {
  const word = reader.text(key);
  if (word === undefined) return undefined;
  const lower = word.toLowerCase();
  if (Object.hasOwn(MODES, lower)) return MODES[lower];
  reader.warn(key, `"${word}" is no interface mode and is ignored`);
  return undefined;
}

/** A section at the top of a file, or an empty one where it is missing. */
function sectionOf(file: ConfigFile, name: string): ConfigSection {
  return file.root.section(name) ?? file.emptySection(name);
}

type Sharing = Pick<
  ReticulumSettings,
  | 'shareInstance'
  | 'instanceName'
  | 'sharedInstanceType'
  | 'sharedInstancePort'
  | 'instanceControlPort'
  | 'rpcKey'
  | 'forceSharedInstanceBitrateBps'
>;

function readSharing(reader: SectionReader): Sharing {
  const type = reader.text('shared_instance_type')?.toLowerCase();
  const known = type === 'tcp' || type === 'unix';
  if (type !== undefined && !known) {
    reader.warn('shared_instance_type', `"${type}" is neither tcp nor unix and is ignored`);
  }
  return {
    shareInstance: reader.bool('share_instance') ?? true,
    instanceName: reader.text('instance_name') ?? 'default',
    sharedInstanceType: known ? type : undefined,
    sharedInstancePort: reader.port('shared_instance_port') ?? 37428,
    instanceControlPort: reader.port('instance_control_port') ?? 37429,
    rpcKey: readRpcKey(reader),
    forceSharedInstanceBitrateBps: reader.int('force_shared_instance_bitrate'),
  };
}

function readRpcKey(reader: SectionReader): Uint8Array | undefined {
  const text = reader.text('rpc_key');
  if (text === undefined) return undefined;
  // Python's bytes.fromhex lets blanks stand between bytes.
  if (/^\s*(?:[0-9a-f]{2}\s*)*$/i.test(text)) return fromHex(text.replaceAll(/\s/g, ''));
  reader.warn('rpc_key', 'is not hexadecimal and is ignored');
  return undefined;
}

function readAutoconnect(reader: SectionReader): AutoconnectSettings {
  return {
    most: reader.int('autoconnect_discovered_interfaces', notNegative) ?? 0,
    unverifiedImplementations: reader.bool('autoconnect_unverified_implementations') ?? false,
    mode: readMode(reader, 'autoconnect_interface_mode'),
    gravity: reader.int('autoconnect_interface_gravity'),
    announcesToInternal: reader.bool('autoconnect_announces_to_internal') || undefined,
  };
}

function readUpdateInterval(reader: SectionReader): number {
  const minutes = reader.float('blackhole_update_interval') ?? 60;
  return Math.max(SHORTEST_BLACKHOLE_UPDATE_MINUTES, minutes) * 60_000;
}

function withoutZeros(settings: Partial<IngressSettings>): Partial<IngressSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== 0));
}
