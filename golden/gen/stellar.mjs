/**
 * Golden vectors for Stellar's XDR, its JSON form, StrKey and the overlay's frames.
 *
 * usage: node golden/gen/stellar.mjs
 *
 * Values are built from the reference's own type tables and drawn from a labelled stream, so every run
 * writes the same files. What the reference must refuse is checked to be refused while generating.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign,
} from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as crate from '@stellar/stellar-xdr-json';

const require = createRequire(import.meta.url);
const { xdr, StrKey } = require('@stellar/stellar-base');
const jsXdr = require('@stellar/js-xdr');
const versions = Object.fromEntries(
  ['stellar-base', 'js-xdr', 'stellar-xdr-json'].map((name) => {
    const path = require
      .resolve(`@stellar/${name}`)
      .replace(/(@stellar\/[^/]+)\/.*/, '$1/package.json');
    return [name, JSON.parse(readFileSync(path, 'utf8')).version];
  })
);
crate.initSync(
  readFileSync(require.resolve('@stellar/stellar-xdr-json').replace(/\.js$/, '_bg.wasm'))
);

const MADE = '2026-11-20';

function write(topic, source, cases) {
  const head = {
    format: 1,
    stack: 'stellar',
    topic,
    source,
    generator: 'golden/gen/stellar.mjs',
    made: MADE,
  };
  const lines = cases.map((item) => `  ${JSON.stringify(sorted(item))}`).join(',\n');
  const fields = Object.keys(head)
    .sort()
    .map((key) => ` ${JSON.stringify(key)}: ${JSON.stringify(sorted(head[key]))}`);
  const text = `{\n "cases": [\n${lines}\n ],\n${fields.join(',\n')}\n}\n`;
  writeFileSync(new URL(`../stellar/${topic}.json`, import.meta.url), text);
  console.log(`${topic}: ${cases.length} cases, ${text.length} bytes`);
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined)
      .map((key) => [key, sorted(value[key])])
  );
}

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const sha256 = (...parts) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

// ---------------------------------------------------------------- draws

class Draws {
  constructor(label) {
    this.label = label;
    this.block = Buffer.alloc(0);
    this.at = 0;
    this.count = 0;
  }

  bytes(length) {
    while (this.block.length - this.at < length) {
      this.block = Buffer.concat([
        this.block.subarray(this.at),
        sha256(`${this.label}/${this.count++}`),
      ]);
      this.at = 0;
    }
    this.at += length;
    return Buffer.from(this.block.subarray(this.at - length, this.at));
  }

  below(bound) {
    return this.bytes(4).readUInt32BE() % bound;
  }

  /** Mostly printable, so that the JSON form shows text and escapes alike. */
  text(length) {
    const bytes = this.bytes(length);
    return this.below(3) === 0 ? bytes : bytes.map((byte) => 0x20 + (byte % 0x5f));
  }
}

// ---------------------------------------------------------------- values, from js-xdr's type tables

/** A value of a js-xdr type; below `depth` 5 unions take void arms and arrays stay empty. */
function draw(type, draws, depth = 0) {
  if (type === jsXdr.Int) return draws.bytes(4).readInt32BE() >> draws.below(32);
  if (type === jsXdr.UnsignedInt) return draws.bytes(4).readUInt32BE() >>> draws.below(32);
  if (type === jsXdr.Bool) return draws.below(2) === 1;
  if (
    type.prototype instanceof jsXdr.LargeInt ||
    type === jsXdr.Hyper ||
    type === jsXdr.UnsignedHyper
  ) {
    const shift = BigInt(draws.below(64));
    const signed = type === jsXdr.Hyper || type.prototype instanceof jsXdr.Hyper;
    const bits = signed ? draws.bytes(8).readBigInt64BE() : draws.bytes(8).readBigUInt64BE();
    return new type(bits >> shift);
  }
  if (type instanceof jsXdr.Opaque) return draws.bytes(type._length);
  if (type instanceof jsXdr.VarOpaque)
    return draws.bytes(draws.below(Math.min(type._maxLength, 24) + 1));
  if (type instanceof jsXdr.String)
    return draws.text(draws.below(Math.min(type._maxLength, 12) + 1));
  if (type instanceof jsXdr.Option) {
    return draws.below(depth > 5 ? 6 : 2) === 0
      ? draw(type._childType, draws, depth + 1)
      : undefined;
  }
  if (type instanceof jsXdr.Array) {
    return Array.from({ length: type._length }, () => draw(type._childType, draws, depth + 1));
  }
  if (type instanceof jsXdr.VarArray) {
    const length = depth > 5 ? 0 : draws.below(Math.min(type._maxLength, 2) + 1);
    return Array.from({ length }, () => draw(type._childType, draws, depth + 1));
  }
  if (type.prototype instanceof jsXdr.Enum) {
    const members = type.values();
    return members[draws.below(members.length)];
  }
  if (type.prototype instanceof jsXdr.Struct) {
    const fields = type._fields.map(([name, field]) => [name, draw(field, draws, depth + 1)]);
    return new type(Object.fromEntries(fields));
  }
  if (type.prototype instanceof jsXdr.Union) {
    const arms = [...type._switches];
    const voids = arms.filter(([, arm]) => arm === jsXdr.Void);
    const some = depth > 5 && voids.length > 0 ? voids : arms;
    const [on, arm] = some[draws.below(some.length)];
    return arm === jsXdr.Void
      ? new type(on)
      : new type(on, draw(type._arms[arm], draws, depth + 1));
  }
  throw new Error(`no draw for ${type.name ?? type.constructor.name}`);
}

