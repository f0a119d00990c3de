/**
 * The commands of an RNode: a radio that speaks KISS over a serial port, with its settings and what it
 * reports as commands beside the packets.
 * @module
 * @see RNS/Interfaces/RNodeInterface.py KISS (RNS 1.5.7)
 */
import { concat } from '../base/bytes.ts';
import { encodeKiss } from '../codec/kiss.ts';

/** First byte of a frame. */
export const RNodeCommand = {
  DATA: 0x00,
  FREQUENCY: 0x01,
  BANDWIDTH: 0x02,
  TXPOWER: 0x03,
  SF: 0x04,
  CR: 0x05,
  RADIO_STATE: 0x06,
  RADIO_LOCK: 0x07,
  DETECT: 0x08,
  LEAVE: 0x0a,
  ST_ALOCK: 0x0b,
  LT_ALOCK: 0x0c,
  READY: 0x0f,
  STAT_RX: 0x21,
  STAT_TX: 0x22,
  STAT_RSSI: 0x23,
  STAT_SNR: 0x24,
  STAT_CHTM: 0x25,
  STAT_PHYPRM: 0x26,
  STAT_BAT: 0x27,
  STAT_CSMA: 0x28,
  STAT_TEMP: 0x29,
  RANDOM: 0x40,
  FB_EXT: 0x41,
  PLATFORM: 0x48,
  MCU: 0x49,
  FW_VERSION: 0x50,
  RESET: 0x55,
  ERROR: 0x90,
} as const;

/** What an RNode may complain about. */
export const RNodeError = {
  INITRADIO: 0x01,
  TXFAILED: 0x02,
  EEPROM_LOCKED: 0x03,
  QUEUE_FULL: 0x04,
  MEMORY_LOW: 0x05,
  MODEM_TIMEOUT: 0x06,
} as const;

/** Processors of RNodes. */
export const RNodePlatform = { AVR: 0x90, ESP32: 0x80, NRF52: 0x70 } as const;

/** What the battery does. */
export const BATTERY_STATES = ['unknown', 'discharging', 'charging', 'charged'] as const;

const DETECT_REQUEST = 0x73;
/** What a device answers that is an RNode. */
export const DETECT_RESPONSE = 0x46;
/** Argument of a reset, and what a device reports that was reset. */
export const RESET_BYTE = 0xf8;
const RSSI_OFFSET = 157;
const NO_INTERFERENCE = 0xff;

/** Settings of the radio. */
export interface RadioSettings {
  readonly frequencyHz: number;
  readonly bandwidthHz: number;
  readonly txPowerDbm: number;
  readonly spreadingFactor: number;
  readonly codingRate: number;
  /** Percent of the time that the radio may send, over short and long periods. */
  readonly airtimeLimitShort?: number | undefined;
  readonly airtimeLimitLong?: number | undefined;
}

const RANGES: readonly (readonly [keyof RadioSettings, number, number])[] = [
  ['frequencyHz', 137_000_000, 3_000_000_000],
  ['bandwidthHz', 7_800, 1_625_000],
  ['txPowerDbm', 0, 37],
  ['spreadingFactor', 5, 12],
  ['codingRate', 5, 8],
  ['airtimeLimitShort', 0, 100],
  ['airtimeLimitLong', 0, 100],
];

/** The first setting that no RNode has, with what is allowed; `undefined` when all are fine. */
export function findBadSetting(
  settings: RadioSettings
): { name: string; text: string } | undefined {
  for (const [name, least, most] of RANGES) {
    const value = settings[name];
    if (value !== undefined && !(value >= least && value <= most)) {
      return { name, text: `must be ${least}..${most}, got ${value}` };
    }
  }
  return undefined;
}

/** Ask whether the device is an RNode, and for its firmware, platform and processor. */
export function detectCommands(): Uint8Array {
  // The closing mark of each frame opens the next, as the reference sends it.
  return Uint8Array.of(
    ...[0xc0, RNodeCommand.DETECT, DETECT_REQUEST],
    ...[0xc0, RNodeCommand.FW_VERSION, 0],
    ...[0xc0, RNodeCommand.PLATFORM, 0],
    ...[0xc0, RNodeCommand.MCU, 0, 0xc0]
  );
}

