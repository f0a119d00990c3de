// time limit: 420 s
import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { PythonPeer, pythonReferences, type PythonReference } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import { freePort } from '../support/tcp.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom, systemRandom } from '../../base/random.ts';
import { nodeHost } from '../../host/node/driver.ts';
import { PipeInterface } from '../../host/node/pipe.ts';
import { TcpClientInterface, TcpServerInterface } from '../../host/node/tcp.ts';
import { UdpInterface } from '../../host/node/udp.ts';
import { SerialPortInterface, type PortOpener } from '../../host/serial-port.ts';
import { Destination } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { quoteValue } from '../../reticulum/config-quoting.ts';
import { InterfaceAccessCode } from '../../reticulum/ifac.ts';
import { HdlcSerial } from '../../reticulum/interface-serial.ts';
import { KissTnc, TNC_DEFAULTS } from '../../reticulum/interface-tnc.ts';
import { DestinationType, PacketType, encodePacket } from '../../reticulum/packet.ts';
import { Bed, type BedWay } from './bed.ts';

const HERE = '127.0.0.1';
/** Sent until the reference hears it. */
const HELLO = '09';
const HEAD =
  '[reticulum]\n  enable_transport = No\n  share_instance = No\n[interfaces]\n  [[Ours]]\n    enabled = yes\n';
const random = new SeededRandom(20261120);

/** A packet to everyone that knows the destination of the peer's program. */
function plainFrame(data: Uint8Array): Uint8Array {
  const { hash } = Destination.create({
    direction: 'out',
    type: DestinationType.PLAIN,
    appName: 'test',
    aspects: ['raw'],
  });
  return encodePacket({
    packetType: PacketType.DATA,
    destinationType: DestinationType.PLAIN,
    transported: false,
    contextFlag: false,
    hops: 0,
    transportId: undefined,
    destinationHash: hash,
    context: 0,
    data,
  });
}

const special = concat(
  Uint8Array.from({ length: 60 }, (_, i) => [0x7e, 0x7d, 0x5e, 0x5d, 0xc0, 0xdb, 0xdc][i % 7] ?? 0),
  random.bytes(40)
);
const payloads = [Uint8Array.of(1), random.bytes(100), special, random.bytes(464)];

/** Packets go both ways, and are the same bytes at both ends. */
async function exchange(peer: PythonPeer, bed: Bed, way: BedWay): Promise<void> {
  // The reference takes up a connection some time after it was made; packets before that are lost.
  for (let count = 0; count === 0;) {
    way.send(plainFrame(fromHex(HELLO)));
    const { packets } = await peer.ask('take_plain', { count: 1, seconds: 0.2 });
    count = (packets as string[]).length;
  }
  for (const data of payloads) {
    const before = way.packets.length;
    const { frame } = await peer.ask('send_plain', { data: toHex(data) });
    await bed.until(() => way.packets.length > before);
    sameBytes(way.packets.at(-1), frame as string);
    sameBytes(plainFrame(data), frame as string);
  }
  for (const data of payloads) way.send(plainFrame(data));
  const taken: string[] = [];
  while (taken.length < payloads.length) {
    const { packets } = await peer.ask('take_plain', { count: 1, seconds: 1 });
    taken.push(...(packets as string[]).filter((data) => data !== HELLO));
  }
  assert.equal(taken.sort(), payloads.map(toHex).sort());
}

async function withPeer(
  reference: PythonReference,
  config: string,
  run: (peer: PythonPeer, bed: Bed) => Promise<void>
): Promise<void> {
  const peer = new PythonPeer(reference, 'rns_interface_peer.py');
  const bed = new Bed();
  try {
    const { rns } = await peer.ask('start', { config: HEAD + config });
    usesReference(`rns ${String(rns)}`);
    await run(peer, bed);
  } finally {
    await bed.close();
    await peer.stop();
  }
}

/** A pseudo-terminal as a port; the peer's program has made it raw. */
function terminalOpener(path: string): PortOpener {
  return async (events) => {
    const reader = createReadStream('', { fd: openSync(path, 'r+'), highWaterMark: 4096 });
    const writer = createWriteStream('', { fd: openSync(path, 'w') });
    reader.on('data', (chunk) => events.data(new Uint8Array(chunk as Buffer)));
    reader.on('error', (error) => events.closed(error));
    return {
      write: (bytes) => void writer.write(bytes),
      close: async () => {
        reader.removeAllListeners('error').on('error', () => undefined);
        reader.destroy();
        await new Promise<void>((resolve) => writer.end(() => resolve()));
      },
    };
  };
}

