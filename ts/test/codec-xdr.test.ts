/** The XDR runtime by itself: primitives, limits, refusals with path and offset. @module */
import { fromHex, toHex } from '../base/hex.ts';
import { findFault } from '../codec/xdr-locate.ts';
import { PackedOpaques } from '../codec/xdr-list.ts';
import { XDR_MAX_BYTES, XDR_MAX_DEPTH, XDR_UNBOUNDED, XdrReader } from '../codec/xdr-reader.ts';
import * as shape from '../codec/xdr-shape.ts';
import { XdrWriter } from '../codec/xdr-writer.ts';
import { alias, enumeration, struct, union, type ValueOf, type XdrCodec } from '../codec/xdr.ts';
import { assert, sameBytes, throwsCode } from './support/assert.ts';
import { suite } from './support/suite.ts';

const t = suite('codec/xdr', import.meta.url);

// A small family of types, written out as the generator writes them.

const Color = { RED: 0, GREEN: 1, BLUE: 5 } as const;
type Color = (typeof Color)[keyof typeof Color];
const isColor = (value: number): value is Color => value === 0 || value === 1 || value === 5;
const ColorCodec: XdrCodec<Color> = enumeration(
  'Color',
  (r) => {
    const value = r.int32();
    return isColor(value) ? value : r.badEnum('Color', value);
  },
  (w, v) => {
    if (!isColor(v)) w.badEnum('Color');
    w.int32(v);
  },
  Color,
  ''
);

type Node =
  | { readonly type: 0; readonly value?: undefined }
  | { readonly type: 1; readonly value: Leaf }
  | { readonly type: 5; readonly value: readonly Node[] };

function readNode(r: XdrReader, d: number): Node {
  if (d > r.maxDepth) r.tooDeep();
  const type = r.int32();
  switch (type) {
    case 0:
      return { type };
    case 1:
      return { type, value: readLeaf(r, d + 1) };
    case 5: {
      const list: Node[] = [];
      const count = r.count(XDR_UNBOUNDED, 4, d + 1);
      for (let i = 0; i < count; i++) list.push(readNode(r, d + 2));
      return { type, value: list };
    }
    default:
      return r.badArm('Node', type, { ...Color, GREY: 6 });
  }
}

function writeNode(w: XdrWriter, v: Node): void {
  w.int32(v.type);
  switch (v.type) {
    case 0:
      return;
    case 1:
      writeLeaf(w, v.value);
      return;
    case 5:
      w.count(v.value, XDR_UNBOUNDED);
      for (const node of v.value) writeNode(w, node);
      return;
    default:
      w.badArm('Node');
  }
}

const NodeCodec: XdrCodec<Node> = union('Node', readNode, writeNode, 'type', () => ({
  tag: enumeration('Kind', ColorCodec.decodeFrom, () => undefined, { ...Color, GREY: 6 }, ''),
  arms: {
    0: null,
    1: ['leaf', LeafCodec],
    5: ['nodes', shape.list(NodeCodec, XDR_UNBOUNDED, 4)],
  },
}));

interface Leaf {
  readonly color: Color;
  readonly size: number;
  readonly delta: number;
  readonly big: bigint;
  readonly low: bigint;
  readonly open: boolean;
  readonly tag: Uint8Array;
  readonly text: Uint8Array;
  readonly extra?: Uint8Array | undefined;
}

function readLeaf(r: XdrReader, d: number): Leaf {
  if (d > r.maxDepth) r.tooDeep();
  return {
    color: ColorCodec.decodeFrom(r),
    size: r.uint32(),
    delta: r.int32(),
    big: r.uint64(),
    low: r.int64(),
    open: r.bool(),
    tag: r.opaque(3),
    text: r.varOpaque(8),
    extra: r.option(d + 1) ? r.varOpaque(XDR_UNBOUNDED) : undefined,
  };
}

