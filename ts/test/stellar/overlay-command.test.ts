/** `tesserae overlay ping` and `overlay listen`, against nodes of this process. @module */
import { createServer, type Socket } from 'node:net';
import { systemRandom } from '../../base/random.ts';
import type { Clock } from '../../base/clock.ts';
import { encodeStrKey } from '../../crypto/strkey.ts';
import { connectPeer, listenForPeers, type TcpDoor } from '../../host/node/stellar-tcp.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { LocalNode } from '../../stellar/overlay/local-node.ts';
import { NetworkPassphrase } from '../../stellar/overlay/network.ts';
import { assert } from '../support/assert.ts';
import { World } from '../support/cli.ts';
import { suite } from '../support/suite.ts';

const t = suite('tesserae overlay', import.meta.url);

const PUBLIC: Partial<OverlayConfig> = { networkPassphrase: NetworkPassphrase.public };

const makeNode = (config: Partial<OverlayConfig>): LocalNode =>
  new LocalNode({ seed: systemRandom.bytes(32), random: systemRandom, config });

/** A node that listens, on the clock of the command. */
async function serve(
  clock: Clock,
  config: Partial<OverlayConfig> = {}
): Promise<{ node: LocalNode; door: TcpDoor; port: string }> {
  const node = makeNode({ ...PUBLIC, ...config });
  const door = await listenForPeers(node, { host: '127.0.0.1', port: 0 }, {}, clock);
  return { node, door, port: String(door.port) };
}

t('ping prints who answers, and ends with 0', async () => {
  const world = new World({ random: systemRandom });
  const { node, door, port } = await serve(world.clock, { versionText: 'core \u001b[31m' });
  const ran = await world.run(['overlay', 'ping', '127.0.0.1', port]);
  assert.is(ran.code, 0, ran.err);
  assert.is(
    ran.out,
    `Node             ${encodeStrKey('publicKey', node.auth.nodeId)}\n` +
      'Version          core \\x1b[31m\nLedger protocol  27\nOverlay          41 to 42\n' +
      'Listens on       11625\nHandshake        0 ms\nLatency          0 ms\n'
  );
  const json = await world.run(['overlay', 'ping', '--json', '127.0.0.1', port]);
  assert.is(json.code, 0);
  const facts = JSON.parse(json.out) as Record<string, unknown>;
  assert.is(facts['reached'], true);
  assert.is(facts['overlayVersion'], 42);
  assert.is(facts['latencyMs'], 0);
  await door.close();
});

t('ping says why a node refuses, and ends with 1', async () => {
  const world = new World({ random: systemRandom });
  const { door, port } = await serve(world.clock);
  const cases: readonly [string[], RegExp][] = [
    [['--network', 'testnet'], /hung up at our HELLO; it may be on another network/],
    [['--overlay-versions', '35-38'], /wrong protocol version/],
  ];
  for (const [options, why] of cases) {
    const ran = await world.run(['overlay', 'ping', ...options, '127.0.0.1', port]);
    assert.is(ran.code, 1);
    assert.match(ran.err, why);
    const json = await world.run(['overlay', 'ping', '--json', ...options, '127.0.0.1', port]);
    assert.is(json.code, 1);
    const facts = JSON.parse(json.out) as Record<string, unknown>;
    assert.is(facts['reached'], false);
    assert.match(String(facts['reason']), why);
  }
  await door.close();
  const gone = await world.run(['overlay', 'ping', '127.0.0.1', port]);
  assert.is(gone.code, 1);
  assert.match(gone.err, /unable to connect: ECONNREFUSED/);
});

t('ping gives up on a node that says nothing', async () => {
  const world = new World({ random: systemRandom });
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const ran = await world.run(['overlay', 'ping', '--timeout', '0.2', '127.0.0.1', String(port)]);
  assert.is(ran.code, 1);
  assert.match(ran.err, /no answer within 0\.2 s/);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

t('wrong words are wrong usage', async () => {
  const world = new World();
  const lines = [
    ['overlay', 'ping'],
    ['overlay', 'ping', 'host', '70000'],
    ['overlay', 'ping', 'host', '1', 'more'],
    ['overlay', 'ping', '--overlay-versions', '42-41', 'host'],
    ['overlay', 'ping', '--overlay-versions', '42', 'host'],
    ['overlay', 'listen', '--port', '0'],
    ['overlay', 'listen', 'here'],
  ];
  for (const line of lines) {
    const ran = await world.run(line);
    assert.is(ran.code, 2, `${line.join(' ')}: ${ran.err}`);
  }
  const help = await world.run(['overlay', 'ping', '--help']);
  assert.match(help.out, /usage: tesserae overlay ping .* HOST \[PORT\]\n/);
});

t('listen says who comes, what is sent and who goes, in that order', async () => {
  const world = new World({ random: systemRandom });
  const free = await serve(world.clock);
  await free.door.close();
  const node = makeNode({ ...PUBLIC, versionText: 'visitor' });
  const running = world.run([
    ...['overlay', 'listen', '--port', free.port, '--json', '--messages', '--for', '0.4'],
  ]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  connectPeer(
    node,
    { port: Number(free.port) },
    { authenticated: (peer) => setTimeout(() => peer.leave('seen enough'), 50) },
    world.clock
  );
  const ran = await running;
  assert.is(ran.code, 0, ran.err);
  const events = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    events.map(({ event }) => event),
    ['listening', 'authenticated', 'message', 'dropped']
  );
  assert.is(events[1]?.['nodeId'], encodeStrKey('publicKey', node.auth.nodeId));
  assert.is(events[1]?.['version'], 'visitor');
  assert.is(events[2]?.['message'], 'GET_SCP_STATE 0');
});

t.run();
