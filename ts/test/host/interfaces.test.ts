import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import { encodeHdlc } from '../../codec/hdlc.ts';
import { PipeInterface } from '../../host/node/pipe.ts';
import { LocalClientInterface } from '../../host/node/local.ts';
import { TcpClientInterface, TcpServerInterface } from '../../host/node/tcp.ts';
import { UdpInterface } from '../../host/node/udp.ts';
import { WebSocketClientInterface, WebSocketServerInterface } from '../../host/node/websocket.ts';
import { Bed, type BedWay } from './bed.ts';

const t = suite('host/interfaces', import.meta.url);
const HERE = '127.0.0.1';
const TCP = { name: 'tcp', hwMtu: 8192 };
const packets = [20, 21, 100, 500, 8192].map((size) => new SeededRandom(size).bytes(size));

/** Send packets both ways and see that each arrives as it was. */
async function exchange(a: [Bed, BedWay], b: [Bed, BedWay], list = packets): Promise<void> {
  for (const [[, from], [bed, to]] of [
    [a, b],
    [b, a],
  ] as const) {
    const before = to.packets.length;
    for (const packet of list) from.send(packet);
    await bed.until(() => to.packets.length >= before + list.length);
    for (const [i, packet] of list.entries()) sameBytes(to.packets[before + i], packet);
  }
}

async function withBeds(run: (a: Bed, b: Bed) => Promise<void>): Promise<void> {
  const [a, b] = [new Bed(), new Bed()];
  try {
    await run(a, b);
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
  for (const bed of [a, b]) assert.is(bed.online.length, 0, 'something is online after closing');
}

for (const framing of ['hdlc', 'kiss'] as const) {
  t(
    `[reticulum/interface-tcp-client] [reticulum/interface-tcp-server] TCP carries packets in ${framing} frames both ways`,
    () =>
      withBeds(async (here, there) => {
        const server = await there.open(
          new TcpServerInterface({ description: TCP, port: 0, framing })
        );
        const client = new TcpClientInterface({
          description: TCP,
          host: HERE,
          port: server.port as number,
          framing,
        });
        await here.open(client);
        const [near, far] = [await here.up(), await there.up()];
        assert.is(far.way.description.name, 'Client on tcp');
        assert.is(server.clients, 1);
        await exchange([here, near], [there, far]);
      })
  );
}

t('a TCP server has a way for each client, and takes it back when the client goes', () =>
  withBeds(async (here, there) => {
    const server = await there.open(new TcpServerInterface({ description: TCP, port: 0 }));
    const options = { description: TCP, host: HERE, port: server.port as number };
    const [first, second] = [new TcpClientInterface(options), new TcpClientInterface(options)];
    await here.open(first);
    await here.open(second);
    await there.until(() => there.online.length === 2);
    await first.close();
    await there.until(() => there.online.length === 1);
    assert.is(there.ways.filter((way) => !way.attached).length, 1);
    await exchange([here, here.online[0] as BedWay], [there, there.online[0] as BedWay]);
  })
);

t('a TCP client connects again when the connection is lost', () =>
  withBeds(async (here, there) => {
    const first = await there.open(new TcpServerInterface({ description: TCP, port: 0 }));
    const port = first.port as number;
    await here.open(
      new TcpClientInterface({ description: TCP, host: HERE, port, reconnectWaitMs: 20 })
    );
    const way = await here.up();
    await first.close();
    await here.until(() => !way.online);
    way.send(packets[0] as Uint8Array);
    await there.open(new TcpServerInterface({ description: TCP, port }));
    await here.until(() => way.online);
    await exchange([here, way], [there, await there.up()]);
    assert.is(here.ways.length, 1, 'it is the same way');
    assert.ok(here.reports.some(({ text }) => text.startsWith('connection lost')));
  })
);

t(
  'a TCP client that never connects runs on, and gives up after as many attempts as it is told',
  () =>
    withBeds(async (here, there) => {
      const gone = await there.open(new TcpServerInterface({ description: TCP, port: 0 }));
      const port = gone.port as number;
      await gone.close();
      const options = { description: TCP, host: HERE, port, reconnectWaitMs: 5 };
      const client = new TcpClientInterface({ ...options, maxReconnectTries: 2 });
      await here.open(client);
      await here.until(() => here.ways[0]?.attached === false);
      assert.is(here.reports.at(-1)?.text, 'gave up after 2 attempts to connect');
      assert.is(here.reports[0]?.level, 'warning');
    })
);

t('an address that is taken is an error of the caller, with its place', () =>
  withBeds(async (here, there) => {
    const server = await there.open(new TcpServerInterface({ description: TCP, port: 0 }));
    const port = server.port as number;
    const error = await rejectsCode(
      () => here.open(new TcpServerInterface({ description: TCP, port })),
      'HOST_NETWORK'
    );
    assert.match(error.message, new RegExp(`tcp: cannot listen on 127.0.0.1:${port}: `));
    const other = new WebSocketServerInterface({ description: TCP, port });
    await rejectsCode(() => here.open(other), 'HOST_NETWORK');
    const device = new TcpServerInterface({ description: TCP, port: 0, device: 'none0' });
    await rejectsCode(async () => here.open(device), 'HOST_NETWORK');
  })
);

t('servers listen on this machine only unless told otherwise', () =>
  withBeds(async (here) => {
    const server = await here.open(new TcpServerInterface({ description: TCP, port: 0 }));
    const other = await here.open(new WebSocketServerInterface({ description: TCP, port: 0 }));
    for (const { port } of [server, other]) {
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect({ host: '127.0.0.2', port: port as number });
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
        socket.once('close', () => socket.destroy());
      });
      assert.is(reached, false);
    }
  })
);

