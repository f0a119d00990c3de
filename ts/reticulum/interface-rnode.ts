/**
 * An RNode as an interface: found, checked, set up, watched, and given one packet at a time.
 * @module
 * @see RNS/Interfaces/RNodeInterface.py (RNS 1.5.7)
 */
import type { Millis } from '../base/clock.ts';
import { KissDecoder, encodeKiss } from '../codec/kiss.ts';
import {
  RESET_BYTE,
  RNodeCommand,
  RNodeError,
  RNodePlatform,
  airBitrate,
  detectCommands,
  findBadSetting,
  leaveCommands,
  setupCommands,
  takeReport,
  type RNodeReport,
  type RadioSettings,
} from './interface-rnode-commands.ts';
import { FRAME_TIMEOUT_MS, type SerialEffect, type SerialProtocol } from './interface-serial.ts';
import type { Beacon } from './interface-tnc.ts';

/** How an RNode is used. */
export interface RNodeOptions {
  readonly radio: RadioSettings;
  /** Whether each packet waits until the radio says that it is ready. */
  readonly flowControl: boolean;
  readonly beacon?: Beacon | undefined;
  /** How the device is reached: answers take longer over a network than over a cable. */
  readonly connection?: 'serial' | 'tcp' | undefined;
}

/** Longest callsign of a beacon. */
export const CALLSIGN_MAX_BYTES = 32;
const REQUIRED_FIRMWARE = { major: 1, minor: 52 };
/** The largest frame that a device sends is a copy of its display. */
const MAX_FRAME_BYTES = 1024;
const SETTLE_MS = 2000;
const DETECT_MS = { serial: 200, tcp: 5000 };
const VALIDATE_MS = { serial: 250, tcp: 1500 };
const READY_MS = 300;
const NETWORK_FRAME_TIMEOUT_MS = 1500;
/** Over a network an idle device is asked for a sign of life, or it closes the connection. */
const NETWORK_KEEPALIVE_MS = 3500;
/** Reported frequencies are rounded. */
const FREQUENCY_TOLERANCE_HZ = 100;
/** Most packets that wait for the radio; the reference sets no limit. */
const MAX_QUEUE = 256;

type Phase = 'closed' | 'settling' | 'detecting' | 'validating' | 'starting' | 'online' | 'failed';

/** The protocol between a host and one RNode. */
export class RNode implements SerialProtocol {
  /** What the device has reported since the port was opened. */
  report: RNodeReport = {};
  readonly #options: RNodeOptions;
  readonly #connection: 'serial' | 'tcp';
  readonly #decoder = new KissDecoder({ maxBytes: MAX_FRAME_BYTES, head: 'command' });
  readonly #queue: Uint8Array[] = [];
  #effects: SerialEffect[] = [];
  #phase: Phase = 'closed';
  #phaseEndMs: Millis | undefined;
  #busy = false;
  #beaconMs: Millis | undefined;
  #keepaliveMs: Millis | undefined;
  #lastReadMs: Millis = 0;
  /** Packets that found the queue full. */
  dropped = 0;

  /** @throws RangeError for settings that no RNode has */
  constructor(options: RNodeOptions) {
    const bad = findBadSetting(options.radio);
    if (bad !== undefined) throw new RangeError(`"${bad.name}" ${bad.text}`);
    if ((options.beacon?.data.length ?? 0) > CALLSIGN_MAX_BYTES) {
      throw new RangeError(`a beacon has at most ${CALLSIGN_MAX_BYTES} bytes`);
    }
    this.#options = options;
    this.#connection = options.connection ?? 'serial';
  }

  opened(now: Millis): void {
    this.report = {};
    this.#decoder.reset();
    this.#enter('settling', now + SETTLE_MS);
  }

  closed(): void {
    this.#phase = 'closed';
    this.#phaseEndMs = this.#beaconMs = this.#keepaliveMs = undefined;
    this.#busy = false;
    this.#queue.length = 0;
  }