function writeLeaf(w: XdrWriter, v: Leaf): void {
  ColorCodec.encodeInto(w, v.color);
  w.uint32(v.size);
  w.int32(v.delta);
  w.uint64(v.big);
  w.int64(v.low);
  w.bool(v.open);
  w.opaque(v.tag, 3);
  w.varOpaque(v.text, 8);
  if (w.option(v.extra)) w.varOpaque(v.extra, XDR_UNBOUNDED);
}

const LeafCodec: XdrCodec<Leaf> = struct('Leaf', readLeaf, writeLeaf, () => [
  ['color', ColorCodec],
  ['size', shape.UINT32],
  ['delta', shape.INT32],
  ['big', shape.UINT64],
  ['low', shape.INT64],
  ['open', shape.BOOL],
  ['tag', shape.opaque(3)],
  ['text', shape.text(8)],
  ['extra', shape.option(shape.varOpaque(XDR_UNBOUNDED))],
]);

const LEAF: Leaf = {
  color: Color.BLUE,
  size: 0xffffffff,
  delta: -2,
  big: 0xffffffffffffffffn,
  low: -1n,
  open: true,
  tag: fromHex('010203'),
  text: fromHex('6162636465'),
  extra: undefined,
};
const LEAF_HEX =
  '00000005' +
  'ffffffff' +
  'fffffffe' +
  'ffffffffffffffff' +
  'ffffffffffffffff' +
  '00000001' +
  '01020300' +
  '00000005' +
  '6162636465000000' +
  '00000000';

function nested(levels: number): Uint8Array {
  return fromHex('0000000500000001'.repeat(levels) + '00000000');
}

t('[tesserae/xdr-runtime] every primitive has the bytes of RFC 4506, both ways', () => {
  sameBytes(LeafCodec.encode(LEAF), LEAF_HEX);
  const back = LeafCodec.decode(fromHex(LEAF_HEX));
  assert.equal(
    { ...back, tag: toHex(back.tag), text: toHex(back.text) },
    {
      ...LEAF,
      tag: '010203',
      text: '6162636465',
    }
  );
  sameBytes(
    LeafCodec.encode({ ...LEAF, extra: fromHex('ff') }),
    LEAF_HEX.slice(0, -8) + '0000000100000001ff000000'
  );
  sameBytes(
    NodeCodec.encode({ type: 5, value: [{ type: 0 }, { type: 5, value: [] }] }),
    '0000000500000002000000000000000500000000'
  );
});

t(
  '[tesserae/xdr-runtime] [tesserae/codec-limits] each refusal names its code, path and offset',
  () => {
    const at = (offset: number, hex: string): string =>
      LEAF_HEX.slice(0, offset * 2) + hex + LEAF_HEX.slice(offset * 2 + hex.length);
    const cases = [
      [at(0, '00000002'), 'XDR_ENUM', 'color', 0],
      [at(28, '00000002'), 'XDR_BOOL', 'open', 28],
      [at(28, '01000000'), 'XDR_BOOL', 'open', 28],
      [at(35, '01'), 'XDR_PADDING', 'tag', 35],
      [at(36, '00000009'), 'XDR_LIMIT', 'text', 36],
      [at(45, '01'), 'XDR_PADDING', 'text', 45],
      [at(47, '01'), 'XDR_PADDING', 'text', 47],
      [at(48, '00000002'), 'XDR_BOOL', 'extra', 48],
      [at(48, '00000001'), 'XDR_TRUNCATED', 'extra', 52],
      [at(48, '00000001') + '7fffffff', 'XDR_TRUNCATED', 'extra', 56],
      [at(48, '00000001') + 'ffffffff', 'XDR_TRUNCATED', 'extra', 56],
      [LEAF_HEX.slice(0, 2 * 21), 'XDR_TRUNCATED', 'low', 20],
      [LEAF_HEX.slice(0, 2 * 3), 'XDR_TRUNCATED', 'color', 0],
      ['', 'XDR_TRUNCATED', 'color', 0],
    ] as const;
    for (const [hex, code, path, offset] of cases) {
      const error = throwsCode(() => LeafCodec.decode(fromHex(hex)), code, hex);
      assert.is(error.at, path, hex);
      assert.is(error.offset, offset, hex);
      assert.ok(error.message.startsWith(`${code}: ${path}: `), error.message);
      assert.ok(error.message.endsWith(`(at byte ${offset})`), error.message);
      assert.is(error.message.indexOf('(at byte'), error.message.lastIndexOf('(at byte'));
    }
    const inside = throwsCode(
      () =>
        NodeCodec.decode(
          fromHex('0000000500000002' + '00000000' + '00000001' + at(28, '00000003'))
        ),
      'XDR_BOOL'
    );
    assert.is(inside.at, 'nodes[1].leaf.open');
    assert.is(inside.offset, 44);
  }
);

