/** The JSON form beyond the golden values: other spellings that are read, and what is refused. @module */
import { fromHex, toHex } from '../../base/hex.ts';
import type { XdrCodec } from '../../codec/xdr.ts';
import { AssetCode } from '../../stellar/xdr/asset.ts';
import { Int128Parts, UInt256Parts } from '../../stellar/xdr/contract-number.ts';
import { SCVal } from '../../stellar/xdr/contract-value.ts';
import { SCSpecFunctionInputV0 } from '../../stellar/xdr/contract-spec.ts';
import { HmacSha256Key } from '../../stellar/xdr/key-material.ts';
import { fromJson } from '../../stellar/xdr/json/from-json.ts';
import { enumNames, fieldKey } from '../../stellar/xdr/json/names.ts';
import { toJson } from '../../stellar/xdr/json/to-json.ts';
import { MuxedAccount } from '../../stellar/xdr/muxed-account.ts';
import { SignerKey } from '../../stellar/xdr/public-key.ts';
import { TransactionResult } from '../../stellar/xdr/transaction-result.ts';
import { Memo, PreconditionsV2, TimeBounds } from '../../stellar/xdr/transaction-parts.ts';
import { ExtensionPoint } from '../../stellar/xdr/types.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('stellar/xdr json', import.meta.url);

/** XDR of a JSON text. */
function xdrOf<T>(codec: XdrCodec<T>, json: string): Uint8Array {
  return codec.encode(fromJson(codec, JSON.parse(json)));
}

// Expected bytes and refusals are those of @stellar/stellar-xdr-json 27.0.0.

t('[tesserae/xdr-types] other spellings that the crate reads are read', () => {
  const cases: readonly [XdrCodec<unknown>, string, string][] = [
    [Memo, '{"text":"é"}', '0000000100000002c3a90000'],
    [Memo, '{"text":"\\\\xFF"}', '0000000100000001ff000000'],
    [Memo, '{"text":"a\\u0000b\\n"}', '00000001000000046100620a'],
    [Memo, '{"id":5}', '000000020000000000000005'],
    [Memo, '{"id":"+5"}', '000000020000000000000005'],
    [Memo, '{"id":"05"}', '000000020000000000000005'],
    [Memo, '{"none":null}', '00000000'],
    [Memo, `{"hash":"${'AB'.repeat(32)}"}`, `00000003${'ab'.repeat(32)}`],
    [ExtensionPoint, '{"v0":null}', '00000000'],
    [
      PreconditionsV2,
      '{"min_seq_age":0,"min_seq_ledger_gap":0,"extra_signers":[]}',
      '00'.repeat(28),
    ],
    [AssetCode, '"ABCDE"', '00000002414243444500000000000000'],
    [AssetCode, '""', '0000000100000000'],
    [AssetCode, '"A\\\\0\\\\0\\\\0\\\\0"', '00000002410000000000000000000000'],
    [Int128Parts, '"-170141183460469231731687303715884105728"', `80${'00'.repeat(15)}`],
    [Int128Parts, '{"hi":1,"lo":"2"}', '00000000000000010000000000000002'],
    [UInt256Parts, '"+1"', `${'00'.repeat(31)}01`],
    [SCVal, '{"vec":null}', '0000001000000000'],
    [SCVal, '{"vec":[]}', '000000100000000100000000'],
    [HmacSha256Key, JSON.stringify({ key: Array(32).fill(7) }), '07'.repeat(32)],
  ];
  for (const [codec, json, hex] of cases) sameBytes(xdrOf(codec, json), hex, json);
  const spec = '{"doc":"","name":"a","type_":"val"}';
  sameBytes(
    xdrOf(SCSpecFunctionInputV0, spec.replace('type_', 'type')),
    toHex(xdrOf(SCSpecFunctionInputV0, spec))
  );
});

