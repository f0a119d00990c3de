/** Laws of Reed-Solomon that hold for any shape, content and loss, under each engine. @module */
import fc from 'fast-check';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { seededShards } from '../support/pangea.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/reed-solomon properties', import.meta.url);

interface Stripe {
  readonly code: ReedSolomon;
  readonly shards: Uint8Array[];
  /** Shard indices in the order in which they get lost. */
  readonly order: number[];
}

/** An encoded stripe of any shape, mostly small, and an order of losses. */
const stripe: fc.Arbitrary<Stripe> = fc
  .tuple(
    fc.integer({ min: 1, max: 24 }),
    fc.integer({ min: 1, max: 16 }),
    fc.integer({ min: 1, max: 200 }),
    fc.nat()
  )
  .chain(([data, parity, length, seed]) => {
    const code = new ReedSolomon(data, parity);
    const shards = seededShards(seed, data + parity, length);
    code.encode(shards);
    const all = shards.map((_, shard) => shard);
    return fc
      .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
      .map((order) => ({ code, shards, order }));
  });

const without = (shards: readonly Uint8Array[], lost: readonly number[]) =>
  shards.map((shard, i) => (lost.includes(i) ? undefined : shard));

t('[pangea/ces-reconstruction-from-any-8-shards] any loss within the parity is restored', () => {
  fc.assert(
    fc.property(stripe, fc.nat(), ({ code, shards, order }, count) => {
      const lost = order.slice(0, count % (code.parityShards + 1));
      const restored = code.reconstruct(without(shards, lost));
      restored.forEach((shard, i) => sameBytes(shard, shards[i] as Uint8Array));
    })
  );
});

t('[pangea/ces-reconstruction-from-any-8-shards] any greater loss is refused by name', () => {
  fc.assert(
    fc.property(stripe, fc.nat(), ({ code, shards, order }, more) => {
      const lost = order.slice(0, code.parityShards + 1 + (more % code.dataShards));
      const error = throwsCode(() => code.reconstruct(without(shards, lost)), 'RS_TOO_FEW_SHARDS');
      const named = lost.sort((a, b) => a - b).join(', ');
      assert.ok(error.message.endsWith(`missing: ${named}`), error.message);
    })
  );
});

t('any change of any shard is noticed', () => {
  fc.assert(
    fc.property(stripe, fc.nat(), fc.nat(), fc.nat(7), ({ code, shards, order }, x, y, bit) => {
      assert.ok(code.verify(shards));
      const shard = shards[order[x % order.length] as number] as Uint8Array;
      shard[y % shard.length] = (shard[y % shard.length] as number) ^ (1 << bit);
      assert.not(code.verify(shards));
    })
  );
});

t('the code is linear: the parity of a sum is the sum of the parities', () => {
  fc.assert(
    fc.property(stripe, fc.nat(), ({ code, shards }, seed) => {
      const length = (shards[0] as Uint8Array).length;
      const others = seededShards(seed, shards.length, length);
      code.encode(others);
      const sums = shards.map((shard, i) =>
        shard.map((byte, x) => byte ^ ((others[i] as Uint8Array)[x] as number))
      );
      assert.ok(code.verify(sums));
    })
  );
});

t('a stripe coder makes what the calls with copies make', () => {
  fc.assert(
    fc.property(stripe, fc.nat(), ({ code, shards, order }, count) => {
      const length = (shards[0] as Uint8Array).length;
      const coder = code.stripes(length);
      coder.shards.forEach((view, i) => view.set(shards[i] as Uint8Array));
      for (const view of coder.shards.slice(code.dataShards)) view.fill(0);
      coder.encode();
      coder.shards.forEach((view, i) => sameBytes(view.slice(), shards[i] as Uint8Array));
      const lost = order.slice(0, count % (code.parityShards + 1));
      for (const shard of lost) (coder.shards[shard] as Uint8Array).fill(0);
      coder.reconstruct(shards.map((_, i) => !lost.includes(i)));
      coder.shards.forEach((view, i) => sameBytes(view.slice(), shards[i] as Uint8Array));
    }),
    { numRuns: 40 }
  );
});

t.run();