t('garbage on a TCP connection is dropped, and packets after it arrive', () =>
  withBeds(async (here) => {
    const server = await here.open(new TcpServerInterface({ description: TCP, port: 0 }));
    const socket = connect({ host: HERE, port: server.port as number });
    const way = await here.up();
    const random = new SeededRandom(1);
    for (let i = 0; i < 200; i++) socket.write(random.bytes(random.below(400)));
    socket.write(encodeHdlc(new Uint8Array(10_000).fill(1)));
    const good = new Uint8Array(50).fill(0x7e);
    socket.write(encodeHdlc(good));
    await here.until(() => way.packets.at(-1)?.length === 50);
    sameBytes(way.packets.at(-1), good);
    socket.destroy();
  })
);

t('packets for a peer that does not read are dropped instead of kept', async () => {
  const bed = new Bed();
  const sockets: Socket[] = [];
  const deaf = createServer((socket) => void sockets.push(socket.pause()));
  await new Promise<void>((resolve) => void deaf.listen(0, HERE, resolve));
  const { port } = deaf.address() as { port: number };
  const before = process.memoryUsage().external;
  await bed.open(new TcpClientInterface({ description: TCP, host: HERE, port }));
  const way = await bed.up();
  const packet = new Uint8Array(8192).fill(3);
  for (let i = 0; i < 12_000; i++) way.send(packet);
  const grown = process.memoryUsage().external - before;
  assert.ok(grown < 60_000_000, `${grown} bytes are kept`);
  await bed.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => deaf.close(resolve));
});

t('[reticulum/interface-udp] UDP carries a packet in each datagram', () =>
  withBeds(async (here, there) => {
    const description = { name: 'udp', hwMtu: 1064 };
    const listening = { description, listenHost: HERE, listenPort: 0 };
    const a = await here.open(new UdpInterface(listening));
    const b = await there.open(
      new UdpInterface({ ...listening, forwardHost: HERE, forwardPort: a.port as number })
    );
    const small = packets.filter(({ length }) => length <= 1064);
    const [to, from] = [await here.up(), await there.up()];
    for (const packet of small) {
      from.send(packet);
      await here.until(() => to.packets.length > 0);
      sameBytes(to.packets.pop(), packet);
    }
    assert.is(to.way.description.sends, false, 'nothing to send to');
    assert.is(from.way.description.sends, true);
    to.send(small[0] as Uint8Array);
    const stranger = createSocket('udp4');
    stranger.send(Uint8Array.of(1, 2, 3), b.port as number, HERE);
    await there.until(() => from.packets.length === 1);
    sameBytes(from.packets[0], '010203');
    stranger.close();
  })
);