t('[tesserae/xdr-types] JSON that stands for no value is refused with the path', () => {
  const cases: readonly [XdrCodec<unknown>, string, string | undefined][] = [
    [Memo, '{"text":"\\\\q"}', 'text'],
    [Memo, '{"text":"\\\\x1"}', 'text'],
    [Memo, '{"text":"\\\\"}', 'text'],
    [Memo, '{"text":"\\\\u00e9"}', 'text'],
    [Memo, '{"text":"\\ud800"}', 'text'],
    [Memo, `{"text":"${'a'.repeat(29)}"}`, 'text'],
    [Memo, '{"id":"0x5"}', 'id'],
    [Memo, '{"id":" 5"}', 'id'],
    [Memo, '{"id":"-1"}', 'id'],
    [Memo, '{"id":1.5}', 'id'],
    [Memo, '{"id":9007199254740993}', 'id'],
    [Memo, '{"id":"18446744073709551616"}', 'id'],
    [Memo, '{"id":null}', 'id'],
    [Memo, '"id"', undefined],
    [Memo, '"MEMO_NONE"', undefined],
    [Memo, '{"none":1}', undefined],
    [Memo, '{}', undefined],
    [Memo, '{"id":1,"text":""}', undefined],
    [Memo, '[]', undefined],
    [Memo, 'null', undefined],
    [Memo, '{"hash":"AA"}', 'hash'],
    [TimeBounds, '{"min_time":1}', undefined],
    [TimeBounds, '{"min_time":1,"max_time":2,"middle":3}', undefined],
    [SCVal, '{"bool":1}', 'bool'],
    [SCVal, '{"BOOL":true}', undefined],
    [SCVal, '{"constructor":true}', undefined],
    [SCVal, '{"u32":"5"}', 'u32'],
    [SCVal, '{"u32":-1}', 'u32'],
    [SCVal, '{"i32":2147483648}', 'i32'],
    [SCVal, '{"vec":{}}', 'vec'],
    [
      SCVal,
      '{"map":[{"key":"void","val":{"vec":["void",{"u32":true}]}}]}',
      'map[0].val.vec[1].u32',
    ],
    [SCVal, '{"i128":"170141183460469231731687303715884105728"}', 'i128'],
    [SCVal, '{"u256":"0x10"}', 'u256'],
    [SCVal, '{"u256":"-1"}', 'u256'],
    [AssetCode, '"ABCDEFGHIJKLM"', undefined],
    [ExtensionPoint, '"v1"', undefined],
    [ExtensionPoint, '"V0"', undefined],
    [StellarMessage, '{"flood_advert":{"tx_hashes":"00"}}', 'flood_advert.tx_hashes'],
  ];
  for (const [codec, json, at] of cases) {
    const error = throwsCode(() => fromJson(codec, JSON.parse(json)), 'XDR_JSON', json);
    assert.is(error.at, at, json);
  }
  throwsCode(() => fromJson(Memo, { hash: 'zz' }), 'HEX_INVALID');
  throwsCode(() => fromJson(MuxedAccount, 'GA'), 'STRKEY_TEXT');
});

t('[tesserae/xdr-types] an address of another kind is refused where one kind is due', () => {
  const address = toJson(SCVal, SCVal.decode(fromHex(`0000001200000001${'ab'.repeat(32)}`)));
  assert.equal(address, { address: 'CCV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5LVOV2XMCW' });
  const text = (address as { address: string }).address;
  throwsCode(() => fromJson(MuxedAccount, text), 'XDR_JSON');
  throwsCode(() => fromJson(SignerKey, text), 'XDR_JSON');
});

t('[tesserae/codec-limits] JSON goes as deep as XDR does, and no deeper', () => {
  const deepest = SCVal.decode(fromHex('000000100000000100000001'.repeat(499) + '00000001'));
  let json: unknown = toJson(SCVal, deepest);
  sameBytes(SCVal.encode(fromJson(SCVal, json)), SCVal.encode(deepest));
  throwsCode(() => fromJson(SCVal, json, { maxDepth: 1497 }), 'XDR_JSON');
  json = { vec: [json] };
  throwsCode(() => fromJson(SCVal, json), 'XDR_JSON');
  for (let i = 0; i < 5000; i++) json = { vec: [json] };
  throwsCode(() => fromJson(SCVal, json), 'XDR_JSON');
});

t('[tesserae/xdr-types] the README example of the crate holds', () => {
  const json = {
    fee_charged: 100,
    result: { tx_success: [{ op_inner: { payment: 'success' } }] },
    ext: 'v0',
  };
  const bytes = TransactionResult.encode(fromJson(TransactionResult, json));
  assert.is(Buffer.from(bytes).toString('base64'), 'AAAAAAAAAGQAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAA=');
  assert.equal(toJson(TransactionResult, TransactionResult.decode(bytes)), {
    ...json,
    fee_charged: '100',
  });
});

t('names follow the two rules of the crate', () => {
  assert.equal(
    ['accountID', 'seqNum', 'contractSCPTiming', 'hi_hi', 'type', 'IPv4', 'nC'].map(fieldKey),
    ['account_id', 'seq_num', 'contract_scp_timing', 'hi_hi', 'type_', 'i_pv4', 'n_c']
  );
  const names = enumNames({
    kind: 'enum',
    name: 'E',
    members: { E_8_BIT: 0, E_TWO_WORDS: 1, E_ED25519: 2 },
    prefix: 'E_',
  });
  assert.equal([...names.byValue.values()], ['e8_bit', 'two_words', 'ed25519']);
});

t.run();