t('[tesserae/xdr-runtime] a discriminant outside its enum differs from one without an arm', () => {
  const unknown = throwsCode(() => NodeCodec.decode(fromHex('00000007')), 'XDR_ENUM');
  assert.is(unknown.at, 'type');
  const armless = throwsCode(() => NodeCodec.decode(fromHex('00000006')), 'XDR_UNION');
  assert.is(armless.at, 'type');
  assert.is(armless.offset, 0);
});

t('[tesserae/xdr-runtime] bytes after the value are refused', () => {
  const error = throwsCode(() => LeafCodec.decode(fromHex(LEAF_HEX + '00000000')), 'XDR_TRAILING');
  assert.is(error.offset, 52);
  assert.is(error.at, undefined);
});

t('[tesserae/codec-limits] nesting is counted as the reference counts it', () => {
  // A union and a list each count, so n levels of nodes are 2n + 1 deep.
  NodeCodec.decode(nested(2), { maxDepth: 5 });
  const error = throwsCode(() => NodeCodec.decode(nested(2), { maxDepth: 4 }), 'XDR_DEPTH');
  assert.is(error.at, 'nodes[0].nodes[0]');
  throwsCode(() => NodeCodec.decode(nested(2), { maxDepth: 3 }), 'XDR_DEPTH');
  const most = (XDR_MAX_DEPTH - 2) / 2;
  const deep = NodeCodec.decode(nested(most));
  sameBytes(NodeCodec.encode(deep), nested(most));
  throwsCode(() => NodeCodec.decode(nested(most + 1)), 'XDR_DEPTH');
  throwsCode(() => NodeCodec.decode(nested(100_000)), 'XDR_DEPTH');
  throwsCode(() => NodeCodec.decode(nested(100_000), { maxDepth: 1 }), 'XDR_DEPTH');
  const option = throwsCode(
    () => LeafCodec.decode(fromHex(LEAF_HEX), { maxDepth: 1 }),
    'XDR_DEPTH'
  );
  assert.is(option.at, 'extra');
});

t('[tesserae/codec-limits] input size and element counts are bounded', () => {
  const long = throwsCode(() => NodeCodec.decode(new Uint8Array(9), { maxBytes: 8 }), 'XDR_LIMIT');
  assert.is(long.at, undefined);
  throwsCode(() => NodeCodec.decode(new Uint8Array(XDR_MAX_BYTES + 1)), 'XDR_LIMIT');
  const wide = fromHex('0000000500000003' + '00000000'.repeat(3));
  NodeCodec.decode(wide, { maxItems: 3 });
  const items = throwsCode(() => NodeCodec.decode(wide, { maxItems: 2 }), 'XDR_LIMIT');
  assert.is(items.at, 'nodes');
  // The total over all lists counts, not each alone.
  throwsCode(() => NodeCodec.decode(nested(3), { maxItems: 2 }), 'XDR_LIMIT');
});

t(
  '[tesserae/codec-limits] a count that the rest cannot hold is refused before memory is taken',
  () => {
    for (const count of ['00000002', '7fffffff', 'ffffffff']) {
      const error = throwsCode(
        () => NodeCodec.decode(fromHex(`00000005${count}00000000`)),
        'XDR_TRUNCATED',
        count
      );
      assert.is(error.offset, 8);
      assert.is(error.at, 'nodes');
    }
  }
);

