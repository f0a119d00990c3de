import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { encodeKiss } from '../../codec/kiss.ts';
import {
  RNodeCommand,
  airBitrate,
  detectCommands,
  findBadSetting,
  leaveCommands,
  setupCommands,
  type RadioSettings,
} from '../../reticulum/interface-rnode-commands.ts';
import { RNode, type RNodeOptions } from '../../reticulum/interface-rnode.ts';
import {
  HdlcSerial,
  type SerialEffect,
  type SerialProtocol,
} from '../../reticulum/interface-serial.ts';
import { KissTnc, TNC_DEFAULTS, type TncOptions } from '../../reticulum/interface-tnc.ts';

const t = suite('reticulum/radio', import.meta.url);
const golden = loadGolden('reticulum', 'radio');
const TNC: TncOptions = { maxBytes: 564, ...TNC_DEFAULTS };

const isOp =
  (...ops: string[]) =>
  (item: GoldenCase): boolean =>
    ops.includes(item.in['op'] as string);

/** Options in the words of configuration files. */
function radioOf(item: GoldenCase): RadioSettings {
  const options = item.in['options'] as Record<string, number>;
  return {
    frequencyHz: options['frequency'] as number,
    bandwidthHz: options['bandwidth'] as number,
    txPowerDbm: options['txpower'] as number,
    spreadingFactor: options['spreadingfactor'] as number,
    codingRate: options['codingrate'] as number,
    airtimeLimitShort: options['airtime_limit_short'],
    airtimeLimitLong: options['airtime_limit_long'],
  };
}

const RADIO: RadioSettings = {
  frequencyHz: 867_200_000,
  bandwidthHz: 125_000,
  txPowerDbm: 7,
  spreadingFactor: 8,
  codingRate: 5,
};

/** A protocol with a port and a clock. */
class Bench {
  readonly device: SerialProtocol;
  readonly written: Uint8Array[] = [];
  readonly packets: Uint8Array[] = [];
  readonly log: string[] = [];
  now = 0;

  constructor(device: SerialProtocol) {
    this.device = device;
    device.opened(0);
    this.#collect();
  }

  run(untilMs: number): void {
    for (
      let due = this.device.due();
      due !== undefined && due <= untilMs;
      due = this.device.due()
    ) {
      this.now = due;
      this.device.tick(due);
      this.#collect();
    }
    this.now = untilMs;
  }

  receive(...chunks: Uint8Array[]): void {
    for (const chunk of chunks) this.device.receive(chunk, this.now);
    this.#collect();
  }

  send(packet: Uint8Array): void {
    this.device.send(packet, this.now);
    this.#collect();
  }

  take(): string[] {
    return this.written.splice(0).map(toHex);
  }

  #collect(): void {
    for (const effect of this.device.drain()) this.#note(effect);
  }

  #note(effect: SerialEffect): void {
    if (effect.kind === 'write') this.written.push(effect.bytes);
    else if (effect.kind === 'packet') this.packets.push(effect.data);
    else if (effect.kind === 'online') this.log.push(`${this.now} online ${effect.bitrateBps}`);
    else if (effect.kind === 'failed') this.log.push(`failed: ${effect.reason} ${effect.final}`);
    else this.log.push(`warning: ${effect.text}`);
  }
}

t('[reticulum/interface-serial] packets go over a serial line as the reference frames them', () => {
  eachCase(
    golden,
    (item) => {
      const bench = new Bench(new HdlcSerial(564));
      const packet = fromHex(item.in['packet'] as string);
      bench.send(packet);
      assert.equal(bench.take(), [], 'nothing is sent before the line has settled');
      bench.run(500);
      bench.send(packet);
      assert.equal(bench.take(), [item.out?.['frame']]);
      bench.receive(fromHex(item.out?.['frame'] as string));
      assert.equal(bench.packets.map(toHex), [item.in['packet']]);
    },
    isOp('serial')
  );
});

