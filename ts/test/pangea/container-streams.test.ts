/** Container v1 as streams: progress, back-pressure, abortion, errors of either side. @module */
import { SeededRandom } from '../../base/random.ts';
import { openContainer } from '../../pangea/ces/container.ts';
import { decode, decodeBytes } from '../../pangea/ces/decode.ts';
import { encode, type EncodeOptions, type EncodedManifest } from '../../pangea/ces/encode.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { MemoryShards, collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/container streams', import.meta.url);

const random = new SeededRandom(2);
const KEY = random.bytes(32);
const STRIPE = 4096;

function options(more: Partial<EncodeOptions> = {}): EncodeOptions {
  return { locks: [{ key: KEY }], random, configuration: { stripeBytes: STRIPE }, ...more };
}

async function make(
  file: Uint8Array,
  more: Partial<EncodeOptions> = {}
): Promise<{ shards: MemoryShards; manifest: EncodedManifest }> {
  return collect(encode(streamOf(file, 1000), options(more)));
}

t('tells progress, stripe by stripe, both ways', async () => {
  const file = random.bytes(2 * STRIPE + 10);
  const told: string[] = [];
  const made = await make(file, {
    onProgress: ({ stripes, fileBytes, shardBytes }) =>
      told.push(`${stripes} ${fileBytes} ${shardBytes}`),
  });
  const stripeShards = 12 * Math.ceil((STRIPE + 17) / 8);
  assert.equal(told, [
    `1 ${STRIPE} ${stripeShards}`,
    `2 ${2 * STRIPE} ${2 * stripeShards}`,
    `3 ${file.length} ${2 * stripeShards + 12 * 4}`,
  ]);
  const back: number[] = [];
  const container = await openContainer(made.manifest.bytes, { key: KEY });
  await decodeBytes(container, made.shards, {
    onProgress: ({ fileBytes }) => back.push(fileBytes),
  });
  assert.equal(back, [STRIPE, 2 * STRIPE, file.length]);
});

t('reads from the source only as stripes are taken', async () => {
  let pulled = 0;
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(STRIPE));
      },
    },
    { highWaterMark: 0 }
  );
  const { stripes } = encode(source, options());
  assert.is(pulled, 0);
  const reader = stripes.getReader();
  for (let taken = 1; taken <= 4; taken++) {
    await reader.read();
    // One more shows that the stripe was not the last.
    assert.is(pulled, taken + 1);
  }
  await reader.cancel('enough');
  assert.is(pulled, 5);
});

t('decoding reads a stripe when it is asked for', async () => {
  const made = await make(random.bytes(5 * STRIPE));
  const container = await openContainer(made.manifest.bytes, { key: KEY });
  const reader = decode(container, made.shards).getReader();
  assert.is(made.shards.reads.length, 0);
  await reader.read();
  assert.is(made.shards.reads.length, 8);
  await reader.cancel();
  assert.is(made.shards.reads.length, 8);
});

t('a signal ends encoding, cancels the source and fails the manifest', async () => {
  const abort = new AbortController();
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => undefined),
    cancel: (reason) => void (cancelled = reason),
  });
  const { stripes, manifest } = encode(source, options({ signal: abort.signal }));
  const reading = stripes.getReader().read();
  const reason = new Error('stop');
  abort.abort(reason);
  for (const promise of [reading, manifest]) {
    let caught: unknown;
    await (promise as Promise<unknown>).catch((error: unknown) => (caught = error));
    assert.is(caught, reason);
  }
  assert.is(cancelled, reason);
});

t('a signal ends decoding while a keeper hangs', async () => {
  const made = await make(random.bytes(100));
  const container = await openContainer(made.manifest.bytes, { key: KEY });
  const abort = new AbortController();
  const seen: (AbortSignal | undefined)[] = [];
  const hanging = {
    read: (_: unknown, signal?: AbortSignal): Promise<undefined> => {
      seen.push(signal);
      return new Promise(() => undefined);
    },
  };
  const reading = decodeBytes(container, hanging, { signal: abort.signal });
  const reason = new Error('stop');
  setTimeout(() => abort.abort(reason), 5);
  let caught: unknown;
  await reading.catch((error: unknown) => (caught = error));
  assert.is(caught, reason);
  assert.ok(seen.every((signal) => signal === abort.signal));
});

t('an error of the source ends both results, an error of a keeper is a missing shard', async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error('disk gone'));
    },
  });
  const { stripes, manifest } = encode(broken, options());
  for (const promise of [stripes.getReader().read(), manifest]) {
    let caught: unknown;
    await (promise as Promise<unknown>).catch((error: unknown) => (caught = error));
    assert.match(String(caught), /disk gone/);
  }
  const file = random.bytes(300);
  const made = await make(file);
  const container = await openContainer(made.manifest.bytes, { key: KEY });
  const flaky = {
    read: (place: { stripe: number; shard: number }) =>
      place.shard % 3 === 0 ? Promise.reject(new Error('down')) : made.shards.read(place),
  };
  sameBytes(await decodeBytes(container, flaky), file);
});

t('a long file passes through with the memory of a few stripes', async () => {
  const stripeBytes = 65536;
  const count = 200;
  let made = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (made === count) return controller.close();
      controller.enqueue(new Uint8Array(stripeBytes).fill(made));
      made += 1;
    },
  });
  const configuration = { stripeBytes, compressionLevel: 0 };
  const encoding = encode(source, options({ configuration }));
  let lead = 0;
  let taken = 0;
  const reader = encoding.stripes.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    taken += 1;
    lead = Math.max(lead, made - taken);
    assert.is(value.stripe, taken - 1);
  }
  assert.is(taken, count);
  assert.ok(lead <= 3, `${lead} stripes ahead`);
  assert.is((await encoding.manifest).fileBytes, count * stripeBytes);
});

t.run();
