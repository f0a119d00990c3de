import { Session } from '../../demo/session.ts';
import { decodeRecord, encodeRecord } from '../../demo/model/record.ts';
import { MemoryStore, openRecordStore } from '../../host/browser/indexed-db.ts';
import { needsPassphrase, PASSPHRASE_ROUNDS, Vault } from '../../host/browser/vault.ts';
import { safeFileName } from '../../host/browser/save.ts';
import { nativeDetector } from '../../demo/worker/native.ts';
import { utf8 } from '../../base/bytes.ts';
import { systemRandom } from '../../base/random.ts';
import { toHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';
import { deliveryHash } from '../../lxmf/message.ts';
import { Identity } from '../../reticulum/identity.ts';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes, throwsCode } from '../support/assert.ts';

const t = suite('demo store', import.meta.url);

t(
  '[tesserae/demo-vault] a record opens under its name, its key and its passphrase alone',
  async () => {
    const { vault, header } = await Vault.create('a passphrase', systemRandom);
    const sealed = await vault.seal('one', utf8('secret'));
    assert.is(sealed.length, 12 + 6 + 16);
    sameBytes(await vault.open('one', sealed), utf8('secret'));
    await rejectsCode(() => vault.open('two', sealed), 'VAULT_DAMAGED');
    for (const at of [0, 12, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 1;
      await rejectsCode(() => vault.open('one', changed), 'VAULT_DAMAGED');
    }
    await rejectsCode(() => vault.open('one', new Uint8Array(3)), 'VAULT_DAMAGED');
    const again = await Vault.unlock(header, 'a passphrase', systemRandom);
    sameBytes(await again.open('one', sealed), utf8('secret'));
    await rejectsCode(() => Vault.unlock(header, 'a passphrasE', systemRandom), 'VAULT_PASSPHRASE');
    await rejectsCode(() => Vault.unlock(header, undefined, systemRandom), 'VAULT_PASSPHRASE');
    const another = await Vault.create('a passphrase', systemRandom);
    await rejectsCode(() => another.vault.open('one', sealed), 'VAULT_DAMAGED');
  }
);

t(
  '[tesserae/demo-vault] passphrases take 600,000 rounds, and composed letters are the same',
  async () => {
    assert.ok(PASSPHRASE_ROUNDS >= 600_000);
    const { vault, header } = await Vault.create('Stra\u00dfe \u00e9', systemRandom);
    assert.ok(needsPassphrase(header));
    const text = new TextDecoder().decode(header);
    assert.is((JSON.parse(text) as { rounds: number }).rounds, PASSPHRASE_ROUNDS);
    const sealed = await vault.seal('x', utf8('y'));
    const again = await Vault.unlock(header, 'Stra\u00dfe e\u0301', systemRandom);
    sameBytes(await again.open('x', sealed), utf8('y'));
  }
);

t(
  '[tesserae/demo-vault] without a passphrase nothing is encrypted, and the header says so',
  async () => {
    const { vault, header } = await Vault.create(undefined, systemRandom);
    assert.not(needsPassphrase(header));
    const sealed = await vault.seal('x', utf8('y'));
    sameBytes(sealed, utf8('y'));
    const again = await Vault.unlock(header, undefined, systemRandom);
    sameBytes(await again.open('x', sealed), utf8('y'));
  }
);

t(
  '[tesserae/demo-vault] headers of another shape are refused, also those that would take forever',
  async () => {
    for (const text of [
      '',
      'null',
      '[]',
      '{"format":2,"open":true}',
      '{"format":1,"open":false}',
      '{"format":1}',
      '{"format":1,"salt":"AA","proof":"AA","rounds":1e12}',
      '{"format":1,"salt":"AA","proof":"AA","rounds":"1"}',
    ]) {
      throwsCode(() => needsPassphrase(utf8(text)), 'VAULT_DAMAGED', text);
      await rejectsCode(() => Vault.unlock(utf8(text), 'x', systemRandom), 'VAULT_DAMAGED', text);
    }
  }
);

t('[tesserae/demo-vault] a session survives a restart; what it keeps comes back', async () => {
  const store = new MemoryStore();
  const session = await Session.start(store, systemRandom);
  assert.is(session.stage, 'empty');
  const own = Identity.generate(systemRandom);
  const friend = Identity.generate(systemRandom);
  const stranger = Identity.generate(systemRandom);
  await session.adopt(own, 'long enough');
  const card = { destinationHash: deliveryHash(friend), identity: friend };
  await session.saveContact(card, ' Ana ');
  await session.saveContact({ destinationHash: deliveryHash(stranger), identity: stranger }, 'Zoe');
  await session.saveContact(card, 'Anna');
  const sealed = systemRandom.bytes(200);
  await session.keepPaper(sha256(sealed), sealed, 1234);
  await session.keepPaper(sha256(sealed), sealed, 9999);

  const later = await Session.start(store, systemRandom);
  assert.is(later.stage, 'locked');
  assert.is(later.reader().locked, true);
  await rejectsCode(() => later.unlock('long enouGh'), 'VAULT_PASSPHRASE');
  await later.unlock('long enough');
  assert.is(toHex(later.identity?.hash ?? new Uint8Array()), toHex(own.hash));
  assert.equal(
    later.contacts.map(({ name }) => name),
    ['Anna', 'Zoe']
  );
  assert.is(later.reader().firstRead(sha256(sealed)), 1234);
  sameBytes(later.papers[0]?.sealed, sealed);
  assert.is(later.reader().known(deliveryHash(friend))?.name, 'Anna');
  assert.is(later.reader().known(deliveryHash(own))?.name, undefined);
  await later.forgetPaper(later.papers[0] as (typeof later.papers)[0]);
  assert.is(later.reader().firstRead(sha256(sealed)), undefined);

  // The first window still holds the old key; after a change of passphrase it must not write with it.
  await later.changePassphrase('another one');
  await rejectsCode(() => session.saveContact(card, 'Late'), 'VAULT_DAMAGED');
  await session.refresh();
  assert.is(session.stage, 'locked');
  await session.unlock('another one');
  assert.equal(
    session.contacts.map(({ name }) => name),
    ['Anna', 'Zoe']
  );
  await session.erase();
  assert.is(session.stage, 'empty');
  assert.is((await store.list('')).size, 0);
});

t('[tesserae/demo-vault] one damaged record does not take the others with it', async () => {
  const store = new MemoryStore();
  const session = await Session.start(store, systemRandom);
  await session.adopt(Identity.generate(systemRandom), undefined);
  for (const name of ['A', 'B', 'C']) {
    const identity = Identity.generate(systemRandom);
    await session.saveContact({ destinationHash: deliveryHash(identity), identity }, name);
  }
  const [first] = (await store.list('contact:')).keys();
  await store.put(first as string, new Uint8Array(50));
  assert.is((await Session.start(store, systemRandom)).contacts.length, 2);
  await store.put('identity', new Uint8Array(50));
  const broken = await Session.start(store, systemRandom);
  assert.is(broken.stage, 'locked');
  assert.match(broken.damage ?? '', /needs 64 bytes/);
  await broken.erase();
  assert.is(broken.damage, undefined);
});

t(
  '[tesserae/demo-vault] where the browser stores nothing the page works in memory and says so',
  async () => {
    const store = await openRecordStore('x');
    assert.is(store.persistent, false);
    assert.is((await Session.start(store, systemRandom)).persistent, false);
  }
);

t('records of another shape are refused', () => {
  assert.equal([...decodeRecord(encodeRecord({ a: 'b' }))], [['a', 'b']]);
  throwsCode(() => decodeRecord(new Uint8Array([0x93])), 'VAULT_DAMAGED');
  throwsCode(() => decodeRecord(new Uint8Array([0x01])), 'VAULT_DAMAGED');
});

t('[tesserae/demo-reading] names of files from strangers are made harmless', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['map.png', 'map.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\x.dll', 'x.dll'],
    ['.bashrc', 'bashrc'],
    ['..', 'file'],
    ['', 'file'],
    ['a\u202Egpj.exe', 'a_gpj.exe'],
    ['a\u0000b\nc', 'a_b_c'],
    ['con.txt', '_con.txt'],
    ['<img src=x onerror=1>', '_img src=x onerror=1_'.replace(/^_/, '')],
    ['trailing. . ', 'trailing'],
    ['\ud800x', '\ufffdx'],
    ['%2e%2e%2fx', '_2e_2e_2fx'.replace(/^_/, '')],
  ];
  for (const [given, wanted] of cases) assert.is(safeFileName(given), wanted);
  const long = safeFileName(`${'n'.repeat(300)}.pdf`);
  assert.is(long.length, 80);
  assert.ok(long.endsWith('.pdf'));
});

t(
  '[tesserae/demo-camera] the detector of the browser is used where it reads QR codes, and only there',
  async () => {
    const picture = {} as ImageBitmap;
    class Detector {
      static formats = ['qr_code'];
      static getSupportedFormats = (): Promise<string[]> => Promise.resolve(Detector.formats);
      detect(): Promise<{ rawValue: string }[]> {
        return Promise.resolve([
          { rawValue: 'a' },
          { rawValue: '' },
          { rawValue: 'a' },
          { rawValue: 'b' },
        ]);
      }
    }
    assert.is(await nativeDetector({}), undefined);
    const found = await nativeDetector({ BarcodeDetector: Detector });
    assert.equal(await found?.read(picture), ['a', 'b']);
    class Broken extends Detector {
      override detect(): Promise<{ rawValue: string }[]> {
        return Promise.reject(new Error('no service'));
      }
    }
    assert.equal(await (await nativeDetector({ BarcodeDetector: Broken }))?.read(picture), []);
    Detector.formats = ['ean_13'];
    assert.is(await nativeDetector({ BarcodeDetector: Detector }), undefined);
  }
);

t.run();