t('two UDP interfaces on one port are refused', () =>
  withBeds(async (here, there) => {
    const description = { name: 'udp', hwMtu: 1064 };
    const one = await here.open(new UdpInterface({ description, listenHost: HERE, listenPort: 0 }));
    const two = new UdpInterface({ description, listenHost: HERE, listenPort: one.port });
    await rejectsCode(() => there.open(two), 'HOST_NETWORK');
    const nowhere = new UdpInterface({ description, listenPort: 0, device: 'none0' });
    await rejectsCode(() => there.open(nowhere), 'HOST_NETWORK');
  })
);

/** A program that sends back each byte that it reads, and complains once. */
const ECHO = [
  process.execPath,
  '-e',
  'process.stderr.write("a word\\n"); process.stdin.pipe(process.stdout)',
];

t('[reticulum/interface-pipe] a pipe carries packets through a program', async () => {
  const bed = new Bed();
  await bed.open(new PipeInterface({ description: { name: 'pipe', hwMtu: 1064 }, command: ECHO }));
  const way = await bed.up();
  const list = packets.filter(({ length }) => length <= 1064);
  for (const packet of list) way.send(packet);
  await bed.until(() => way.packets.length === list.length);
  for (const [i, packet] of list.entries()) sameBytes(way.packets[i], packet);
  await bed.until(() => bed.reports.some(({ text }) => text === 'a word'));
  await bed.close();
  assert.is(way.attached, false);
});

t('a program that ends is started again', async () => {
  const bed = new Bed();
  // It takes one packet and ends.
  const once = 'process.stdin.once("data", (d) => process.stdout.write(d, () => process.exit(3)))';
  const pipe = new PipeInterface({
    description: { name: 'pipe', hwMtu: 1064 },
    command: [process.execPath, '-e', once],
    respawnDelayMs: 10,
  });
  await bed.open(pipe);
  const way = await bed.up();
  const packet = packets[2] as Uint8Array;
  for (const round of [1, 2]) {
    await bed.until(() => way.online);
    way.send(packet);
    await bed.until(() => way.packets.length === round && !way.online);
  }
  assert.ok(bed.reports.some(({ text }) => text === 'the program ended with 3'));
  await bed.close();
});

t('a program that does not exist is told of, and tried again', async () => {
  const bed = new Bed();
  const description = { name: 'pipe', hwMtu: 1064 };
  const command = ['no-such-program-anywhere'];
  await bed.open(new PipeInterface({ description, command, respawnDelayMs: 5 }));
  await bed.until(() => bed.reports.length >= 2);
  assert.match(bed.reports[0]?.text ?? '', /ENOENT/);
  await bed.close();
  assert.throws(() => new PipeInterface({ description, command: [] }), /must name a program/);
});

t('a shared instance that does not run is an error at the start', async () => {
  const bed = new Bed();
  const none = `tesserae-test-${process.pid}`;
  await rejectsCode(
    () => bed.open(new LocalClientInterface({ instanceName: none })),
    'HOST_NETWORK'
  );
  const onTcp = new LocalClientInterface({ type: 'tcp', port: 1 });
  await rejectsCode(() => bed.open(onTcp), 'HOST_NETWORK');
  await bed.close();
  assert.ok(bed.ways.every((way) => !way.attached));
});

t(
  '[reticulum/interface-local-client] a local socket carries packets, and is connected to again',
  async () => {
    const bed = new Bed();
    const name = `tesserae-test-${process.pid}-echo`;
    const path = process.platform === 'linux' ? `\0rns/${name}` : undefined;
    const sockets = new Set<Socket>();
    const echo = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).pipe(socket);
    });
    await new Promise<void>((resolve) =>
      path === undefined ? echo.listen(0, HERE, resolve) : echo.listen({ path }, resolve)
    );
    const address = echo.address();
    const where =
      typeof address === 'object' && address !== null && 'port' in address
        ? { type: 'tcp' as const, port: address.port }
        : { instanceName: name };
    await bed.open(new LocalClientInterface({ ...where, reconnectWaitMs: 10 }));
    const way = await bed.up();
    assert.is(way.way.description.hwMtu, 262144);
    const large = new SeededRandom(2).bytes(100_000);
    way.send(large);
    await bed.until(() => way.packets.length === 1);
    sameBytes(way.packets[0], large);
    for (const socket of sockets) socket.destroy();
    await bed.until(() => !way.online);
    await bed.until(() => way.online);
    way.send(large);
    await bed.until(() => way.packets.length === 2);
    await bed.close();
    await new Promise((resolve) => echo.close(resolve));
  }
);

