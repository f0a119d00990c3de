/** XDR: overlay messages and ledgers, both ways, against stellar-base. @module */
import {
  Account,
  Asset,
  Keypair,
  Operation,
  TransactionBuilder,
  xdr as base,
} from '@stellar/stellar-base';
import { readFileSync } from 'node:fs';
import { equalBytes } from '../ts/base/bytes.ts';
import { readRecords } from '../ts/codec/record-marking.ts';
import type { XdrCodec } from '../ts/codec/xdr.ts';
import { LedgerCloseMeta } from '../ts/stellar/xdr/ledger-close-meta.ts';
import { StellarMessage } from '../ts/stellar/xdr/message.ts';
import { MessageType } from '../ts/stellar/xdr/overlay.ts';
import type { Group } from './harness.ts';
import { calling, counting, type Bench, type Topic } from './topic.ts';

const OURS = 'tesserae';
const THEIRS = '@stellar/stellar-base';

const bytes = (size: number, first: number): Buffer => Buffer.from(counting(size, first));
const keypair = (seed: number): Keypair => Keypair.fromRawEd25519Seed(bytes(32, seed));
const nodeId = base.PublicKey.publicKeyTypeEd25519(keypair(3).rawPublicKey());

/** One payment with one signature. */
function payment(index: number): base.TransactionEnvelope {
  const source = keypair(5);
  const transaction = new TransactionBuilder(
    new Account(source.publicKey(), String(1000 + index)),
    {
      fee: '100',
      networkPassphrase: 'Test SDF Network ; September 2015',
      timebounds: { minTime: 0, maxTime: 1_700_000_000 },
    }
  )
    .addOperation(
      Operation.payment({
        destination: keypair(index % 200).publicKey(),
        asset: Asset.native(),
        amount: '12.5',
      })
    )
    .build();
  transaction.sign(source);
  return transaction.toEnvelope();
}

function hello(): base.StellarMessage {
  return base.StellarMessage.hello(
    new base.Hello({
      ledgerVersion: 27,
      overlayVersion: 42,
      overlayMinVersion: 41,
      networkId: bytes(32, 1),
      versionStr: 'stellar-core 27.1.0 (a9b8613a9b8613a9b8)',
      listeningPort: 11625,
      peerId: nodeId,
      cert: new base.AuthCert({
        pubkey: new base.Curve25519Public({ key: bytes(32, 4) }),
        expiration: base.Uint64.fromString('1700000000'),
        sig: bytes(64, 9),
      }),
      nonce: bytes(32, 7),
    })
  );
}

function scpPrepare(): base.StellarMessage {
  const ballot = new base.ScpBallot({ counter: 1, value: bytes(200, 1) });
  const prepare = new base.ScpStatementPrepare({
    quorumSetHash: bytes(32, 2),
    ballot,
    prepared: ballot,
    preparedPrime: null,
    nC: 0,
    nH: 1,
  });
  const statement = new base.ScpStatement({
    nodeId,
    slotIndex: base.Uint64.fromString('55000000'),
    pledges: base.ScpStatementPledges.scpStPrepare(prepare),
  });
  return base.StellarMessage.scpMessage(
    new base.ScpEnvelope({ statement, signature: bytes(64, 3) })
  );
}

function txSet(transactions: number): base.StellarMessage {
  const component = base.TxSetComponent.txsetCompTxsMaybeDiscountedFee(
    new base.TxSetComponentTxsMaybeDiscountedFee({
      baseFee: base.Int64.fromString('100'),
      txes: Array.from({ length: transactions }, (_, i) => payment(i)),
    })
  );
  const set = new base.TransactionSetV1({
    previousLedgerHash: bytes(32, 6),
    phases: [new base.TransactionPhase(0, [component])],
  });
  return base.StellarMessage.generalizedTxSet(new base.GeneralizedTransactionSet(1, set));
}

function advert(hashes: number): base.StellarMessage {
  const txHashes = Array.from({ length: hashes }, (_, i) => bytes(32, i));
  // stellar-base declares hashes as a class of its own and takes buffers.
  const declared = txHashes as unknown as base.Hash[];
  return base.StellarMessage.floodAdvert(new base.FloodAdvert({ txHashes: declared }));
}

/** Decode and encode of one message; outputs are compared as bytes. */
function bothWays(
  title: string,
  goal: number,
  make: () => base.StellarMessage
): ((bench: Bench) => Group)[] {
  const group = (way: 'decode' | 'encode'): Group => {
    const message = make();
    const theirs = message.toXDR();
    const input = new Uint8Array(theirs);
    const value = StellarMessage.decode(input);
    return {
      title: `${way} ${title}`,
      unit: 'messages',
      unitBytes: input.length,
      contenders:
        way === 'encode'
          ? [
              calling(OURS, () => StellarMessage.encode(value)),
              calling(THEIRS, () => message.toXDR()),
            ]
          : [
              decoding(OURS, () => StellarMessage.decode(input), input),
              decoding(THEIRS, () => base.StellarMessage.fromXDR(theirs), input),
            ],
      goals: [{ name: `${way} ${title}`, ratio: [OURS, THEIRS], goal }],
      check: () => {
        const again = StellarMessage.encode(value);
        const back = base.StellarMessage.fromXDR(Buffer.from(again)).toXDR();
        if (!equalBytes(again, input) || !equalBytes(new Uint8Array(back), input)) {
          throw new Error(`${title} does not come back as it was`);
        }
      },
    };
  };
  return [() => group('decode'), () => group('encode')];
}