  receive(bytes: Uint8Array, now: Millis): void {
    const timeoutMs = this.#connection === 'tcp' ? NETWORK_FRAME_TIMEOUT_MS : FRAME_TIMEOUT_MS;
    if (now > this.#lastReadMs + timeoutMs) this.#decoder.reset();
    this.#lastReadMs = now;
    for (const { command, data } of this.#decoder.push(bytes)) {
      this.#receiveFrame(command, data, now);
      if (this.#phase === 'failed') return;
    }
  }

  send(packet: Uint8Array, now: Millis): void {
    if (this.#phase !== 'online') return;
    if (this.#busy) {
      if (this.#queue.length < MAX_QUEUE) this.#queue.push(packet);
      else this.dropped += 1;
      return;
    }
    this.#write(packet, now);
    const { beacon } = this.#options;
    if (beacon !== undefined) this.#beaconMs ??= now + beacon.intervalMs;
  }

  farewell(): Uint8Array {
    return leaveCommands(this.#hasDisplay);
  }

  due(): Millis | undefined {
    const times = [this.#phaseEndMs, this.#beaconMs, this.#keepaliveMs].filter(
      (time) => time !== undefined
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  tick(now: Millis): void {
    if (this.#phaseEndMs !== undefined && now >= this.#phaseEndMs) this.#endPhase(now);
    if (this.#keepaliveMs !== undefined && now >= this.#keepaliveMs) {
      this.#put(detectCommands(), now);
    }
    if (this.#beaconMs !== undefined && now >= this.#beaconMs) {
      this.#beaconMs = undefined;
      const beacon = this.#options.beacon;
      if (beacon !== undefined && !this.#busy) this.#write(beacon.data, now);
    }
  }

  drain(): SerialEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  get #hasDisplay(): boolean {
    const { platform } = this.report;
    return platform === RNodePlatform.ESP32 || platform === RNodePlatform.NRF52;
  }

  #enter(phase: Phase, endMs: Millis | undefined): void {
    this.#phase = phase;
    this.#phaseEndMs = endMs;
  }

  #endPhase(now: Millis): void {
    switch (this.#phase) {
      case 'settling':
        this.#put(detectCommands(), now);
        return this.#enter('detecting', now + DETECT_MS[this.#connection]);
      case 'detecting':
        return this.#configure(now);
      case 'validating':
        return this.#validate(now);
      case 'starting':
        this.#enter('online', undefined);
        this.#effects.push({ kind: 'online', bitrateBps: airBitrate(this.report) });
        return;
      default:
        this.#phaseEndMs = undefined;
    }
  }

  #configure(now: Millis): void {
    if (this.report.detected !== true) return this.#fail('no RNode answers');
    for (const command of setupCommands(this.#options.radio)) this.#put(command, now);
    this.#enter('validating', now + VALIDATE_MS[this.#connection]);
  }

  /** @see RNS/Interfaces/RNodeInterface.py validateRadioState */
  #validate(now: Millis): void {
    const wanted = this.#options.radio;
    const { report } = this;
    const differs: string[] = [];
    const frequency = report.frequencyHz;
    if (
      frequency !== undefined &&
      Math.abs(frequency - wanted.frequencyHz) > FREQUENCY_TOLERANCE_HZ
    ) {
      differs.push('frequency');
    }
    if (report.bandwidthHz !== wanted.bandwidthHz) differs.push('bandwidth');
    if (report.txPowerDbm !== wanted.txPowerDbm) differs.push('TX power');
    if (report.spreadingFactor !== wanted.spreadingFactor) differs.push('spreading factor');
    if (report.radioOn !== true) differs.push('radio state');
    if (differs.length > 0) return this.#fail(`the radio did not take: ${differs.join(', ')}`);
    return this.#enter('starting', now + READY_MS);
  }

  #receiveFrame(command: number, data: Uint8Array, now: Millis): void {
    if (command === RNodeCommand.DATA) {
      if (this.#phase === 'online') this.#effects.push({ kind: 'packet', data });
    } else if (command === RNodeCommand.READY) {
      this.#release(now);
    } else if (command === RNodeCommand.ERROR) {
      this.#complain(data[0] as number);
    } else if (command === RNodeCommand.RESET) {
      const restarted = data[0] === RESET_BYTE && this.report.platform === RNodePlatform.ESP32;
      if (restarted && this.#phase === 'online') this.#fail('the device was reset');
    } else {
      takeReport(this.report, command, data);
      if (command === RNodeCommand.FW_VERSION) this.#checkFirmware();
      else if (command === RNodeCommand.DETECT) this.#detected(now);
    }
  }

  /** Over a network the wait ends with the answer. */
  #detected(now: Millis): void {
    const waiting = this.#phase === 'detecting' && this.#connection === 'tcp';
    if (waiting && this.report.detected === true) this.#configure(now);
  }

  #checkFirmware(): void {
    const { firmware } = this.report;
    if (firmware === undefined) return;
    const { major, minor } = REQUIRED_FIRMWARE;
    const good = firmware.major > major || (firmware.major === major && firmware.minor >= minor);
    if (good) return;
    const found = `${firmware.major}.${firmware.minor}`;
    this.#fail(`firmware ${found} is older than ${major}.${minor}`, true);
  }

  #complain(code: number): void {
    switch (code) {
      case RNodeError.MEMORY_LOW:
        this.#effects.push({ kind: 'warning', text: 'the device is out of memory' });
        return;
      case RNodeError.MODEM_TIMEOUT:
        this.#effects.push({ kind: 'warning', text: 'the modem of the device did not answer' });
        return;
      case RNodeError.INITRADIO:
        return this.#fail('the radio could not be started');
      case RNodeError.TXFAILED:
        return this.#fail('the radio could not send');
      default:
        return this.#fail(`the device reports error ${code}`);
    }
  }

  #release(now: Millis): void {
    this.#busy = false;
    const next = this.#queue.shift();
    if (next !== undefined) this.send(next, now);
  }

  #write(packet: Uint8Array, now: Millis): void {
    if (this.#options.flowControl) this.#busy = true;
    this.#put(encodeKiss(packet), now);
  }

  #put(bytes: Uint8Array, now: Millis): void {
    this.#effects.push({ kind: 'write', bytes });
    if (this.#connection === 'tcp') this.#keepaliveMs = now + NETWORK_KEEPALIVE_MS;
  }

  #fail(reason: string, final = false): void {
    this.closed();
    this.#phase = 'failed';
    this.#effects.push({ kind: 'failed', reason, final });
  }
}