t('[tesserae/xdr-runtime] what a type cannot hold is refused by name when writing', () => {
  const refuses = (value: unknown, text: string): void => {
    let caught: unknown;
    try {
      // Untyped callers can pass anything.
      NodeCodec.encode(value as Node);
    } catch (error) {
      caught = error;
    }
    assert.instance(caught, RangeError, text);
    assert.is((caught as RangeError).message, text);
  };
  const leaf = (change: object): unknown => ({
    type: 5,
    value: [{ type: 0 }, { type: 1, value: { ...LEAF, ...change } }],
  });
  const of = (field: string): string => `"nodes[1].leaf.${field}" must be`;
  refuses(leaf({ color: 2 }), `${of('color')} one of Color, got 2`);
  refuses(leaf({ size: -1 }), `${of('size')} an integer 0..4294967295, got -1`);
  refuses(leaf({ size: 0x100000000 }), `${of('size')} an integer 0..4294967295, got 4294967296`);
  refuses(leaf({ size: 0.5 }), `${of('size')} an integer 0..4294967295, got 0.5`);
  refuses(leaf({ size: NaN }), `${of('size')} an integer 0..4294967295, got NaN`);
  refuses(leaf({ size: '5' }), `${of('size')} an integer 0..4294967295, got a string`);
  refuses(
    leaf({ delta: 0x80000000 }),
    `${of('delta')} an integer -2147483648..2147483647, got 2147483648`
  );
  refuses(leaf({ big: -1n }), `${of('big')} an unsigned 64-bit bigint, got -1n`);
  refuses(leaf({ big: 1 }), `${of('big')} an unsigned 64-bit bigint, got 1`);
  refuses(
    leaf({ big: 1n << 64n }),
    `${of('big')} an unsigned 64-bit bigint, got 18446744073709551616n`
  );
  refuses(
    leaf({ low: 1n << 63n }),
    `${of('low')} a signed 64-bit bigint, got 9223372036854775808n`
  );
  refuses(leaf({ open: 1 }), `${of('open')} a boolean, got 1`);
  refuses(leaf({ tag: new Uint8Array(2) }), `${of('tag')} 3 bytes, got 2 bytes`);
  refuses(leaf({ tag: 'abc' }), `${of('tag')} 3 bytes, got a string`);
  refuses(leaf({ text: new Uint8Array(9) }), `${of('text')} at most 8 bytes, got 9 bytes`);
  refuses(leaf({ extra: null }), `${of('extra')} at most 4294967295 bytes, got null`);
  refuses(
    { type: 5, value: undefined },
    '"nodes" must be at most 4294967295 elements, got undefined'
  );
  refuses({ type: 6 }, '"type" must be a discriminant of Node, got 6');
  refuses({ type: 1 }, '"leaf" must be a Leaf, got undefined');
  refuses(undefined, '"Node" must be a Node, got undefined');
});

t('[tesserae/xdr-runtime] a refused value leaves a shared writer as it was', () => {
  const writer = new XdrWriter(4);
  LeafCodec.encodeInto(writer, LEAF);
  const before = toHex(writer.view());
  assert.throws(() => LeafCodec.encodeInto(writer, { ...LEAF, open: 1 as unknown as boolean }));
  sameBytes(writer.finish(), before);
  ColorCodec.encodeInto(writer, Color.GREEN);
  sameBytes(writer.finish(), LEAF_HEX + '00000001');
  sameBytes(LeafCodec.encode(LEAF), LEAF_HEX, 'and the next encode is not disturbed');
});