/** A contender whose output is compared by the group's check, because it is no bytes. */
function decoding(name: string, call: () => unknown, input: Uint8Array) {
  return {
    name,
    output: () => input,
    run: (units: number) => {
      for (let i = 0; i < units; i++) call();
    },
  };
}

/** What the packed hash vector saves when nobody, or everybody, looks at the hashes. */
function advertInDetail(): Group {
  const theirs = advert(100).toXDR();
  const input = new Uint8Array(theirs);
  const packed = StellarMessage.decode(input);
  if (packed.type !== MessageType.FLOOD_ADVERT) throw new Error('no advert');
  const hashes = [...packed.value.txHashes];
  const plain: StellarMessage = { ...packed, value: { txHashes: hashes } };
  const readAll = (): number => {
    const message = StellarMessage.decode(input);
    if (message.type !== MessageType.FLOOD_ADVERT) return 0;
    let sum = 0;
    for (const hash of message.value.txHashes) sum += hash[0] ?? 0;
    return sum;
  };
  const readAllOfBase = (): number => {
    let sum = 0;
    for (const hash of base.StellarMessage.fromXDR(theirs).floodAdvert().txHashes()) {
      sum += Number((hash as unknown as Buffer)[0]);
    }
    return sum;
  };
  const message = advert(100);
  return {
    title: 'advert of 100 hashes: every hash looked at, or written from single hashes',
    unit: 'messages',
    unitBytes: input.length,
    chart: false,
    contenders: [
      decoding('decode and look, tesserae', readAll, input),
      decoding('decode and look, stellar-base', readAllOfBase, input),
      calling('encode from an array, tesserae', () => StellarMessage.encode(plain)),
      calling('encode from an array, stellar-base', () => message.toXDR()),
    ],
    goals: [
      {
        name: 'advert: decode and look at every hash',
        ratio: ['decode and look, tesserae', 'decode and look, stellar-base'],
      },
      {
        name: 'advert: encode from an array of hashes',
        ratio: ['encode from an array, tesserae', 'encode from an array, stellar-base'],
      },
    ],
    check: () => {
      if (readAll() !== readAllOfBase()) throw new Error('the hashes differ');
    },
  };
}

const LEDGERS = 'golden/stellar/ledger-close-meta/InvokeHostFunctionTests/ce594cb9b3e43c1d.xdr';

/** Ledgers with transactions, their results and the changes they made. */
function ledgers({ root }: Bench): Group {
  const stream = new Uint8Array(readFileSync(root + LEDGERS));
  const records = [...readRecords(stream)];
  const buffers = records.map((record) => Buffer.from(record));
  const codec: XdrCodec<LedgerCloseMeta> = LedgerCloseMeta;
  return {
    title: `decode ${records.length} ledgers of stellar-core`,
    unit: 'streams',
    unitBytes: stream.length,
    contenders: [
      decoding(OURS, () => records.map((record) => codec.decode(record)), stream),
      decoding(THEIRS, () => buffers.map((record) => base.LedgerCloseMeta.fromXDR(record)), stream),
    ],
    goals: [{ name: 'decode ledgers', ratio: [OURS, THEIRS], goal: 3 }],
    check: () => {
      for (const record of records) {
        if (!equalBytes(codec.encode(codec.decode(record)), record)) throw new Error('differs');
      }
    },
  };
}

/** What `run.ts` measures. */
export const topic: Topic = {
  name: 'xdr',
  title: 'XDR of Stellar',
  about:
    'Overlay messages decoded to values and encoded from them, whole ledgers decoded. stellar-base ' +
    'interprets its type tables; ours are generated functions. Hash vectors stay packed when ' +
    'decoded, and the group about adverts shows what remains of that when every hash is looked at. ' +
    'Both refuse what is not canonical.',
  groups: [
    ...bothWays('a payment', 3, () => base.StellarMessage.transaction(payment(1))),
    ...bothWays('HELLO', 3, hello),
    ...bothWays('an SCP PREPARE', 3, scpPrepare),
    ...bothWays('SEND_MORE_EXTENDED', 3, () =>
      base.StellarMessage.sendMoreExtended(
        new base.SendMoreExtended({ numMessages: 40, numBytes: 100_000 })
      )
    ),
    ...bothWays('an advert of 100 hashes', 3, () => advert(100)),
    ...bothWays('a set of 200 transactions', 8, () => txSet(200)),
    advertInDetail,
    ledgers,
  ],
};
