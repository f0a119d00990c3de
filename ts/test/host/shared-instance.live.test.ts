// time limit: 300 s
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { PythonPeer, pythonReferences, type PythonReference } from '../support/python.ts';
import { usesReference } from '../support/reference.ts';
import { freePort } from '../support/tcp.ts';
import { utf8 } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { systemRandom } from '../../base/random.ts';
import { nodeHost, startFromConfig } from '../../host/node/driver.ts';
import { LocalClientInterface } from '../../host/node/local.ts';
import type { ReticulumHost } from '../../host/reticulum-host.ts';
import { ReticulumApi } from '../../reticulum/api.ts';
import { ConfigFile } from '../../reticulum/config-file.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { ReceiptStatus } from '../../reticulum/receipts.ts';

const HERE = '127.0.0.1';

/** The daemon of the reference, with a shared instance of its own name and one TCP server. */
class Daemon {
  readonly name = `tesserae-${process.pid}-${Math.trunc(performance.now() * 1000)}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'tesserae-rnsd-'));
  readonly reference: PythonReference;
  readonly ports: { tcp: number; shared: number; control: number };
  readonly type: 'unix' | 'tcp';
  #child: ChildProcess | undefined;
  #log = '';

  constructor(reference: PythonReference, type: 'unix' | 'tcp', ports: Daemon['ports']) {
    this.reference = reference;
    this.type = type;
    this.ports = ports;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, 'config'), this.config);
  }

  static async make(reference: PythonReference, type: 'unix' | 'tcp'): Promise<Daemon> {
    const [tcp, shared, control] = [await freePort(), await freePort(), await freePort()];
    return new Daemon(reference, type, { tcp, shared, control });
  }

  get config(): string {
    const { tcp, shared, control } = this.ports;
    return (
      `[reticulum]\n  share_instance = Yes\n  instance_name = ${this.name}\n` +
      `  shared_instance_type = ${this.type}\n  shared_instance_port = ${shared}\n` +
      `  instance_control_port = ${control}\n  enable_transport = Yes\n[logging]\n  loglevel = 3\n` +
      `[interfaces]\n  [[Outside]]\n    type = TCPServerInterface\n    enabled = yes\n` +
      `    listen_ip = ${HERE}\n    listen_port = ${tcp}\n`
    );
  }

  start(): void {
    const args = ['-m', 'RNS.Utilities.rnsd', '--config', this.folder];
    const child = spawn(this.reference.executable, args, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
  }

  /** Join the shared instance, waiting for the daemon to come up. */
  async join(host: ReticulumHost, reconnectWaitMs = 200): Promise<LocalClientInterface> {
    for (let i = 0; ; i++) {
      const client = new LocalClientInterface({
        instanceName: this.name,
        type: this.type,
        port: this.ports.shared,
        reconnectWaitMs,
      });
      try {
        await host.add(client);
        return client;
      } catch (error) {
        if (i === 100) throw new Error(`rnsd does not answer:\n${this.#log}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function destinationOf(identity: Identity, direction: 'in' | 'out'): Destination {
  return Destination.create({
    direction,
    identity: direction === 'in' ? identity : identity.publicOnly(),
    appName: 'test',
    aspects: ['host'],
  });
}

const references = pythonReferences();
if (references.length === 0) {
  const t = suite('host/shared-instance live', import.meta.url);
  t.skip('shared instance of rnsd', 'no Python reference: run make interop');
  t.run();
}

for (const reference of references) {
  const t = suite(`host/shared-instance live (${reference.name})`, import.meta.url);

  /** A daemon, our endpoint as a local client of it, and the reference beyond its TCP server. */
  const joined = async (
    type: 'unix' | 'tcp',
    run: (daemon: Daemon, host: ReticulumHost, remote: PythonPeer) => Promise<void>
  ): Promise<void> => {
    const daemon = await Daemon.make(reference, type);
    const remote = new PythonPeer(reference, 'rns_interface_peer.py');
    const host = nodeHost();
    try {
      daemon.start();
      await daemon.join(host);
      const config =
        '[reticulum]\n  enable_transport = No\n  share_instance = No\n[interfaces]\n' +
        '  [[Out]]\n    type = TCPClientInterface\n    enabled = yes\n' +
        `    target_host = ${HERE}\n    target_port = ${daemon.ports.tcp}\n`;
      const { rns } = await remote.ask('start', { config });
      usesReference(`rns ${String(rns)}`);
      await run(daemon, host, remote);
    } finally {
      await host.close();
      await remote.stop();
      await daemon.remove();
    }
  };

  for (const type of ['unix', 'tcp'] as const) {
    const over = type === 'unix' ? 'a socket in the abstract name space' : 'TCP';
    t(
      `[reticulum/interface-local-client] packets and proofs through the shared instance of rnsd, over ${over}`,
      () =>
        joined(type, async (_, host, remote) => {
          const api = new ReticulumApi(host.instance);
          const heard = api.announces({ aspectFilter: 'test.host' });
          const theirs = Identity.generate(systemRandom);
          const announced = await remote.ask('announce', {
            private: toHex(theirs.privateKey()),
            appData: toHex(utf8('from beyond')),
          });
          const { value } = await heard.next();
          sameBytes(value?.announce.appData, utf8('from beyond'));
          sameBytes(value?.announce.destinationHash, fromHex(announced['destination'] as string));

          const mine = Identity.generate(systemRandom);
          const own = destinationOf(mine, 'in');
          own.proofStrategy = ProofStrategy.ALL;
          host.reticulum.register(own);
          let received: Uint8Array | undefined;
          host.instance.on('packet', ({ data }) => (received = data));
          host.act((reticulum, now) => reticulum.announce(own, now, { appData: utf8('ours') }));
          const { announces } = await remote.ask('await_announce', {
            destination: toHex(own.hash),
          });
          assert.is((announces as { appData: string }[])[0]?.appData, toHex(utf8('ours')));

          const { delivered } = await remote.ask('deliver', {
            destination: toHex(own.hash),
            data: toHex(utf8('inbound')),
          });
          assert.is(delivered, true);
          sameBytes(received, utf8('inbound'));

          const concluded = new Promise<number>((resolve) => {
            host.instance.on('receipt', ({ receipt }) => resolve(receipt.status));
          });
          host.act((reticulum, now) =>
            reticulum.send(destinationOf(theirs, 'out'), utf8('outbound'), now)
          );
          assert.is(await concluded, ReceiptStatus.DELIVERED);
          const { packets } = await remote.ask('take_plain', { count: 1 });
          assert.equal(packets, [toHex(utf8('outbound'))]);
        }),
      120_000
    );
  }

  t(
    '[reticulum/interface-local-client] a daemon that ends and comes back is joined again',
    () =>
      joined('unix', async (daemon, host) => {
        const states = (): boolean[] =>
          [...host.reticulum.core.interfaces.values()].map(({ online }) => online);
        assert.equal(states(), [true]);
        await daemon.stop();
        while (states()[0] !== false) await new Promise((resolve) => setTimeout(resolve, 20));
        daemon.start();
        while (states()[0] !== true) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.is(host.interfaces.length, 1);
      }),
    120_000
  );

  t(
    'a configuration that allows it joins the shared instance in place of its own interfaces',
    () =>
      joined('unix', async (daemon) => {
        const file = ConfigFile.parse(daemon.config);
        const first = await startFromConfig(file);
        assert.is(first.shared, true);
        assert.equal(
          first.host.interfaces.map(({ name }) => name),
          ['Local shared instance']
        );
        await first.host.close();
        await daemon.stop();
        await rejectsCode(
          () => startFromConfig(file, { sharedInstance: 'required' }),
          'HOST_NETWORK'
        );
        const alone = await startFromConfig(file);
        assert.is(alone.shared, false);
        assert.equal(
          alone.host.interfaces.map(({ name }) => name),
          ['Outside']
        );
        await alone.host.close();
      }),
    120_000
  );

  t.run();
}