/** Set the radio up and switch it on, one command for each setting. */
export function setupCommands(settings: RadioSettings): Uint8Array[] {
  const { airtimeLimitShort, airtimeLimitLong } = settings;
  const commands = [
    command(RNodeCommand.FREQUENCY, word32(settings.frequencyHz)),
    command(RNodeCommand.BANDWIDTH, word32(settings.bandwidthHz)),
    command(RNodeCommand.TXPOWER, [settings.txPowerDbm]),
    command(RNodeCommand.SF, [settings.spreadingFactor]),
    command(RNodeCommand.CR, [settings.codingRate]),
  ];
  if (airtimeLimitShort !== undefined) {
    commands.push(command(RNodeCommand.ST_ALOCK, hundredths(airtimeLimitShort)));
  }
  if (airtimeLimitLong !== undefined) {
    commands.push(command(RNodeCommand.LT_ALOCK, hundredths(airtimeLimitLong)));
  }
  return [...commands, command(RNodeCommand.RADIO_STATE, [1])];
}

/** Switch the radio off and let the device show its own display again. */
export function leaveCommands(hasDisplay: boolean): Uint8Array {
  return concat(
    ...(hasDisplay ? [command(RNodeCommand.FB_EXT, [0])] : []),
    command(RNodeCommand.RADIO_STATE, [0]),
    command(RNodeCommand.LEAVE, [0xff])
  );
}

/** What a device has reported; absent until it did. */
export interface RNodeReport {
  detected?: boolean;
  firmware?: { readonly major: number; readonly minor: number };
  platform?: number;
  mcu?: number;
  frequencyHz?: number;
  bandwidthHz?: number;
  txPowerDbm?: number;
  spreadingFactor?: number;
  codingRate?: number;
  radioOn?: boolean;
  radioLocked?: boolean;
  airtimeLimitShort?: number;
  airtimeLimitLong?: number;
  rxPackets?: number;
  txPackets?: number;
  /** Of the last packet, in dBm. */
  rssiDbm?: number;
  /** Of the last packet, in dB. */
  snrDb?: number;
  /** Of the last packet, 0..100. */
  quality?: number;
  channel?: ChannelReport;
  timing?: TimingReport;
  contention?: { readonly band: number; readonly min: number; readonly max: number };
  battery?: { readonly state: (typeof BATTERY_STATES)[number]; readonly percent: number };
  temperatureC?: number | undefined;
  random?: number;
}

/** How busy the channel is, in percent over short and long periods, and how loud, in dBm. */
export interface ChannelReport {
  readonly airtimeShort: number;
  readonly airtimeLong: number;
  readonly loadShort: number;
  readonly loadLong: number;
  readonly rssiDbm: number;
  readonly noiseFloorDbm: number;
  readonly interferenceDbm: number | undefined;
}

/** Times on the air. */
export interface TimingReport {
  readonly symbolTimeMs: number;
  readonly symbolRate: number;
  readonly preambleSymbols: number;
  readonly preambleTimeMs: number;
  readonly slotTimeMs: number;
  readonly difsMs: number;
}

/** Bits per second on the air; `undefined` until the radio has reported its settings. */
export function airBitrate(report: RNodeReport): number | undefined {
  const { spreadingFactor: sf, codingRate: cr, bandwidthHz } = report;
  if (sf === undefined || cr === undefined || bandwidthHz === undefined) return undefined;
  if (sf === 0 || cr === 0 || bandwidthHz === 0) return undefined;
  return sf * (4 / cr / (2 ** sf / (bandwidthHz / 1000))) * 1000;
}

/**
 * Take up what a frame reports. Frames of other lengths than theirs are ignored.
 * @returns whether the frame was a report
 */
export function takeReport(report: RNodeReport, code: number, data: Uint8Array): boolean {
  const reader = REPORTS[code];
  if (reader === undefined) return false;
  if (data.length >= reader.bytes) reader.take(report, data);
  return true;
}

interface Reader {
  readonly bytes: number;
  take(report: RNodeReport, data: Uint8Array): void;
}

const byteAt = (data: Uint8Array, at: number): number => data[at] as number;
const pairAt = (data: Uint8Array, at: number): number =>
  (byteAt(data, at) << 8) | byteAt(data, at + 1);
const wordAt = (data: Uint8Array, at: number): number =>
  pairAt(data, at) * 0x10000 + pairAt(data, at + 2);