/** Bytes of a value; the types that js-xdr keeps as instances have no `toXDR` that takes one. */
function toXdr(type, value) {
  if (typeof type === 'function') return type.toXDR(value);
  const writer = new jsXdr.XdrWriter();
  type.write(value, writer);
  return writer.finalize();
}

const crateNames = new Map(crate.types().map((name) => [name.toLowerCase(), name]));
const crateName = (name) => crateNames.get(name === 'Error' ? 'serror' : name.toLowerCase());
const toJson = (name, bytes) =>
  crate.decode(crateName(name), Buffer.from(bytes).toString('base64'));

/** The crate's JSON, marked where the crate itself cannot read it back (an empty signed payload). */
function jsonOf(name, bytes) {
  const json = toJson(name, bytes);
  return refuses(() => crate.encode(crateName(name), json)) ? { json, oneWay: true } : { json };
}

function valueCases() {
  return Object.keys(xdr)
    .filter((name) => crateName(name) !== undefined && !/^(Int|Uint)(32|64)$/.test(name))
    .sort()
    .flatMap((name) => {
      const type = xdr[name];
      const arms = type.prototype instanceof jsXdr.Union ? type._switches.size : 0;
      // Every arm of the unions that travel on their own; a few values of every type.
      const wanted = ['StellarMessage', 'OperationBody', 'ScVal'].includes(name) ? arms * 4 : 3;
      const seen = new Set();
      const cases = [];
      for (let i = 0; i < wanted; i++) {
        const value = draw(type, new Draws(`${name}/${i}`), name === 'LedgerCloseMeta' ? 2 : 1);
        const bytes = toXdr(type, value);
        const arm = arms > 8 ? value.switch().name : i;
        const key = wanted > 3 ? arm : hex(bytes);
        if (seen.has(key) || bytes.length > 3000) continue;
        seen.add(key);
        cases.push({
          id: `${name}/${i}`,
          note: wanted > 3 ? String(arm) : undefined,
          in: { type: name, xdr: hex(bytes) },
          out: jsonOf(name, bytes),
        });
      }
      return cases;
    });
}

// ---------------------------------------------------------------- what must be refused