t('a WebSocket carries a packet in each binary message, both ways', () =>
  withBeds(async (here, there) => {
    const server = await there.open(
      new WebSocketServerInterface({ description: TCP, port: 0, path: '/rns' })
    );
    const url = `ws://${HERE}:${server.port}/rns`;
    await here.open(new WebSocketClientInterface({ description: TCP, url }));
    await exchange([here, await here.up()], [there, await there.up()]);
    assert.is(server.clients, 1);
    const stray = new WebSocketClientInterface({
      description: TCP,
      url: `ws://${HERE}:${server.port}/other`,
    });
    await here.open(stray);
    assert.is(here.ways[1]?.online, false);
  })
);

t('a WebSocket client connects again, and a server drops what is no packet', () =>
  withBeds(async (here, there) => {
    const server = await there.open(new WebSocketServerInterface({ description: TCP, port: 0 }));
    const port = server.port as number;
    const url = `ws://${HERE}:${port}/`;
    await here.open(new WebSocketClientInterface({ description: TCP, url, reconnectWaitMs: 10 }));
    const way = await here.up();
    await server.close();
    await here.until(() => !way.online);
    const next = await there.open(new WebSocketServerInterface({ description: TCP, port }));
    await here.until(() => way.online);
    const other = new WebSocket(url);
    await new Promise((resolve) => other.once('open', resolve));
    await there.until(() => there.online.length === 2);
    const strange = there.online[1] as BedWay;
    other.send('text is no packet');
    other.send(packets[1] as Uint8Array);
    await there.until(() => strange.packets.length === 1);
    assert.is(next.dropped, 1);
    other.send(new Uint8Array(8193));
    await there.until(() => !strange.attached);
    assert.is(next.clients, 1);
  })
);

t('a WebSocket server turns away foreign pages and too many clients', () =>
  withBeds(async (_, there) => {
    const description = TCP;
    const server = await there.open(
      new WebSocketServerInterface({ description, port: 0, maxClients: 1 })
    );
    const listed = await there.open(
      new WebSocketServerInterface({ description, port: 0, origins: ['https://example.org'] })
    );
    const visit = (port: number | undefined, origin?: string): Promise<number> =>
      new Promise((resolve) => {
        const headers = origin === undefined ? {} : { headers: { origin } };
        const socket = new WebSocket(`ws://${HERE}:${port}/`, headers);
        socket.once('open', () => {
          socket.once('close', () => resolve(101));
          socket.close();
        });
        socket.once('unexpected-response', (request, response) => {
          request.destroy();
          resolve(response.statusCode ?? 0);
        });
        socket.on('error', () => undefined);
      });
    const gone = (): Promise<void> => there.until(() => there.online.length === 0);
    for (const origin of [
      undefined,
      'http://localhost:5173',
      'http://[::1]',
      'https://127.0.0.1',
    ]) {
      assert.is(await visit(server.port, origin), 101, origin);
      await gone();
    }
    for (const origin of ['https://example.org', 'null', 'https://localhost.example.org']) {
      assert.is(await visit(server.port, origin), 403, origin);
    }
    assert.is(await visit(listed.port, 'https://example.org'), 101);
    await gone();
    assert.is(await visit(listed.port, 'http://localhost'), 403);
    const first = new WebSocket(`ws://${HERE}:${server.port}/`);
    await there.up();
    assert.is(await visit(server.port), 503);
    first.terminate();
  })
);

t('a WebSocket client that shows no sign of life is dropped', () =>
  withBeds(async (_, there) => {
    const server = await there.open(
      new WebSocketServerInterface({ description: TCP, port: 0, pingIntervalMs: 30 })
    );
    const silent = new WebSocket(`ws://${HERE}:${server.port}/`, { autoPong: false });
    const alive = new WebSocket(`ws://${HERE}:${server.port}/`);
    await there.until(() => there.ways.length === 2);
    await there.until(() => there.online.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.is(server.clients, 1);
    silent.terminate();
    alive.terminate();
  })
);

t.run();
