import { createServer, type Socket } from 'node:net';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { concat } from '../../base/bytes.ts';
import { encodeKiss } from '../../codec/kiss.ts';
import { webSerialOpener, type WebSerialPort } from '../../host/browser/serial.ts';
import { serialPortOpener, tcpPortOpener } from '../../host/node/serial.ts';
import {
  SerialPortInterface,
  type PortEvents,
  type PortOpener,
  type SerialPortOptions,
} from '../../host/serial-port.ts';
import { RNodeCommand, setupCommands } from '../../reticulum/interface-rnode-commands.ts';
import { RNode } from '../../reticulum/interface-rnode.ts';
import { HdlcSerial, type SerialProtocol } from '../../reticulum/interface-serial.ts';
import { Bed } from './bed.ts';

const t = suite('host/serial', import.meta.url);
const description = { name: 'serial', hwMtu: 564 };
const LINE = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;

/** Two ports joined by a cable, each able to break. */
class Cable {
  readonly ends: (PortEvents | undefined)[] = [undefined, undefined];
  opened = 0;
  refuse = false;

  opener(end: 0 | 1): PortOpener {
    return async (events) => {
      if (this.refuse) throw new Error('busy');
      this.opened += 1;
      this.ends[end] = events;
      return {
        write: (bytes) => queueMicrotask(() => this.ends[1 - end]?.data(bytes)),
        close: async () => void (this.ends[end] = undefined),
      };
    };
  }

  unplug(end: 0 | 1): void {
    const events = this.ends[end];
    this.ends[end] = undefined;
    events?.closed(new Error('unplugged'));
  }
}

function serial(open: PortOpener, more: Partial<SerialPortOptions> = {}): SerialPortInterface {
  const protocol: SerialProtocol = more.protocol ?? new HdlcSerial(564);
  return new SerialPortInterface({ description, open, ...more, protocol });
}

t('[reticulum/interface-serial] two hosts exchange packets over a serial line', async () => {
  const cable = new Cable();
  const [here, there] = [new Bed(), new Bed()];
  await here.open(serial(cable.opener(0)));
  await there.open(serial(cable.opener(1)));
  const [near, far] = [await here.up(), await there.up()];
  const packet = new Uint8Array(500).map((_, i) => i);
  near.send(packet);
  await there.until(() => far.packets.length === 1);
  sameBytes(far.packets[0], packet);
  far.send(packet);
  await here.until(() => near.packets.length === 1);
  await Promise.all([here.close(), there.close()]);
  assert.equal(cable.ends, [undefined, undefined]);
  assert.is(near.attached, false);
});

t(
  'a port that cannot be opened, or breaks, is opened again, and the way stays the same',
  async () => {
    const cable = new Cable();
    const bed = new Bed();
    cable.refuse = true;
    await bed.open(serial(cable.opener(0), { reopenWaitMs: 5 }));
    assert.is(bed.reports[0]?.text, 'cannot open the port: busy');
    cable.refuse = false;
    const way = await bed.up();
    cable.unplug(0);
    assert.is(way.online, false);
    way.send(new Uint8Array(20));
    await bed.until(() => way.online);
    assert.is(bed.ways.length, 1);
    assert.is(cable.opened, 2);
    await bed.close();
  }
);

/** An RNode that takes whatever it is told. */
function fakeRNode(received: Uint8Array[]): PortOpener {
  return async (events) => ({
    write: (bytes) => {
      received.push(bytes);
      const answer = (command: number, ...data: number[]): void =>
        queueMicrotask(() => events.data(encodeKiss(Uint8Array.from(data), command)));
      if (bytes[1] === RNodeCommand.DETECT) {
        answer(RNodeCommand.DETECT, 0x46);
        answer(RNodeCommand.FW_VERSION, 1, 80);
        answer(RNodeCommand.PLATFORM, 0x80);
      } else {
        queueMicrotask(() => events.data(bytes));
      }
    },
    close: async () => undefined,
  });
}

t(
  '[reticulum/interface-rnode] an RNode is set up, gives its bit rate, and is left in order',
  async () => {
    const radio = {
      frequencyHz: 868_000_000,
      bandwidthHz: 125_000,
      txPowerDbm: 7,
      spreadingFactor: 7,
      codingRate: 5,
    };
    const written: Uint8Array[] = [];
    const bed = new Bed();
    const protocol = new RNode({ radio, flowControl: false });
    await bed.open(serial(fakeRNode(written), { protocol }));
    const way = await bed.up();
    assert.is(way.way.description.bitrateBps, 5468.75);
    sameBytes(concat(...written.slice(1)), concat(...setupCommands(radio)));
    written.length = 0;
    await bed.close();
    sameBytes(concat(...written), 'c04100c0c00600c0c00affc0');
  },
  60_000
);

t('a serial port without the package for it says what to install', async () => {
  const error = await rejectsCode(
    () =>
      serialPortOpener({ path: '/dev/no-such-port', ...LINE })({
        data: () => undefined,
        closed: () => undefined,
      }),
    'HOST_DEVICE'
  );
  assert.match(error.message, /npm install serialport|no-such-port/);
});

t('a device on a network is reached over TCP', async () => {
  const sockets: Socket[] = [];
  const device = createServer((socket) => void sockets.push(socket.pipe(socket)));
  await new Promise<void>((resolve) => void device.listen(0, '127.0.0.1', resolve));
  const { port } = device.address() as { port: number };
  const bed = new Bed();
  await bed.open(serial(tcpPortOpener('127.0.0.1', port), { reopenWaitMs: 5 }));
  const way = await bed.up();
  way.send(new Uint8Array(30).fill(9));
  await bed.until(() => way.packets.length === 1);
  for (const socket of sockets) socket.destroy();
  await bed.until(() => !way.online);
  await bed.until(() => way.online);
  await bed.close();
  await new Promise((resolve) => device.close(resolve));
  await rejectsCode(
    () => tcpPortOpener('127.0.0.1', port)({ data: () => undefined, closed: () => undefined }),
    'HOST_NETWORK'
  );
});

/** A Web Serial port that sends back what is written, and can be unplugged. */
class FakeWebPort implements WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly opened: unknown[] = [];
  closed = 0;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;

  async open(options: unknown): Promise<void> {
    this.opened.push(options);
    this.readable = new ReadableStream({ start: (source) => void (this.#source = source) });
    this.writable = new WritableStream({ write: (bytes) => this.#source?.enqueue(bytes) });
  }

  async close(): Promise<void> {
    if (this.readable?.locked === true || this.writable?.locked === true) {
      throw new Error('the port is in use');
    }
    this.closed += 1;
  }

  unplug(): void {
    this.#source?.error(new Error('the device has been lost'));
  }
}

t('a page uses a port that the user has chosen, and opens it again when it was lost', async () => {
  const port = new FakeWebPort();
  const bed = new Bed();
  await bed.open(serial(webSerialOpener(port, LINE), { reopenWaitMs: 5 }));
  const way = await bed.up();
  assert.equal(port.opened, [{ ...LINE }]);
  way.send(new Uint8Array(40).fill(4));
  await bed.until(() => way.packets.length === 1);
  port.unplug();
  await bed.until(() => !way.online);
  assert.ok(bed.reports.some(({ text }) => text === 'the device has been lost'));
  await bed.until(() => way.online);
  way.send(new Uint8Array(40).fill(5));
  await bed.until(() => way.packets.length === 2);
  await bed.close();
  assert.is(port.opened.length, 2);
  assert.is(port.closed, 2);
});

t.run();