const KEY = '00'.repeat(4) + '11'.repeat(32);
const REFUSED = [
  ['padding', 'Memo', '00000001' + '00000001' + '61000001', 'XDR_PADDING'],
  ['padding-first', 'Memo', '00000001' + '00000001' + '61010000', 'XDR_PADDING'],
  ['padding-value', 'Value', '00000003' + 'aabbccdd', 'XDR_PADDING'],
  ['bool', 'ScVal', '00000000' + '00000002', 'XDR_BOOL'],
  ['bool-high', 'ScVal', '00000000' + '80000001', 'XDR_BOOL'],
  ['option', 'ScVal', '00000010' + '00000002', 'XDR_BOOL'],
  ['discriminant', 'ScVal', '000000ff', 'XDR_ENUM'],
  ['discriminant-negative', 'ScVal', 'ffffffff', 'XDR_ENUM'],
  ['message-retired-get-peers', 'StellarMessage', '00000004', 'XDR_ENUM'],
  ['message-retired-survey', 'StellarMessage', '0000000e' + KEY, 'XDR_ENUM'],
  ['enum', 'MessageType', '00000001', 'XDR_ENUM'],
  ['arm', 'AssetCode', '00000000', 'XDR_UNION'],
  ['arm-pool-share', 'Asset', '00000003', 'XDR_UNION'],
  ['arm-version', 'ExtensionPoint', '00000001', 'XDR_UNION'],
  ['arm-authenticated', 'AuthenticatedMessage', '00000001' + '00'.repeat(60), 'XDR_UNION'],
  ['trailing', 'ScVal', '00000001' + '00000000', 'XDR_TRAILING'],
  ['trailing-one', 'ScVal', '00000001' + '00', 'XDR_TRAILING'],
  ['empty', 'ScVal', '', 'XDR_TRUNCATED'],
  ['cut-in-integer', 'ScVal', '000000', 'XDR_TRUNCATED'],
  ['cut-in-hyper', 'ScVal', '00000005' + '00000000', 'XDR_TRUNCATED'],
  ['cut-in-opaque', 'PublicKey', '00000000' + '11'.repeat(31), 'XDR_TRUNCATED'],
  ['cut-in-string', 'Memo', '00000001' + '00000008' + '61626364', 'XDR_TRUNCATED'],
  ['cut-in-array', 'FloodAdvert', '00000002' + '22'.repeat(32), 'XDR_TRUNCATED'],
  ['string-long', 'Memo', '00000001' + '0000001d' + '61'.repeat(32), 'XDR_LIMIT'],
  ['signature-long', 'Signature', '00000041' + '00'.repeat(68), 'XDR_LIMIT'],
  ['array-long', 'FloodAdvert', '000003e9' + '00'.repeat(32 * 1001), 'XDR_LIMIT'],
  ['array-huge', 'FloodAdvert', 'ffffffff', 'XDR_LIMIT'],
  ['array-huge-unbounded', 'ScpNomination', '00'.repeat(32) + 'ffffffff', 'XDR_TRUNCATED'],
];

const refuses = (decode) => {
  try {
    decode();
    return false;
  } catch {
    return true;
  }
};

function refusedCases() {
  return REFUSED.map(([id, name, text, error]) => {
    const bytes = Buffer.from(text, 'hex');
    if (!refuses(() => xdr[name].fromXDR(bytes))) throw new Error(`stellar-base accepts ${id}`);
    const note = refuses(() => toJson(name, bytes)) ? undefined : 'stellar-xdr-json accepts this';
    return { id: `refused-${id}`, note, in: { type: name, xdr: text }, error };
  });
}

// ---------------------------------------------------------------- StrKey

const STRKEYS = [
  ['publicKey', 'Ed25519PublicKey', 32],
  ['seed', 'Ed25519SecretSeed', 32],
  ['muxedAccount', 'Med25519PublicKey', 40],
  ['preAuthTx', 'PreAuthTx', 32],
  ['hashX', 'Sha256Hash', 32],
  ['contract', 'Contract', 32],
  ['liquidityPool', 'LiquidityPool', 32],
  ['claimableBalance', 'ClaimableBalance', 33],
];

function strkeyCases() {
  const plain = STRKEYS.flatMap(([kind, method, size]) =>
    [0, 1, 2].map((i) => {
      const payload = i === 0 ? Buffer.alloc(size) : new Draws(`strkey/${kind}/${i}`).bytes(size);
      if (kind === 'claimableBalance') payload[0] = 0;
      const text = StrKey[`encode${method}`](payload);
      return { id: `${kind}-${i}`, in: { kind, payload: hex(payload) }, out: { text } };
    })
  );
  const signed = [1, 3, 4, 29, 63, 64].map((length) => {
    const draws = new Draws(`strkey/signed/${length}`);
    const padded = Buffer.alloc((length + 3) & ~3);
    draws.bytes(length).copy(padded);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(length);
    const payload = Buffer.concat([draws.bytes(32), size, padded]);
    const text = StrKey.encodeSignedPayload(payload);
    return {
      id: `signedPayload-${length}`,
      in: { kind: 'signedPayload', payload: hex(payload) },
      out: { text },
    };
  });
  return [...plain, ...signed, ...strkeyRefusals(plain, signed)];
}

