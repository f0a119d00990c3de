import {
  draftBudget,
  draftFields,
  EMPTY_DRAFT,
  PaperMaker,
  type Draft,
} from '../../demo/model/draft.ts';
import { printWords, suggestedMm } from '../../demo/model/print-size.ts';
import { SeededRandom } from '../../base/random.ts';
import { toHex } from '../../base/hex.ts';
import { Field, PAPER_MDU } from '../../lxmf/constants.ts';
import { openPaper, parsePaperUri } from '../../lxmf/paper.ts';
import { messageWorkblock, mineStamp } from '../../lxmf/stamp.ts';
import { contentText, verifyMessage } from '../../lxmf/message.ts';
import { encodeQr } from '../../qr/code.ts';
import { Identity } from '../../reticulum/identity.ts';
import { mapGet } from '../../codec/msgpack.ts';
import { suite } from '../support/suite.ts';
import { assert, rejectsCode, sameBytes, throwsCode } from '../support/assert.ts';

const t = suite('demo draft', import.meta.url);

const random = new SeededRandom(4242);
const source = Identity.generate(random);
const target = Identity.generate(random);

const unwanted = (): Promise<Uint8Array> => Promise.reject(new Error('no stamp was asked for'));

function draft(change: Partial<Draft>): Draft {
  return { ...EMPTY_DRAFT, ...change };
}

t(
  '[tesserae/demo-budget] the budget is the size that sealing gives, for every kind of draft',
  async () => {
    const maker = new PaperMaker(source, random);
    const drafts = [
      EMPTY_DRAFT,
      draft({ title: 'T', content: 'ä€𝄞' }),
      draft({ content: 'x'.repeat(255) }),
      draft({ content: 'x'.repeat(256) }),
      draft({ content: 'x'.repeat(2015) }),
      draft({
        replyTo: 'ab'.repeat(32),
        renderer: 2,
        attachments: [{ name: 'a', data: new Uint8Array(9) }],
      }),
      draft({ content: 'stamped', stampCost: 4 }),
    ];
    for (const each of drafts) {
      const budget = draftBudget(each);
      const made = await maker.make(each, target, 1_790_000_000.5, (message, costBits) =>
        Promise.resolve(mineStamp(messageWorkblock(message.messageHash), costBits, random))
      );
      assert.is(budget.sealed, made.sealed);
      assert.is(budget.uriLength, made.uri.length);
      const code = encodeQr(made.uri);
      assert.equal(budget.code, { version: code.version, size: code.size, level: code.level });
    }
  }
);

t('[tesserae/demo-budget] what is left is exactly what may be added', () => {
  for (const content of ['', 'x'.repeat(300), 'x'.repeat(1999)]) {
    const { left } = draftBudget(draft({ content }));
    // Beyond 255 bytes the length itself takes one byte more.
    const growth = content.length < 256 ? 1 : 0;
    const full = draftBudget(draft({ content: content + 'x'.repeat(left - growth) }));
    assert.is(full.left, 0);
    assert.ok(full.sealed <= PAPER_MDU && full.code !== undefined);
    const over = draftBudget(draft({ content: content + 'x'.repeat(left - growth + 1) }));
    assert.is(over.left, -1);
    assert.ok(over.sealed > PAPER_MDU && over.code === undefined);
  }
});

t(
  '[tesserae/demo-budget] a paper is sealed once for each draft, and anew for any other',
  async () => {
    const maker = new PaperMaker(source, random);
    const first = await maker.make(draft({ content: 'a' }), target, 1, unwanted);
    assert.is(await maker.make(draft({ content: 'a' }), target, 2, unwanted), first);
    assert.is(maker.made(draft({ content: 'a' }), target), first);
    for (const other of [
      draft({ content: 'b' }),
      draft({ title: 'a', content: '' }),
      draft({ content: 'a', renderer: 0 }),
      draft({ content: 'a', replyTo: '00'.repeat(32) }),
      draft({ content: 'a', attachments: [{ name: 'n', data: new Uint8Array(1) }] }),
    ]) {
      assert.is(maker.made(other, target), undefined);
      assert.is.not((await maker.make(other, target, 3, unwanted)).uri, first.uri);
    }
    assert.is(maker.made(draft({ content: 'a' }), source), undefined);
  }
);

t('[tesserae/demo-budget] what was made is read by the recipient, fields included', async () => {
  const maker = new PaperMaker(source, random);
  const data = random.bytes(20);
  const full = draft({
    content: 'c',
    replyTo: ` ${'CD'.repeat(32)} `,
    renderer: 2,
    attachments: [{ name: 'f', data }],
  });
  const { uri } = await maker.make(full, target, 5, unwanted);
  const { message } = openPaper(parsePaperUri(uri), target);
  assert.is(contentText(message), 'c');
  assert.is(message.timestamp, 5);
  assert.is(verifyMessage(message, source), 'verified');
  assert.is(toHex(mapGet(message.fields, Field.REPLY_TO) as Uint8Array), 'cd'.repeat(32));
  assert.is(mapGet(message.fields, Field.RENDERER), 2);
  const [file] = mapGet(message.fields, Field.FILE_ATTACHMENTS) as [string, Uint8Array][];
  sameBytes(file?.[1], data);
});

t('[tesserae/demo-budget] a bad reply hash and an overlong message are refused', async () => {
  const maker = new PaperMaker(source, random);
  throwsCode(() => draftFields(draft({ replyTo: 'xyz' })), 'HEX_INVALID');
  throwsCode(() => draftFields(draft({ replyTo: 'abcd' })), 'HEX_INVALID');
  assert.is(draftBudget(draft({ replyTo: 'xyz' })).sealed, draftBudget(EMPTY_DRAFT).sealed);
  const long = draft({ content: 'x'.repeat(2016) });
  await rejectsCode(() => maker.make(long, target, 1, unwanted), 'LXMF_PAPER_TOO_LARGE');
});

t(
  '[tesserae/demo-budget] the suggested print size is always good, and smaller ones are warned of',
  () => {
    for (let version = 1; version <= 40; version++) {
      const size = 17 + 4 * version;
      const mm = suggestedMm(size);
      assert.is(mm % 5, 0);
      assert.is(printWords(size, mm).verdict, 'good');
      assert.is(printWords(size, mm).betterMm, undefined);
    }
    const small = printWords(177, 60);
    assert.is(small.verdict, 'too-small');
    assert.is(small.betterMm, 95);
    assert.is(printWords(177, 80).verdict, 'caution');
  }
);

t.run();