const references = pythonReferences();
if (references.length === 0) {
  const t = suite('host/interfaces live', import.meta.url);
  t.skip('interfaces of RNS in Python', 'no Python reference: run make interop');
  t.run();
}

for (const reference of references) {
  const t = suite(`host/interfaces live (${reference.name})`, import.meta.url);
  const live = (title: string, body: () => Promise<void>): void => t(title, body, 60_000);

  for (const framing of ['hdlc', 'kiss'] as const) {
    const kiss = framing === 'kiss' ? '    kiss_framing = yes\n' : '';
    live(
      `[reticulum/interface-tcp-client] [reticulum/${framing}-framing] packets over TCP in ${framing} frames, to a server of the reference`,
      async () => {
        // The server of the reference knows no KISS, so a client of it is what speaks it.
        if (framing === 'kiss') return serveReference(kiss);
        const port = await freePort();
        const config = `    type = TCPServerInterface\n    listen_ip = ${HERE}\n    listen_port = ${port}\n`;
        await withPeer(reference, config, async (peer, bed) => {
          const description = { name: 'tcp', hwMtu: 8192 };
          await bed.open(new TcpClientInterface({ description, host: HERE, port, framing }));
          await exchange(peer, bed, await bed.up());
        });
      }
    );
  }

  async function serveReference(more: string): Promise<void> {
    const bed = new Bed();
    const framing = more === '' ? 'hdlc' : 'kiss';
    const description = { name: 'tcp', hwMtu: 8192 };
    const server = await bed.open(new TcpServerInterface({ description, port: 0, framing }));
    const config = `    type = TCPClientInterface\n    target_host = ${HERE}\n    target_port = ${server.port}\n${more}`;
    try {
      await withPeer(reference, config, async (peer) => {
        await exchange(peer, bed, await bed.up());
      });
      await bed.until(() => server.clients === 0);
    } finally {
      await bed.close();
    }
  }

  live('[reticulum/interface-tcp-server] packets over TCP with a client of the reference', () =>
    serveReference('')
  );

  live('[reticulum/interface-udp] packets over UDP with the reference', async () => {
    const [theirs, ours] = [await freePort(), await freePort()];
    const config =
      `    type = UDPInterface\n    listen_ip = ${HERE}\n    listen_port = ${theirs}\n` +
      `    forward_ip = ${HERE}\n    forward_port = ${ours}\n`;
    await withPeer(reference, config, async (peer, bed) => {
      const udp = new UdpInterface({
        description: { name: 'udp', hwMtu: 1064 },
        listenHost: HERE,
        listenPort: ours,
        forwardHost: HERE,
        forwardPort: theirs,
      });
      await bed.open(udp);
      await exchange(peer, bed, await bed.up());
    });
  });

  live(
    '[reticulum/interface-pipe] packets through a program, to the pipe of the reference',
    async () => {
      // The program joins the pipe of the reference with a TCP connection to us.
      const bed = new Bed();
      const description = { name: 'tcp', hwMtu: 1064 };
      const server = await bed.open(new TcpServerInterface({ description, port: 0 }));
      const join = (port: number | undefined): string =>
        `const s=require('net').connect(${port},'${HERE}');process.stdin.pipe(s).pipe(process.stdout)`;
      const command = `${process.execPath} -e "${join(server.port)}"`;
      const config = `    type = PipeInterface\n    command = ${quoteValue(command)}\n`;
      try {
        await withPeer(reference, config, async (peer) => exchange(peer, bed, await bed.up()));
      } finally {
        await bed.close();
      }
      // And a pipe of our own, to a TCP server of the reference.
      const port = await freePort();
      const listening = `    type = TCPServerInterface\n    listen_ip = ${HERE}\n    listen_port = ${port}\n`;
      await withPeer(reference, listening, async (peer, own) => {
        await own.open(
          new PipeInterface({ description, command: [process.execPath, '-e', join(port)] })
        );
        await exchange(peer, own, await own.up());
      });
    }
  );

  for (const [name, type, protocol] of [
    ['reticulum/interface-serial', 'SerialInterface', (): HdlcSerial => new HdlcSerial(564)],
    [
      'reticulum/interface-kiss',
      'KISSInterface',
      (): KissTnc => new KissTnc({ ...TNC_DEFAULTS, maxBytes: 564 }),
    ],
    [
      'reticulum/interface-ax25-kiss',
      'AX25KISSInterface',
      (): KissTnc =>
        new KissTnc({ ...TNC_DEFAULTS, maxBytes: 564, ax25: { callsign: 'OUR1', ssid: 2 } }),
    ],
  ] as const) {
    live(`[${name}] packets over a serial line with ${type} of the reference`, async () => {
      const wiring = new PythonPeer(reference, 'rns_interface_peer.py');
      try {
        const { ports } = await wiring.ask('cable');
        const [near, far] = ports as [string, string];
        const config = `    type = ${type}\n    port = ${far}\n    speed = 115200\n    callsign = THEIR1\n    ssid = 1\n`;
        await withPeer(reference, config, async (peer, bed) => {
          const description = { name: 'serial', hwMtu: 564 };
          await bed.open(
            new SerialPortInterface({
              description,
              protocol: protocol(),
              open: terminalOpener(near),
            })
          );
          const way = await bed.up();
          await exchange(peer, bed, way);
        });
      } finally {
        await wiring.stop();
      }
    });
  }

  const SECRET = { networkName: 'our net', passphrase: 'a pass phrase' };

  for (const [bits, same] of [
    [128, true],
    [8, true],
    [512, true],
    [128, false],
  ] as const) {
    const outcome = same ? 'is heard' : 'is not heard with another passphrase';
    live(
      `[reticulum/ifac-sign-mask] [reticulum/ifac-verify-unmask] an announce with a code of ${bits} bits ${outcome}, either way`,
      async () => {
        const port = await freePort();
        const theirs = same ? SECRET.passphrase : 'another';
        const config =
          `    type = TCPServerInterface\n    listen_ip = ${HERE}\n    listen_port = ${port}\n` +
          `    network_name = ${SECRET.networkName}\n    passphrase = ${theirs}\n    ifac_size = ${bits}\n`;
        await withPeer(reference, config, async (peer) => {
          const host = nodeHost();
          const access = InterfaceAccessCode.of(SECRET, bits / 8);
          const description = { name: 'tcp', hwMtu: 8192, mtuDiscovery: true, access };
          await host.add(new TcpClientInterface({ description, host: HERE, port }));
          const heard: string[] = [];
          host.reticulum.onAnnounce({});
          host.instance.on(
            'announce',
            ({ announce }) => void heard.push(toHex(announce.appData ?? new Uint8Array()))
          );
          const own = Destination.create({
            direction: 'in',
            identity: Identity.generate(systemRandom),
            appName: 'test',
            aspects: ['host'],
          });
          host.reticulum.register(own);
          host.act((reticulum, now) => reticulum.announce(own, now, { appData: utf8('ours') }));
          const privateKey = toHex(Identity.generate(systemRandom).privateKey());
          await peer.ask('announce', { private: privateKey, appData: toHex(utf8('theirs')) });
          const seconds = same ? 10 : 1;
          const { announces } = await peer.ask('await_announce', {
            destination: toHex(own.hash),
            seconds,
          });
          const [state] = [...host.reticulum.core.interfaces.values()];
          for (let i = 0; i < seconds * 100 && (state?.counters.rxPackets ?? 0) === 0; i++) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
          assert.is((announces as unknown[]).length, same ? 1 : 0);
          assert.equal(heard, same ? [toHex(utf8('theirs'))] : []);
          assert.is(state?.counters.accessViolations, same ? 0 : 1);
          await host.close();
        });
      }
    );
  }

  live(
    '[reticulum/interface-hw-mtu] a link over TCP takes frames as large as the reference sends',
    async () => {
      const port = await freePort();
      const config = `    type = TCPServerInterface\n    listen_ip = ${HERE}\n    listen_port = ${port}\n    bitrate = 10000000\n`;
      await withPeer(reference, config, async (peer, bed) => {
        const { interfaces } = await peer.ask('interfaces');
        const [theirs] = interfaces as { hwMtu: number }[];
        const description = { name: 'tcp', hwMtu: 16384 };
        await bed.open(new TcpClientInterface({ description, host: HERE, port }));
        await bed.up();
        // The newer version takes a bit rate of exactly ten megabits for fast, the older one does not.
        assert.is(theirs?.hwMtu, reference.name === 'newest' ? 16384 : 8192);
      });
    }
  );

  t.run();
}