t('a serial line forgets half a frame after a pause', () => {
  const bench = new Bench(new HdlcSerial(564));
  const frame = concat(Uint8Array.of(0x7e), new Uint8Array(30).fill(1), Uint8Array.of(0x7e));
  bench.run(1000);
  bench.receive(frame.subarray(0, 10));
  bench.run(1050);
  bench.receive(frame.subarray(10));
  assert.is(bench.packets.length, 1);
  bench.receive(frame.subarray(0, 10));
  bench.run(1200);
  bench.receive(frame.subarray(10), frame);
  assert.is(bench.packets.length, 2);
});

t('[reticulum/interface-kiss] a TNC is set up and given packets as by the reference', () => {
  eachCase(
    golden,
    (item) => {
      if (item.in['op'] === 'tnc-setup') {
        const { preamble, txtail, persistence, slottime } = item.in['options'] as Record<
          string,
          number
        >;
        const bench = new Bench(
          new KissTnc({
            ...TNC,
            preambleMs: preamble ?? TNC.preambleMs,
            txTailMs: txtail ?? TNC.txTailMs,
            persistence: persistence ?? TNC.persistence,
            slotTimeMs: slottime ?? TNC.slotTimeMs,
          })
        );
        bench.run(2000);
        assert.is(bench.take().join(''), item.out?.['written']);
        assert.equal(bench.log, ['2000 online undefined']);
        return;
      }
      const bench = new Bench(new KissTnc(TNC));
      bench.run(2000);
      bench.take();
      bench.send(fromHex(item.in['packet'] as string));
      assert.equal(bench.take(), [item.out?.['frame']]);
      bench.receive(fromHex(item.out?.['frame'] as string));
      assert.equal(bench.packets.map(toHex), [item.in['packet']]);
    },
    isOp('tnc', 'tnc-setup')
  );
});

t('[reticulum/interface-ax25-kiss] packets go in AX.25 frames as the reference makes them', () => {
  eachCase(
    golden,
    (item) => {
      const { callsign, ssid } = item.in as { callsign: string; ssid: number };
      const make = (): KissTnc => new KissTnc({ ...TNC, ax25: { callsign, ssid } });
      if (item.error !== undefined) {
        assert.throws(make, (error: unknown) => error instanceof RangeError);
        return;
      }
      const bench = new Bench(make());
      bench.run(2000);
      bench.take();
      bench.send(fromHex(item.in['packet'] as string));
      assert.equal(bench.take(), [item.out?.['frame']]);
      bench.receive(fromHex(item.out?.['frame'] as string), encodeKiss(new Uint8Array(16)));
      assert.equal(bench.packets.map(toHex), [item.in['packet']]);
    },
    isOp('ax25')
  );
});

const READY = encodeKiss(Uint8Array.of(1), 0x0f);

t('flow control holds packets back until the TNC is ready, or for five seconds', () => {
  const bench = new Bench(new KissTnc({ ...TNC, flowControl: true }));
  bench.run(2000);
  bench.take();
  for (const byte of [1, 2, 3]) bench.send(new Uint8Array(20).fill(byte));
  assert.is(bench.take().length, 1);
  bench.receive(READY);
  assert.ok(bench.take()[0]?.startsWith('c0000202'));
  bench.run(7000);
  assert.ok(bench.take()[0]?.startsWith('c0000303'));
  assert.is(bench.log.filter((line) => line.startsWith('warning')).length, 1);
  bench.receive(READY);
  assert.equal(bench.take(), []);
});

t('the queue of a TNC is bounded and forgotten with the port', () => {
  const tnc = new KissTnc({ ...TNC, flowControl: true });
  const bench = new Bench(tnc);
  bench.run(2000);
  for (let i = 0; i < 300; i++) bench.send(new Uint8Array(20));
  assert.is(tnc.dropped, 300 - 1 - 256);
  tnc.closed();
  assert.is(tnc.due(), undefined);
  bench.take();
  bench.receive(READY);
  assert.equal(bench.take(), []);
});