t('[tesserae/xdr-runtime] an encode inside an encode has a buffer of its own', () => {
  let inner: Uint8Array | undefined;
  const value = {
    ...LEAF,
    get delta(): number {
      inner = NodeCodec.encode({ type: 0 });
      return -2;
    },
  };
  sameBytes(LeafCodec.encode(value), LEAF_HEX);
  sameBytes(inner, '00000000');
});

t('[tesserae/xdr-runtime] padding is written as zeros into a buffer that was used before', () => {
  LeafCodec.encode({ ...LEAF, tag: fromHex('ffffff'), text: fromHex('ff'.repeat(8)) });
  NodeCodec.encode({ type: 5, value: Array.from({ length: 999 }, () => ({ type: 5, value: [] })) });
  sameBytes(LeafCodec.encode(LEAF), LEAF_HEX);
});

t('[tesserae/xdr-runtime] opaque members are plain views of the input, whatever kind it is', () => {
  const input = Buffer.from(`ffff${LEAF_HEX}ff`, 'hex').subarray(2, -1);
  const leaf = LeafCodec.decode(input);
  sameBytes(leaf.tag, '010203');
  input[32] = 0x7f;
  sameBytes(leaf.tag, '7f0203');
  sameBytes(LeafCodec.decode(new Uint8Array(input)).text, '6162636465');
});

t('[tesserae/xdr-runtime] values follow each other through one reader', () => {
  const reader = new XdrReader(fromHex(`00000000${LEAF_HEX}00000001`));
  assert.equal(NodeCodec.decodeFrom(reader), { type: 0 });
  assert.is(LeafCodec.decodeFrom(reader).delta, -2);
  assert.is(reader.left, 4);
  throwsCode(() => reader.finish(), 'XDR_TRAILING');
  const error = throwsCode(() => NodeCodec.decodeFrom(reader), 'XDR_TRUNCATED');
  assert.is(error.at, 'leaf.color');
  assert.is(error.offset, 60);
});

const Names: XdrCodec<PackedOpaques | Uint8Array[]> = alias(
  'Names',
  (r, d) => r.opaqueList(3, 4, d),
  (w, v) => w.opaqueList(v, 3, 4),
  () => shape.list(shape.opaque(3), 4, 4)
);

t('[tesserae/xdr-runtime] a vector of equal opaques stays packed and reads like an array', () => {
  const hex = '00000002' + '01020300' + '04050600';
  const list: ValueOf<typeof Names> = Names.decode(fromHex(`${hex}`));
  assert.instance(list, PackedOpaques);
  assert.is(list.length, 2);
  sameBytes(list.at(0), '010203');
  sameBytes(list.at(-1), '040506');
  for (const outside of [2, -3, 0.5, NaN]) assert.is(list.at(outside), undefined);
  assert.equal([...list].map(toHex), ['010203', '040506']);
  sameBytes(Names.encode(list), hex);
  sameBytes(Names.encode([fromHex('010203'), fromHex('040506')]), hex);
  const empty = Names.decode(fromHex('00000000'));
  assert.is(empty.length, 0);
  assert.equal([...empty], []);
  const padding = throwsCode(
    () => Names.decode(fromHex('00000002' + '01020300' + '04050601')),
    'XDR_PADDING'
  );
  assert.is(padding.at, '[1]');
  assert.is(padding.offset, 11);
  throwsCode(() => Names.decode(fromHex(`00000005${'00000000'.repeat(5)}`)), 'XDR_LIMIT');
  throwsCode(() => Names.decode(fromHex('0000000201020300')), 'XDR_TRUNCATED');
  throwsCode(() => Names.decode(fromHex(hex), { maxItems: 1 }), 'XDR_LIMIT');
  assert.throws(() => Names.encode([fromHex('0102')]), /"\[0\]" must be 3 bytes, got 2 bytes/);
});

t('[tesserae/xdr-runtime] bytes that nothing refuses have no fault to find', () => {
  assert.is(findFault(LeafCodec, fromHex(LEAF_HEX), 0, {}), undefined);
  assert.is(findFault(NodeCodec, nested(3), 0, {}), undefined);
});

t.run();