const REPORTS: Readonly<Record<number, Reader>> = {
  [RNodeCommand.DETECT]: one((report, byte) => (report.detected = byte === DETECT_RESPONSE)),
  [RNodeCommand.FW_VERSION]: {
    bytes: 2,
    take: (report, data) => {
      report.firmware = { major: byteAt(data, 0), minor: byteAt(data, 1) };
    },
  },
  [RNodeCommand.PLATFORM]: one((report, byte) => (report.platform = byte)),
  [RNodeCommand.MCU]: one((report, byte) => (report.mcu = byte)),
  [RNodeCommand.FREQUENCY]: word((report, value) => (report.frequencyHz = value)),
  [RNodeCommand.BANDWIDTH]: word((report, value) => (report.bandwidthHz = value)),
  [RNodeCommand.TXPOWER]: one((report, byte) => (report.txPowerDbm = byte)),
  [RNodeCommand.SF]: one((report, byte) => (report.spreadingFactor = byte)),
  [RNodeCommand.CR]: one((report, byte) => (report.codingRate = byte)),
  [RNodeCommand.RADIO_STATE]: one((report, byte) => (report.radioOn = byte === 1)),
  [RNodeCommand.RADIO_LOCK]: one((report, byte) => (report.radioLocked = byte !== 0)),
  [RNodeCommand.ST_ALOCK]: pair((report, value) => (report.airtimeLimitShort = value / 100)),
  [RNodeCommand.LT_ALOCK]: pair((report, value) => (report.airtimeLimitLong = value / 100)),
  [RNodeCommand.STAT_RX]: word((report, value) => (report.rxPackets = value)),
  [RNodeCommand.STAT_TX]: word((report, value) => (report.txPackets = value)),
  [RNodeCommand.STAT_RSSI]: one((report, byte) => (report.rssiDbm = byte - RSSI_OFFSET)),
  [RNodeCommand.STAT_SNR]: one((report, byte) => takeSnr(report, ((byte << 24) >> 24) * 0.25)),
  [RNodeCommand.STAT_CHTM]: { bytes: 11, take: takeChannel },
  [RNodeCommand.STAT_PHYPRM]: { bytes: 12, take: takeTiming },
  [RNodeCommand.STAT_CSMA]: {
    bytes: 3,
    take: (report, data) => {
      report.contention = { band: byteAt(data, 0), min: byteAt(data, 1), max: byteAt(data, 2) };
    },
  },
  [RNodeCommand.STAT_BAT]: {
    bytes: 2,
    take: (report, data) => {
      const state = BATTERY_STATES[byteAt(data, 0)] ?? 'unknown';
      report.battery = { state, percent: Math.min(100, byteAt(data, 1)) };
    },
  },
  [RNodeCommand.STAT_TEMP]: one((report, byte) => {
    const celsius = byte - 120;
    report.temperatureC = celsius >= -30 && celsius <= 90 ? celsius : undefined;
  }),
  [RNodeCommand.RANDOM]: one((report, byte) => (report.random = byte)),
};

/** Signal quality goes from the weakest signal that the spreading factor can receive up to 6 dB. */
function takeSnr(report: RNodeReport, snrDb: number): void {
  report.snrDb = snrDb;
  const { spreadingFactor } = report;
  if (spreadingFactor === undefined) return;
  const least = -9 - (spreadingFactor - 7) * 2;
  const percent = ((snrDb - least) / (6 - least)) * 100;
  report.quality = Math.max(0, Math.min(100, Math.round(percent * 10) / 10));
}

function takeChannel(report: RNodeReport, data: Uint8Array): void {
  const interference = byteAt(data, 10);
  report.channel = {
    airtimeShort: pairAt(data, 0) / 100,
    airtimeLong: pairAt(data, 2) / 100,
    loadShort: pairAt(data, 4) / 100,
    loadLong: pairAt(data, 6) / 100,
    rssiDbm: byteAt(data, 8) - RSSI_OFFSET,
    noiseFloorDbm: byteAt(data, 9) - RSSI_OFFSET,
    interferenceDbm: interference === NO_INTERFERENCE ? undefined : interference - RSSI_OFFSET,
  };
}

function takeTiming(report: RNodeReport, data: Uint8Array): void {
  report.timing = {
    symbolTimeMs: pairAt(data, 0) / 1000,
    symbolRate: pairAt(data, 2),
    preambleSymbols: pairAt(data, 4),
    preambleTimeMs: pairAt(data, 6),
    slotTimeMs: pairAt(data, 8),
    difsMs: pairAt(data, 10),
  };
}

function one(set: (report: RNodeReport, byte: number) => void): Reader {
  return { bytes: 1, take: (report, data) => set(report, byteAt(data, 0)) };
}

function pair(set: (report: RNodeReport, value: number) => void): Reader {
  return { bytes: 2, take: (report, data) => set(report, pairAt(data, 0)) };
}

function word(set: (report: RNodeReport, value: number) => void): Reader {
  return { bytes: 4, take: (report, data) => set(report, wordAt(data, 0)) };
}

function command(code: number, data: readonly number[]): Uint8Array {
  return encodeKiss(Uint8Array.from(data), code);
}

function word32(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) & 255);
}

function hundredths(percent: number): number[] {
  const value = Math.trunc(percent * 100);
  return [(value >> 8) & 255, value & 255];
}