t('a beacon follows the first own packet after its interval, once', () => {
  const beacon = { data: utf8('MYCALL-0'), intervalMs: 600_000 };
  const bench = new Bench(new KissTnc({ ...TNC, beacon }));
  bench.run(10_000);
  bench.take();
  bench.send(new Uint8Array(20));
  bench.run(300_000);
  bench.send(new Uint8Array(20));
  bench.run(609_999);
  assert.is(bench.take().length, 2);
  bench.run(610_000);
  assert.equal(bench.take(), [`c000${toHex(utf8('MYCALL-0'))}00000000000000c0`]);
  bench.run(5_000_000);
  assert.equal(bench.take(), []);
});

t('[reticulum/interface-rnode] settings that no RNode has are refused', () => {
  eachCase(
    golden,
    (item) => {
      const radio = radioOf(item);
      const make = (): RNode => new RNode({ radio, flowControl: false });
      assert.is(findBadSetting(radio) !== undefined, item.error !== undefined);
      if (item.error === undefined) make();
      else assert.throws(make, (error: unknown) => error instanceof RangeError);
    },
    isOp('rnode-settings')
  );
});

t('[reticulum/interface-rnode] commands are those of the reference', () => {
  eachCase(
    golden,
    (item) => {
      const commands = {
        'rnode-detect': () => detectCommands(),
        'rnode-setup': () => concat(...setupCommands(radioOf(item))),
        'rnode-leave': () => leaveCommands(item.in['hasDisplay'] as boolean),
      }[item.in['op'] as string] as () => Uint8Array;
      sameBytes(commands(), item.out?.['written'] as string);
    },
    isOp('rnode-detect', 'rnode-setup', 'rnode-leave')
  );
});

t('[reticulum/interface-rnode] what a device reports is understood as by the reference', () => {
  eachCase(
    golden,
    (item) => {
      const node = new RNode({ radio: RADIO, flowControl: false });
      node.opened(0);
      for (const byte of fromHex(item.in['bytes'] as string)) node.receive(Uint8Array.of(byte), 0);
      const report = { ...node.report, bitrate: airBitrate(node.report) };
      if (report.detected !== true) delete report.detected;
      if (report.radioLocked !== true) delete report.radioLocked;
      const plain = JSON.parse(
        JSON.stringify(report, (_, value: unknown) => value ?? undefined)
      ) as Record<string, unknown>;
      const expected = JSON.parse(
        JSON.stringify(item.out, (_, value: unknown) => value ?? undefined)
      ) as Record<string, unknown>;
      const rate = expected['bitrate'] as number | undefined;
      if (rate !== undefined) {
        assert.ok(Math.abs((plain['bitrate'] as number) - rate) < 1e-6 * rate);
        plain['bitrate'] = rate;
      }
      assert.equal(plain, expected);
    },
    isOp('rnode-report')
  );
});

/** The answers of a good device, as a real one gives them. */
function answer(command: number, ...data: number[]): Uint8Array {
  return encodeKiss(Uint8Array.from(data), command);
}

const DETECTED = concat(
  answer(RNodeCommand.DETECT, 0x46),
  answer(RNodeCommand.FW_VERSION, 1, 74),
  answer(RNodeCommand.PLATFORM, 0x80),
  answer(RNodeCommand.MCU, 0x81)
);

function startRadio(options: Partial<RNodeOptions> = {}, change?: Uint8Array): Bench {
  const bench = new Bench(new RNode({ radio: RADIO, flowControl: false, ...options }));
  bench.run(2000);
  assert.equal(bench.take(), [toHex(detectCommands())]);
  bench.receive(DETECTED);
  bench.run(2200);
  const setup = setupCommands(RADIO);
  assert.equal(bench.take(), setup.map(toHex));
  // The device says each setting back.
  bench.receive(...setup, ...(change === undefined ? [] : [change]));
  return bench;
}

t('an RNode comes online once it was found, set up and checked', () => {
  const bench = startRadio();
  bench.send(new Uint8Array(20));
  assert.equal(bench.take(), [], 'nothing is sent before it is online');
  bench.run(10_000);
  assert.equal(bench.log, ['2750 online 3125']);
  bench.send(Uint8Array.of(1, 0xc0));
  assert.equal(bench.take(), ['c00001dbdcc0']);
  bench.receive(encodeKiss(new Uint8Array(30).fill(5)));
  assert.is(bench.packets.length, 1);
});

