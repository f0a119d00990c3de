import { suite } from '../support/suite.ts';
import { assert, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { toHex } from '../../base/hex.ts';
import { DEFAULT_CONFIG } from '../../reticulum/config-default.ts';
import { ConfigFile, type ConfigSection } from '../../reticulum/config-file.ts';
import {
  describeInterface,
  readInterfaceSettings,
  type InterfaceSettings,
} from '../../reticulum/config-interfaces.ts';
import type { ConfigWarning } from '../../reticulum/config-reading.ts';
import { readLoggingSettings, readReticulumSettings } from '../../reticulum/config-settings.ts';
import { deriveIfacKey } from '../../reticulum/ifac.ts';
import { InterfaceMode } from '../../reticulum/interface.ts';

const t = suite('reticulum/config-settings', import.meta.url);
const golden = loadGolden('reticulum', 'config-settings');

const isOp =
  (op: string, refused = false) =>
  (item: GoldenCase): boolean =>
    item.in['op'] === op && (item.error !== undefined) === refused;

/** The reference's key where none is set: derived from its transport identity. */
const DERIVED_KEY = (
  golden.cases.find((item) => item.id === 'defaults')?.out?.['settings'] as { rpcKey: string }
).rpcKey;

interface Read {
  readonly settings: Record<string, unknown>;
  readonly interfaces: readonly InterfaceSettings[];
  readonly warnings: readonly ConfigWarning[];
}

function read(text: string): Read {
  const warnings: ConfigWarning[] = [];
  const file = ConfigFile.parse(text, 'my.conf');
  const reticulum = readReticulumSettings(file, warnings);
  const { networkIdentityPath, ...rest } = reticulum;
  const settings = plain({
    ...rest,
    ...readLoggingSettings(file, warnings),
    // Where sockets have names the reference drops the name for TCP.
    instanceName: reticulum.sharedInstanceType === 'tcp' ? null : reticulum.instanceName,
    rpcKey: reticulum.rpcKey ?? DERIVED_KEY,
  });
  assert.ok(networkIdentityPath === undefined || networkIdentityPath.length > 0);
  return { settings, interfaces: readInterfaceSettings(file, reticulum, warnings), warnings };
}

/** As JSON has it: bytes as hexadecimal, nothing as null. */
function plain(value: unknown): Record<string, unknown> {
  const text = JSON.stringify(value, (_, one: unknown) => {
    if (one instanceof Uint8Array) return toHex(one);
    return one === undefined ? null : one;
  });
  return JSON.parse(text) as Record<string, unknown>;
}

/** An interface in the words of the vectors. */
function facts(one: InterfaceSettings): Record<string, unknown> {
  const described = describeInterface(one);
  const { network, options, enabled, bitrateBps, ...rest } = one;
  assert.ok(enabled && options.section.name === one.name);
  assert.ok(bitrateBps === undefined || bitrateBps === described.bitrateBps);
  return plain({
    ...rest,
    bitrateBps: described.bitrateBps,
    hwMtu: one.type.startsWith('TCP') || one.type.startsWith('Backbone') ? described.hwMtu : null,
    ifacKey: network === undefined ? null : deriveIfacKey(network),
  });
}

function changes(now: Record<string, unknown>, before: Record<string, unknown>): object {
  const text = JSON.stringify;
  return Object.fromEntries(
    Object.entries(now).filter(([key, value]) => text(value) !== text(before[key]))
  );
}

t(
  '[reticulum/config-reticulum] [reticulum/config-logging] every option and default is that of the reference',
  () => {
    const defaults = read('').settings;
    eachCase(
      golden,
      (item) => {
        const { settings, interfaces } = read(item.in['text'] as string);
        const expected = item.out?.['settings'] as Record<string, unknown>;
        const whole = item.id === 'defaults';
        same(whole ? settings : changes(settings, defaults), expected);
        const names = item.out?.['interfaces'] as string[] | undefined;
        if (names === undefined) return;
        const enabled = interfaces.filter((one) => one.enabled).map((one) => one.name);
        assert.equal(enabled, names);
      },
      isOp('settings')
    );
  }
);

t('refuses what the reference refuses, naming file, line, section and key', () => {
  eachCase(
    golden,
    (item) => {
      const text = item.in['text'] as string;
      const key = item.in['key'] as string;
      const error = throwsCode(() => read(text), 'RNS_CONFIG');
      const line = text.split('\n').findIndex((one) => one.trim().startsWith(`${key} =`)) + 1;
      const place = line === 0 ? 'my.conf ' : `my.conf:${line} `;
      assert.ok(error.at?.startsWith(place), `${error.at} does not start with ${place}`);
      assert.ok(error.at?.endsWith(`] ${key}`), error.at);
    },
    isOp('settings', true)
  );
});

t(
  '[reticulum/config-interfaces] [reticulum/interface-hw-mtu] [reticulum/interface-modes] interfaces get the settings that the reference gives them',
  () => {
    const base = read('[interfaces]\n[[One]]\ntype = TCPClientInterface\nenabled = yes\n');
    const before = facts(base.interfaces[0] as InterfaceSettings);
    eachCase(
      golden,
      (item) => {
        const [one, ...others] = read(item.in['text'] as string).interfaces;
        assert.is(others.length, 0);
        if (item.out?.['none'] === true) {
          assert.is(one?.enabled, false);
          return;
        }
        const now = facts(one as InterfaceSettings);
        const whole = item.out?.['interface'] as Record<string, unknown> | undefined;
        if (whole === undefined) return same(changes(now, before), item.out?.['changed']);
        return same(now, whole);
      },
      isOp('interface')
    );
  }
);

t('[reticulum/config-default] the first file holds the same settings as the reference’s', () => {
  const tree = (section: ConfigSection): unknown => [
    section.keys().map((key) => [key, section.get(key)]),
    section.sections().map((below) => [below.name, tree(below)]),
  ];
  eachCase(
    golden,
    (item) => {
      assert.equal(tree(ConfigFile.parse(DEFAULT_CONFIG).root), item.out?.['tree']);
      const { settings, warnings } = read(DEFAULT_CONFIG);
      same(changes(settings, read('').settings), item.out?.['settings']);
      assert.equal(warnings, []);
    },
    isOp('default')
  );
});

t('what is ignored is warned of with its place', () => {
  const { warnings, interfaces } = read(
    '[reticulum]\nenable_transprot = yes\nic_burst_hold = -1\n[interfaces]\n[[A]]\ntype = Odd\n' +
      'enabled = yes\nmode = sideways\nlatitude = 1\npassphrase = None\n'
  );
  const options = interfaces[0]?.options;
  options?.warnOfUnknown();
  assert.equal(
    warnings.map(({ place, key }) => `${place} ${key}`),
    [
      'my.conf:3 ic_burst_hold',
      'my.conf:2 enable_transprot',
      'my.conf:8 mode',
      'my.conf:10 passphrase',
    ]
  );
});

t(
  'the modes are those of the reference, and an access code longer than a signature is refused',
  () => {
    const mode = (word: string): number | undefined =>
      read(`[interfaces]\n[[A]]\ntype = X\nmode = ${word}\n`).interfaces[0]?.mode;
    assert.is(mode('Roaming'), InterfaceMode.ROAMING);
    assert.is(mode('gw'), InterfaceMode.GATEWAY);
    throwsCode(
      () => read('[interfaces]\n[[A]]\ntype = X\nifac_size = 520\n'),
      'RNS_CONFIG',
      'more bits than a signature has'
    );
  }
);

t('a file with the gateway mode in the longer spelling is read', () => {
  const [one] = read('[interfaces]\n[[A]]\ntype = X\ninterface_mode = gateway\n').interfaces;
  assert.is(one?.mode, InterfaceMode.GATEWAY);
});

function same(actual: unknown, expected: unknown): void {
  assert.equal(plain(actual), plain(expected));
}

t.run();
