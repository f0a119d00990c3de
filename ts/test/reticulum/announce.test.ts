import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf, numberOf } from '../support/lxmf.ts';
import { underBoth } from '../support/providers.ts';
import { ProtocolError } from '../../base/errors.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { makeAnnounce, readAnnounce } from '../../reticulum/announce.ts';
import { Identity } from '../../reticulum/identity.ts';
import { decodePacket, encodePacket, packetHash } from '../../reticulum/packet.ts';

const t = suite('reticulum/announce', import.meta.url);
const golden = loadGolden('reticulum', 'announce');

t(
  '[reticulum/announce-build] [reticulum/packet-pack] [reticulum/announce-path-response] [reticulum/announce-app-data] makes the reference’s announce packets',
  () => {
    eachCase(
      golden,
      (item) => {
        const random = new ScriptedRandom((item.in['draws'] as string[]).map(fromHex));
        const ratchet = item.in['ratchet'];
        const appData = item.in['appData'];
        const packet = makeAnnounce(
          {
            identity: Identity.fromPrivateKey(hexOf(item, 'private')),
            appName: item.in['app'] as string,
            aspects: item.in['aspects'] as string[],
            appData: typeof appData === 'string' ? fromHex(appData) : undefined,
            ratchet: typeof ratchet === 'string' ? fromHex(ratchet) : undefined,
            pathResponse: item.in['pathResponse'] as boolean,
          },
          numberOf(item.in['now']) * 1000,
          random
        );
        sameBytes(encodePacket(packet), item.out?.['packet'] as string);
        sameBytes(packetHash(packet), item.out?.['packetHash'] as string);
      },
      (item) => item.in['op'] === 'announce'
    );
  }
);

t(
  '[reticulum/announce-validate] [reticulum/packet-unpack] [reticulum/packet-get-hash] [reticulum/packet-get-hashable-part] [reticulum/packet-header-types] reads the announces that the reference accepts',
  () => {
    underBoth(() =>
      eachCase(
        golden,
        (item) => {
          const packet = decodePacket(hexOf(item, 'packet'));
          const announce = readAnnounce(packet);
          const out = item.out ?? {};
          sameBytes(packetHash(packet), out['packetHash'] as string);
          sameBytes(announce.destinationHash, out['destinationHash'] as string);
          sameBytes(announce.identity.hash, out['identityHash'] as string);
          sameBytes(announce.identity.publicKey, out['public'] as string);
          optional(announce.ratchet, out['ratchet']);
          optional(announce.appData, out['appData']);
          sameBytes(encodePacket(packet), item.in['packet'] as string);
        },
        (item) => item.in['op'] === 'validate' && item.error === undefined
      )
    );
  }
);

t('[reticulum/announce-validate] refuses the announces that the reference refuses', () => {
  underBoth(() =>
    eachCase(
      golden,
      (item) => {
        const got = codeOf(item);
        // A packet that went too far, and one that is no announce, are told apart from damaged ones.
        const other = item.id.includes('hops') || item.id.includes('not-an-announce');
        // Read with a ratchet where there is none, an announce is too short before it is badly signed.
        const short = item.id.endsWith('context-flag') && got === 'RNS_TRUNCATED';
        if (!short) assert.is(got, other ? 'RNS_PACKET' : item.error);
      },
      (item) => item.in['op'] === 'validate' && item.error !== undefined
    )
  );
});

function codeOf(item: GoldenCase): string {
  try {
    const packet = decodePacket(hexOf(item, 'packet'));
    const known =
      (item.in['known'] as { destinationHash: string; public: string }[] | undefined) ?? [];
    const entry = known.find((one) => one.destinationHash === toHex(packet.destinationHash));
    readAnnounce(packet, entry === undefined ? undefined : fromHex(entry.public));
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'accepted';
}

function optional(actual: Uint8Array | undefined, expected: unknown): void {
  // With a ratchet the reference says empty app data where there is none.
  if (typeof expected === 'string' && expected !== '') sameBytes(actual, expected);
  else assert.is(actual, undefined);
}

t('any bytes are a packet or a ProtocolError with its place', () => {
  const random = new SeededRandom(17);
  const corpus = golden.cases
    .map((item) => item.in['packet'])
    .filter((hex): hex is string => typeof hex === 'string' && hex.length > 0)
    .map(fromHex);
  for (let round = 0; round < 5000; round++) {
    const bytes = (corpus[random.below(corpus.length)] as Uint8Array).slice();
    bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
    try {
      const packet = decodePacket(cut);
      sameBytes(encodePacket(packet), cut);
    } catch (error) {
      assert.instance(error, ProtocolError, String(error));
      assert.type((error as ProtocolError).offset, 'number');
    }
  }
  throwsCode(() => decodePacket(Uint8Array.of(0x80, 0, ...new Uint8Array(20))), 'RNS_PACKET');
});

t.run();
