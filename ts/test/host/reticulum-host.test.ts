import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { utf8 } from '../../base/bytes.ts';
import { SeededRandom, systemRandom } from '../../base/random.ts';
import { browserHost } from '../../host/browser/driver.ts';
import type { HostInterface, InterfaceHost, InterfaceReport } from '../../host/interface.ts';
import { nodeHost, startFromConfig, type Started } from '../../host/node/driver.ts';
import { nodeInterfaces } from '../../host/node/interfaces.ts';
import { TcpClientInterface, TcpServerInterface } from '../../host/node/tcp.ts';
import { InterfaceRegistry } from '../../host/registry.ts';
import { ReticulumHost } from '../../host/reticulum-host.ts';
import { hostTime } from '../../host/time.ts';
import { ReticulumApi } from '../../reticulum/api.ts';
import { ConfigFile } from '../../reticulum/config-file.ts';
import { Destination } from '../../reticulum/destination.ts';
import { Reticulum } from '../../reticulum/endpoint.ts';
import { Identity } from '../../reticulum/identity.ts';
import { InterfaceAccessCode } from '../../reticulum/ifac.ts';

const t = suite('host/reticulum-host', import.meta.url);
const HERE = '127.0.0.1';
const TCP = { name: 'tcp', hwMtu: 8192, mtuDiscovery: true, bitrateBps: 10_000_000 };

function ownDestination(identity: Identity): Destination {
  return Destination.create({ direction: 'in', identity, appName: 'test', aspects: ['host'] });
}

/** Two hosts joined over TCP. */
async function pair(
  here: ReticulumHost,
  there: ReticulumHost,
  passphrases: readonly (string | undefined)[] = []
): Promise<{ server: TcpServerInterface; client: TcpClientInterface }> {
  const [ours, theirs] = passphrases.map((passphrase) =>
    passphrase === undefined ? TCP : { ...TCP, access: InterfaceAccessCode.of({ passphrase }, 16) }
  );
  const server = new TcpServerInterface({ description: theirs ?? TCP, port: 0 });
  await there.add(server);
  const client = new TcpClientInterface({
    description: ours ?? TCP,
    host: HERE,
    port: server.port as number,
  });
  await here.add(client);
  return { server, client };
}