function strkeyRefusals(plain, signed) {
  const text = (id) => [...plain, ...signed].find((item) => item.id === id).out.text;
  const [g, m, p] = [text('publicKey-1'), text('muxedAccount-1'), text('signedPayload-29')];
  const flip = (from, at) =>
    from.slice(0, at) + (from[at] === 'A' ? 'B' : 'A') + from.slice(at + 1);
  const cases = [
    ['lower-case', g.toLowerCase(), 'STRKEY_TEXT'],
    ['padded', `${m}===`, 'STRKEY_TEXT'],
    ['foreign-1', `${g.slice(0, 20)}1${g.slice(21)}`, 'STRKEY_TEXT'],
    ['space', ` ${g.slice(1)}`, 'STRKEY_TEXT'],
    ['short', g.slice(0, -1), 'STRKEY_TEXT'],
    ['long', `${g}A`, 'STRKEY_TEXT'],
    ['empty', '', 'STRKEY_TEXT'],
    [
      'leftover-bits',
      m.slice(0, -1) + String.fromCharCode(m.charCodeAt(m.length - 1) + 1),
      'STRKEY_TEXT',
    ],
    ['checksum', flip(g, 30), 'STRKEY_CHECKSUM'],
    ['checksum-last', flip(g, 55), 'STRKEY_CHECKSUM'],
    ['first-letter', `S${g.slice(1)}`, 'STRKEY_CHECKSUM'],
    ['payload-flip', flip(p, 80), 'STRKEY_CHECKSUM'],
  ];
  const key = Buffer.alloc(32, 7);
  const signedOf = (length, data) => Buffer.concat([key, Buffer.from([0, 0, 0, length]), data]);
  // Sound text and checksum around what no StrKey holds.
  const sound = [
    ['version-unknown', 0x38, key, 'STRKEY_VERSION'],
    ['version-low-bits', 0x37, key, 'STRKEY_VERSION'],
    ['version-muxed-low-bits', 0x67, Buffer.alloc(40, 7), 'STRKEY_VERSION'],
    ['key-of-33', 0x30, Buffer.alloc(33, 7), 'STRKEY_PAYLOAD'],
    ['contract-of-40', 0x10, Buffer.alloc(40, 7), 'STRKEY_PAYLOAD'],
    ['muxed-of-32', 0x60, key, 'STRKEY_PAYLOAD'],
    ['muxed-of-41', 0x60, Buffer.alloc(41, 7), 'STRKEY_PAYLOAD'],
    ['claimable-of-32', 0x08, key, 'STRKEY_PAYLOAD'],
    ['signed-empty', 0x78, signedOf(0, Buffer.alloc(0)), 'STRKEY_PAYLOAD'],
    ['signed-short', 0x78, signedOf(29, Buffer.alloc(28)), 'STRKEY_PAYLOAD'],
    ['signed-unpadded', 0x78, signedOf(29, Buffer.alloc(29)), 'STRKEY_PAYLOAD'],
    ['signed-long', 0x78, signedOf(29, Buffer.alloc(36)), 'STRKEY_PAYLOAD'],
    ['signed-above-64', 0x78, signedOf(65, Buffer.alloc(68)), 'STRKEY_TEXT'],
    ['signed-padding', 0x78, signedOf(29, Buffer.alloc(32, 1)), 'STRKEY_PAYLOAD'],
  ].map(([id, version, payload, error]) => [id, rawStrKey(version, payload), error]);
  const checks = [
    'Ed25519PublicKey',
    'Ed25519SecretSeed',
    'Med25519PublicKey',
    'SignedPayload',
    'Contract',
    'ClaimableBalance',
    'LiquidityPool',
  ].map((name) => [name, StrKey[`isValid${name}`]]);
  return [...cases, ...sound].map(([id, text, error]) => {
    const accepting = checks
      .filter(([, isValid]) => isValid.call(StrKey, text))
      .map(([name]) => name);
    const crateRefuses = ['SignerKey', 'MuxedAccount', 'ScAddress'].every((name) =>
      refuses(() => crate.encode(name, JSON.stringify(text)))
    );
    if (!crateRefuses) throw new Error(`stellar-xdr-json accepts ${id}`);
    const note =
      accepting.length > 0 ? `stellar-base accepts this as ${accepting.join()}` : undefined;
    return { id: `refused-${id}`, note, in: { text }, error };
  });
}