t(
  'an RNode that does not answer, is too old, or does not take its settings fails with the reason',
  () => {
    const silent = new Bench(new RNode({ radio: RADIO, flowControl: false }));
    silent.run(10_000);
    assert.equal(silent.log, ['failed: no RNode answers false']);
    const old = new Bench(new RNode({ radio: RADIO, flowControl: false }));
    old.run(2000);
    old.receive(answer(RNodeCommand.DETECT, 0x46), answer(RNodeCommand.FW_VERSION, 1, 51));
    old.run(10_000);
    assert.equal(old.log, ['failed: firmware 1.51 is older than 1.52 true']);
    const weak = startRadio({}, answer(RNodeCommand.TXPOWER, 2));
    weak.run(10_000);
    assert.equal(weak.log, ['failed: the radio did not take: TX power false']);
    const near = startRadio({}, answer(RNodeCommand.FREQUENCY, 0x33, 0xb0, 0x6a, 0x20));
    near.run(10_000);
    assert.is(near.log.length, 1);
  }
);

t('errors of the device stop it or are told, as their kind is', () => {
  const cases: readonly [number, string][] = [
    [0x01, 'failed: the radio could not be started false'],
    [0x02, 'failed: the radio could not send false'],
    [0x05, 'warning: the device is out of memory'],
    [0x06, 'warning: the modem of the device did not answer'],
    [0x77, 'failed: the device reports error 119 false'],
  ];
  for (const [code, line] of cases) {
    const bench = startRadio();
    bench.run(3000);
    bench.receive(answer(RNodeCommand.ERROR, code), encodeKiss(new Uint8Array(30)));
    assert.is(bench.log.at(-1), line);
    assert.is(bench.packets.length, line.startsWith('failed') ? 0 : 1);
  }
  const reset = startRadio();
  reset.run(3000);
  reset.receive(answer(RNodeCommand.RESET, 0xf8));
  assert.is(reset.log.at(-1), 'failed: the device was reset false');
});

t('flow control and the callsign work as with a TNC', () => {
  const beacon = { data: utf8('MYCALL'), intervalMs: 1000 };
  const bench = startRadio({ flowControl: true, beacon });
  bench.run(3000);
  bench.send(Uint8Array.of(1));
  bench.send(Uint8Array.of(2));
  assert.equal(bench.take(), ['c00001c0']);
  bench.receive(READY, READY);
  assert.equal(bench.take(), ['c00002c0']);
  bench.run(5000);
  assert.equal(bench.take(), [`c000${toHex(utf8('MYCALL'))}c0`]);
  const long = { data: new Uint8Array(33), intervalMs: 1 };
  assert.throws(() => new RNode({ radio: RADIO, flowControl: false, beacon: long }), /32 bytes/);
});

t('over a network the device is asked for signs of life, and its answer ends the wait', () => {
  const bench = new Bench(new RNode({ radio: RADIO, flowControl: false, connection: 'tcp' }));
  bench.run(2500);
  bench.take();
  bench.receive(DETECTED);
  const setup = setupCommands(RADIO);
  assert.equal(bench.take(), setup.map(toHex));
  bench.receive(...setup);
  bench.run(4300);
  assert.equal(bench.log, ['4300 online 3125']);
  bench.run(6000);
  assert.equal(bench.take(), [toHex(detectCommands())]);
});

t('no device makes a protocol throw', () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 150; round++) {
    for (const bench of [
      startRadio({ flowControl: true }),
      new Bench(new KissTnc({ ...TNC, flowControl: true })),
      new Bench(new HdlcSerial(564)),
    ]) {
      bench.run(3000);
      for (let i = 0; i < 20; i++) {
        const bytes = random.bytes(random.below(60));
        for (let at = 0; at < bytes.length; at++) {
          if (random.below(4) === 0)
            bytes[at] = [0xc0, 0xdb, 0xdc, 0x7e, 0x0f][random.below(5)] ?? 0;
        }
        bench.receive(bytes);
        bench.send(random.bytes(20));
        bench.run(bench.now + random.below(300));
      }
    }
  }
});

t.run();