function interfacesOf(host: ReticulumHost): { online: boolean; name: string }[] {
  return [...host.reticulum.core.interfaces.values()];
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

for (const [name, passphrases] of [
  ['open', []],
  ['closed by an access code', ['secret', 'secret']],
] as const) {
  t(
    `two endpoints exchange announces, packets and proofs over a TCP interface that is ${name}`,
    async () => {
      const [here, there] = [nodeHost(), nodeHost()];
      await pair(here, there, passphrases);
      const identity = Identity.generate(systemRandom);
      const destination = ownDestination(identity);
      there.reticulum.register(destination);
      const api = new ReticulumApi(here.instance);
      const heard = api.announces({ aspectFilter: 'test.host' });
      await until(() => interfacesOf(there).some(({ online }) => online));
      there.act((reticulum, now) =>
        reticulum.announce(destination, now, { appData: utf8('hello') })
      );
      const announce = await heard.next();
      sameBytes(announce.value?.announce.appData, utf8('hello'));
      let received: Uint8Array | undefined;
      there.instance.on('packet', (event) => {
        received = event.data;
        there.act((reticulum, now) => reticulum.prove(destination, event.packet, now));
      });
      const proven = new Promise<string>((resolve) => {
        here.instance.on('receipt', ({ receipt }) => resolve(String(receipt.status)));
      });
      const remote = Destination.create({
        direction: 'out',
        identity: identity.publicOnly(),
        appName: 'test',
        aspects: ['host'],
      });
      const { sent, receipt } = here.act((reticulum, now) =>
        reticulum.send(remote, utf8('a packet'), now)
      );
      assert.is(sent, true);
      assert.is(await proven, String(receipt?.status));
      sameBytes(received, utf8('a packet'));
      await Promise.all([here.close(), there.close()]);
      assert.equal([interfacesOf(here), interfacesOf(there)], [[], []]);
    }
  );
}

for (const [name, passphrases] of [
  ['another passphrase', ['one', 'two']],
  ['no passphrase', [undefined, 'two']],
  ['a passphrase where there is none', ['one', undefined]],
] as const) {
  t(`with ${name} nothing is heard, and each frame is counted`, async () => {
    const [here, there] = [nodeHost(), nodeHost()];
    await pair(here, there, passphrases);
    await until(() => interfacesOf(there).some(({ online }) => online));
    let heard = 0;
    here.instance.on('announce', () => (heard += 1));
    here.reticulum.onAnnounce({});
    const destination = ownDestination(Identity.generate(systemRandom));
    there.reticulum.register(destination);
    there.act((reticulum, now) => reticulum.announce(destination, now));
    const [own] = [...here.reticulum.core.interfaces.values()];
    await until(() => (own?.counters.rxPackets ?? 0) > 0);
    assert.is(own?.counters.accessViolations, 1);
    assert.is(heard, 0);
    await Promise.all([here.close(), there.close()]);
  });
}

t('garbage from a peer is counted and harms nothing', async () => {
  const reports: InterfaceReport[] = [];
  const host = nodeHost({ onReport: (report) => reports.push(report) });
  const server = new TcpServerInterface({ description: TCP, port: 0 });
  await host.add(server);
  const socket = connect({ host: HERE, port: server.port as number });
  const random = new SeededRandom(77);
  for (let i = 0; i < 2000; i++) {
    const frame = random.bytes(20 + random.below(200));
    frame[0] = (frame[0] as number) & 0x7f;
    socket.write(Uint8Array.of(0x7e));
    socket.write(frame.filter((byte) => byte !== 0x7e));
  }
  await new Promise<void>((resolve) => socket.end(Uint8Array.of(0x7e), () => resolve()));
  await until(() => server.clients === 0 && host.reticulum.core.drops.total > 500);
  assert.equal(
    reports.filter(({ level }) => level === 'error'),
    []
  );
  await host.close();
});

t('what a listener or a store throws is reported, and the rest goes on', async () => {
  const reports: InterfaceReport[] = [];
  const here = nodeHost({
    onReport: (report) => {
      reports.push(report);
      throw new Error('even reports may throw');
    },
    store: () => {
      throw new Error('the disk is full');
    },
  });
  const there = nodeHost();
  await pair(here, there);
  await until(() => interfacesOf(there).some(({ online }) => online));
  here.reticulum.onAnnounce({});
  let heard = 0;
  here.instance.on('announce', () => {
    heard += 1;
    throw new Error('a listener fails');
  });
  for (let i = 0; i < 2; i++) {
    const destination = ownDestination(Identity.generate(systemRandom));
    there.reticulum.register(destination);
    there.act((reticulum, now) => reticulum.announce(destination, now));
    await until(() => heard === i + 1);
  }
  assert.is(reports.filter(({ text }) => text === 'a listener fails').length, 2);
  here.act((reticulum, now) => reticulum.persist(now));
  assert.ok(reports.some(({ name, text }) => name === 'store' && text === 'the disk is full'));
  await Promise.all([here.close(), there.close()]);
});

t('an interface that cannot be opened leaves nothing behind', async () => {
  const host = nodeHost();
  let closed = 0;
  const broken: HostInterface = {
    name: 'broken',
    open: async (to: InterfaceHost) => {
      to.attach({ description: { name: 'broken' }, send: () => undefined });
      throw new Error('no such device');
    },
    close: async () => void (closed += 1),
  };
  let caught: unknown;
  await host.add(broken).catch((error: unknown) => (caught = error));
  assert.is((caught as Error).message, 'no such device');
  assert.is(closed, 1);
  assert.equal(host.interfaces, []);
  await host.close();
  await host.add(broken).catch((error: unknown) => (caught = error));
  assert.match((caught as Error).message, /closed/);
});

t('an interface is removed while others run on', async () => {
  const [here, there] = [nodeHost(), browserHost()];
  const { client, server } = await pair(here, there);
  await until(() => interfacesOf(there).length === 1);
  await here.remove(client);
  assert.equal(interfacesOf(here), []);
  await until(() => interfacesOf(there).length === 0);
  assert.equal(there.interfaces, [server]);
  await Promise.all([here.close(), there.close()]);
});

t('time runs steadily, follows a clock that was set, and tells what its timers throw', async () => {
  const errors: unknown[] = [];
  const time = hostTime({ onError: (error) => errors.push(error) });
  let last = time.now();
  for (let i = 0; i < 1000; i++) {
    const now = time.now();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(Math.abs(last - Date.now()) < 2001);
  const real = Date.now;
  Date.now = () => real() - 3_600_000;
  try {
    assert.ok(time.now() < last - 3_500_000);
  } finally {
    Date.now = real;
  }
  assert.ok(Math.abs(time.now() - Date.now()) < 2001);
  await new Promise<void>((resolve) => {
    const cancel = time.schedule(time.now() + 1, () => assert.unreachable('it was called off'));
    cancel();
    time.schedule(time.now() + 5, () => {
      resolve();
      throw new Error('from a timer');
    });
  });
  await until(() => errors.length === 1);
});

const CONFIG = `[reticulum]
share_instance = no
[interfaces]
  [[Server]]
    type = TCPServerInterface
    enabled = yes
    listen_port = 0
    bitrate = 1000000
    network_name = n
  [[Off]]
    type = TCPServerInterface
    listen_port = 0
  [[Udp]]
    type = UDPInterface
    enabled = yes
    listen_ip = 127.0.0.1
    listen_port = 0
    forward_ip = 127.0.0.1
    forward_port = 9
    colour = blue
`;

async function started(
  text: string,
  options: Parameters<typeof startFromConfig>[1] = {}
): Promise<Started> {
  return startFromConfig(ConfigFile.parse(text, 'my.conf'), options);
}

t('an endpoint starts from a configuration file, with its enabled interfaces', async () => {
  const { host, settings, logging, shared, warnings } = await started(CONFIG);
  assert.equal(
    host.interfaces.map(({ name }) => name),
    ['Server', 'Udp']
  );
  assert.is(settings.shareInstance, false);
  assert.is(logging.logLevel, 3);
  assert.is(shared, false);
  assert.equal(
    warnings.map(({ place, key }) => `${place} ${key}`),
    ['my.conf:20 colour']
  );
  const server = host.interfaces[0] as TcpServerInterface;
  const socket = connect({ host: HERE, port: server.port as number });
  await until(() => host.reticulum.core.interfaces.size === 2);
  const spawned = [...host.reticulum.core.interfaces.values()].at(-1);
  assert.is(spawned?.name, 'Client on Server');
  assert.is(spawned?.hwMtu, 2048);
  assert.is(spawned?.access?.sizeBytes, 16);
  socket.destroy();
  await host.close();
});

t('mistakes in a configuration file open nothing and are named with their place', async () => {
  const bad = (section: string): string =>
    `[reticulum]\nshare_instance = no\n[interfaces]\n[[A]]\nenabled = yes\n${section}\n`;
  const cases: readonly [string, RegExp][] = [
    ['type = NoSuchInterface', /^my\.conf:6 \[interfaces\] \[\[A\]\] type$/],
    ['type = TCPClientInterface\ntarget_host = a', /\[\[A\]\] target_port$/],
    [
      'type = TCPClientInterface\ntarget_host = a\ntarget_port = 70000',
      /^my\.conf:8 .* target_port$/,
    ],
    ['type = TCPServerInterface', /listen_port$/],
    ['type = UDPInterface', /listen_ip$/],
    ['type = PipeInterface\ncommand = "a \'b"', /^my\.conf:7 .* command$/],
    ['type = AutoInterface\ndiscovery_scope = moon', /discovery_scope$/],
    ['type = SerialInterface', /port$/],
    ['type = SerialInterface\nport = /dev/x\ndatabits = 9', /databits$/],
    ['type = AX25KISSInterface\nport = /dev/x\ncallsign = A', /callsign$/],
    ['type = AX25KISSInterface\nport = /dev/x\ncallsign = ABC', /ssid$/],
    ['type = RNodeInterface\nport = /dev/x\nfrequency = 1', /^my\.conf:8 .* frequency$/],
    ['type = RNodeInterface\nport = ble://x', /port$/],
    ['type = WebSocketClientInterface\nurl = http://x', /url$/],
    ['type = WebSocketServerInterface\nlisten_port = 0\npath = rns', /path$/],
    ['type = TCPClientInterface\ntarget_host = a\ntarget_port = 1\nfixed_mtu = 499', /fixed_mtu$/],
  ];
  for (const [section, place] of cases) {
    const error = await rejectsCode(() => started(bad(section)), 'RNS_CONFIG', section);
    assert.match(error.at ?? '', place, section);
  }
});

t('an interface that cannot be opened is told of, unless the file asks to panic', async () => {
  const blocker = nodeHost();
  const taken = new TcpServerInterface({ description: TCP, port: 0 });
  await blocker.add(taken);
  const text = CONFIG.replace('listen_port = 0', `listen_port = ${taken.port}`);
  const reports: InterfaceReport[] = [];
  const { host } = await started(text, { onReport: (report) => reports.push(report) });
  assert.equal(
    host.interfaces.map(({ name }) => name),
    ['Udp']
  );
  assert.match(reports[0]?.text ?? '', /^cannot be opened: .*cannot listen on 127\.0\.0\.1/);
  await host.close();
  const panic = text.replace('[reticulum]', '[reticulum]\npanic_on_interface_error = yes');
  await rejectsCode(() => started(panic), 'HOST_NETWORK');
  await blocker.close();
});

t('every kind of interface is made from its section, and a program can add kinds', async () => {
  const sections: Readonly<Record<string, string>> = {
    TCPClientInterface: 'target_host = h\ntarget_port = 1\nkiss_framing = yes\nfixed_mtu = 600',
    TCPServerInterface: 'port = 1\nlisten_ip = 0.0.0.0',
    BackboneInterface: 'listen_on = ::\nport = 1',
    BackboneClientInterface: 'remote = h\nport = 1',
    UDPInterface: 'device = eth0\nport = 1',
    AutoInterface:
      'group_id = g\ndevices = eth0, eth1\ndiscovery_scope = site\nconfigured_bitrate = 5',
    PipeInterface: `command = a 'b c' "d\\"e" f\\ g\nrespawn_delay = 1.5`,
    SerialInterface: 'port = /dev/x\nspeed = 115200\nparity = even\nstopbits = 2',
    KISSInterface: 'port = /dev/x\npreamble = 1\nid_callsign = ME\nid_interval = 5',
    AX25KISSInterface: 'port = /dev/x\ncallsign = ABC\nssid = 3',
    RNodeInterface:
      'port = tcp://radio\nfrequency = 868000000\nbandwidth = 125000\ntxpower = 7\n' +
      'spreadingfactor = 8\ncodingrate = 5\nid_callsign = ME\nid_interval = 5',
    WebSocketClientInterface: 'url = wss://example.org/x',
    WebSocketServerInterface: 'listen_port = 0\norigins = https://a, https://b\npath = /x',
  };
  assert.equal(nodeInterfaces().types.sort(), Object.keys(sections).sort());
  const made: string[] = [];
  const registry = new InterfaceRegistry();
  const whole = nodeInterfaces();
  for (const type of whole.types) {
    registry.register(type, (settings) => {
      made.push(whole.make(settings).name);
      return idle(settings.name);
    });
  }
  registry.register('OwnInterface', (settings) => {
    assert.is(settings.options.text('answer'), '42');
    return idle(settings.name);
  });
  const text = Object.entries({ ...sections, OwnInterface: 'answer = 42' })
    .map(([type, body]) => `[[My ${type}]]\ntype = ${type}\nenabled = yes\n${body}\n`)
    .join('');
  const head = '[reticulum]\nshare_instance = no\n[interfaces]\n';
  const { host, warnings } = await started(head + text, { registry });
  assert.equal(
    made,
    Object.keys(sections).map((type) => `My ${type}`)
  );
  assert.equal(warnings, []);
  assert.is(host.interfaces.length, made.length + 1);
  await host.close();
  assert.throws(() => registry.register('OwnInterface', () => idle('x')), /exists already/);
});

function idle(name: string): HostInterface {
  return { name, open: async () => undefined, close: async () => undefined };
}

t(
  'a host that shall not keep the program running lets it end, with sockets and timers open',
  async () => {
    const script = fileURLToPath(new URL('./background.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.is(code, 0, output);
    assert.is(output.trim(), 'open: 4');
  }
);

t('an endpoint of another kind of time can be run', async () => {
  const host = new ReticulumHost(new Reticulum({ random: systemRandom }), {
    time: { now: () => 5, schedule: () => () => undefined },
  });
  assert.is(
    host.act((_, now) => now),
    5
  );
  await host.close();
});

t.run();