/** Base32 of `version ‖ payload ‖ CRC-16/XMODEM`, whatever the payload. */
function rawStrKey(version, payload) {
  const body = Buffer.concat([Buffer.from([version]), payload]);
  let crc = 0;
  for (const byte of body) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  const bits = [...body, crc & 255, crc >> 8]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

// ---------------------------------------------------------------- frames

/** DER wrappings of raw keys; the last 32 bytes are the key. */
const PKCS8 = {
  ed25519: '302e020100300506032b657004220420',
  x25519: '302e020100300506032b656e04220420',
};
const privateKey = (kind, raw) =>
  createPrivateKey({
    key: Buffer.from(PKCS8[kind] + hex(raw), 'hex'),
    format: 'der',
    type: 'pkcs8',
  });
const rawPublic = (key) =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
const hmac = (key, ...parts) =>
  parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();

function frameCases() {
  const [a, b] = [
    privateKey('x25519', Buffer.alloc(32, 1)),
    privateKey('x25519', Buffer.alloc(32, 2)),
  ];
  const [nonceA, nonceB] = [Buffer.alloc(32, 0xaa), Buffer.alloc(32, 0xbb)];
  const shared = diffieHellman({ privateKey: a, publicKey: createPublicKey(b) });
  const prk = hmac(Buffer.alloc(32), shared, rawPublic(a), rawPublic(b));
  const sendKey = hmac(prk, Buffer.from([0]), nonceA, nonceB, Buffer.from([1]));
  const networkId = sha256('Test SDF Network ; September 2015');
  const node = privateKey('ed25519', Buffer.alloc(32, 3));
  const expiration = Buffer.alloc(8);
  expiration.writeBigUInt64BE(1700000000n);
  const sig = sign(
    null,
    sha256(networkId, Buffer.from([0, 0, 0, 3]), expiration, rawPublic(a)),
    node
  );
  const hello = xdr.StellarMessage.hello(
    new xdr.Hello({
      ledgerVersion: 27,
      overlayVersion: 42,
      overlayMinVersion: 41,
      networkId,
      versionStr: 'tesserae',
      listeningPort: 11625,
      peerId: xdr.PublicKey.publicKeyTypeEd25519(rawPublic(node)),
      cert: new xdr.AuthCert({
        pubkey: new xdr.Curve25519Public({ key: rawPublic(a) }),
        expiration: new xdr.Uint64(1700000000n),
        sig,
      }),
      nonce: nonceA,
    })
  );
  const auth = xdr.StellarMessage.auth(new xdr.Auth({ flags: 200 }));
  const grant = xdr.StellarMessage.sendMoreExtended(
    new xdr.SendMoreExtended({ numMessages: 200, numBytes: 300000 })
  );
  const refusal = xdr.StellarMessage.errorMsg(
    new xdr.Error({ code: xdr.ErrorCode.errConf(), msg: 'wrong protocol version' })
  );
  return [
    ['hello', hello, 0n, false],
    ['auth', auth, 0n, true],
    ['send-more-extended', grant, 1n, true],
    ['error', refusal, 0n, false],
  ].map(([id, message, sequence, signed]) => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(sequence);
    const mac = signed ? hmac(sendKey, counter, message.toXDR()) : Buffer.alloc(32);
    const body = new xdr.AuthenticatedMessage(
      0,
      new xdr.AuthenticatedMessageV0({
        sequence: new xdr.Uint64(sequence),
        message,
        mac: new xdr.HmacSha256Mac({ mac }),
      })
    ).toXDR();
    const header = Buffer.alloc(4);
    header.writeUInt32BE((0x80000000 | body.length) >>> 0);
    return {
      id: `frame-${id}`,
      in: { frame: hex(Buffer.concat([header, body])) },
      out: {
        json: toJson('AuthenticatedMessage', body),
        mac: hex(mac),
        sequence: String(sequence),
      },
    };
  });
}

const base = { program: '@stellar/stellar-base', version: versions['stellar-base'] };
const checked = [`@stellar/stellar-xdr-json ${versions['stellar-xdr-json']}`];
write('xdr', { ...base, symbol: 'xdr.*.toXDR', alsoChecked: checked }, valueCases());
write('xdr-refused', { ...base, symbol: 'xdr.*.fromXDR', alsoChecked: checked }, refusedCases());
write('strkey', { ...base, symbol: 'StrKey', alsoChecked: checked }, strkeyCases());
write(
  'frames',
  { ...base, symbol: 'xdr.AuthenticatedMessage', alsoChecked: checked },
  frameCases()
);
