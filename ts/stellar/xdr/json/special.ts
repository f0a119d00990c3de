/**
 * Types that JSON writes as one string of their own: keys and addresses as StrKey, asset codes as
 * escaped text, wide integers in decimal.
 * @see rs-stellar-xdr `src/str.rs`, `src/num128.rs`, `src/num256.rs` (27.0.0) @module
 */
import { ProtocolError } from '../../../base/errors.ts';
import {
  decodeStrKey,
  decodeStrKeyOf,
  packMuxedAccount,
  packSignedPayload,
  strKeyText,
  unpackMuxedAccount,
  unpackSignedPayload,
  type StrKey,
  type StrKeyKind,
} from '../../../crypto/strkey.ts';
import { concat } from '../../../base/bytes.ts';
import { AssetType, type AssetCode } from '../asset.ts';
import { SCAddressType, type MuxedEd25519Account, type SCAddress } from '../contract-address.ts';
import type { Int128Parts, Int256Parts, UInt128Parts, UInt256Parts } from '../contract-number.ts';
import { ClaimableBalanceIDType, type ClaimableBalanceID } from '../key-material.ts';
import type { MuxedAccount, MuxedAccountMed25519 } from '../muxed-account.ts';
import {
  CryptoKeyType,
  PublicKeyType,
  SignerKeyType,
  type PublicKey,
  type SignerKey,
  type SignerKeyEd25519SignedPayload,
} from '../public-key.ts';
import { escapeBytes, unescapeBytes } from './text.ts';

/** Both directions of one type. */
export interface SpecialForm {
  toText(value: unknown): string;
  /** @throws ProtocolError for a text that stands for no value */
  fromText(text: string): unknown;
}

/** The form of a type by its XDR name. */
export function specialForm(name: string): SpecialForm | undefined {
  return Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
}

// One place knows which value belongs to which name; the walkers know only names.
function form<T>(toText: (value: T) => string, fromText: (text: string) => T): SpecialForm {
  return { toText: (value) => toText(value as T), fromText };
}

function hash(kind: StrKeyKind): SpecialForm {
  return form<Uint8Array>(
    (value) => strKeyText(kind, value),
    (text) => decodeStrKeyOf(kind, text)
  );
}

const publicKey = /* @__PURE__ */ form<PublicKey>(
  (value) => strKeyText('publicKey', value.value),
  (text) => toPublicKey(decodeStrKeyOf('publicKey', text))
);

const FORMS: Readonly<Record<string, SpecialForm>> = {
  PublicKey: publicKey,
  ContractID: hash('contract'),
  PoolID: hash('liquidityPool'),
  ClaimableBalanceID: form<ClaimableBalanceID>(claimableText, (text) =>
    toClaimable(decodeStrKeyOf('claimableBalance', text))
  ),
  MuxedAccountMed25519: form<MuxedAccountMed25519>(muxedText, (text) =>
    unpackMuxedAccount(decodeStrKeyOf('muxedAccount', text))
  ),
  MuxedEd25519Account: form<MuxedEd25519Account>(muxedText, (text) =>
    unpackMuxedAccount(decodeStrKeyOf('muxedAccount', text))
  ),
  MuxedAccount: form<MuxedAccount>(
    (value) =>
      value.type === CryptoKeyType.KEY_TYPE_ED25519
        ? strKeyText('publicKey', value.value)
        : muxedText(value.value),
    toMuxedAccount
  ),
  SignerKeyEd25519SignedPayload: form<SignerKeyEd25519SignedPayload>(signedText, (text) =>
    toSigned(decodeStrKeyOf('signedPayload', text))
  ),
  SignerKey: form<SignerKey>(signerText, toSigner),
  SCAddress: form<SCAddress>(addressText, toAddress),
  AssetCode: form<AssetCode>((value) => assetText(value.value), toAssetCode),
  AssetCode4: form<Uint8Array>(assetText, (text) => assetBytes(text, 4)),
  AssetCode12: form<Uint8Array>(assetText, (text) => assetBytes(text, 12)),
  Int128Parts: form<Int128Parts>(
    ({ hi, lo }) => String((hi << 64n) | lo),
    (text) => {
      const value = wide(text, 128, true);
      return { hi: value >> 64n, lo: BigInt.asUintN(64, value) };
    }
  ),
  UInt128Parts: form<UInt128Parts>(
    ({ hi, lo }) => String((hi << 64n) | lo),
    (text) => {
      const value = wide(text, 128, false);
      return { hi: value >> 64n, lo: BigInt.asUintN(64, value) };
    }
  ),
  Int256Parts: form<Int256Parts>(join256, (text) => split256(wide(text, 256, true))),
  UInt256Parts: form<UInt256Parts>(join256, (text) => split256(wide(text, 256, false))),
};

function toPublicKey(value: Uint8Array): PublicKey {
  return { type: PublicKeyType.PUBLIC_KEY_TYPE_ED25519, value };
}

function claimableText(id: ClaimableBalanceID): string {
  return strKeyText('claimableBalance', concat(Uint8Array.of(id.type), id.value));
}

function toClaimable(payload: Uint8Array): ClaimableBalanceID {
  return { type: ClaimableBalanceIDType.CLAIMABLE_BALANCE_ID_TYPE_V0, value: payload.slice(1) };
}

function muxedText({ ed25519, id }: { ed25519: Uint8Array; id: bigint }): string {
  return strKeyText('muxedAccount', packMuxedAccount(ed25519, id));
}

function toMuxedAccount(text: string): MuxedAccount {
  const { kind, payload } = decodeStrKey(text);
  if (kind === 'publicKey') return { type: CryptoKeyType.KEY_TYPE_ED25519, value: payload };
  if (kind === 'muxedAccount') {
    return { type: CryptoKeyType.KEY_TYPE_MUXED_ED25519, value: unpackMuxedAccount(payload) };
  }
  throw misplaced(kind, 'an account');
}

function signedText({ ed25519, payload }: SignerKeyEd25519SignedPayload): string {
  return strKeyText('signedPayload', packSignedPayload(ed25519, payload));
}

function toSigned(bytes: Uint8Array): SignerKeyEd25519SignedPayload {
  const { ed25519, data } = unpackSignedPayload(bytes);
  return { ed25519, payload: data };
}

function signerText(key: SignerKey): string {
  switch (key.type) {
    case SignerKeyType.SIGNER_KEY_TYPE_ED25519:
      return strKeyText('publicKey', key.value);
    case SignerKeyType.SIGNER_KEY_TYPE_PRE_AUTH_TX:
      return strKeyText('preAuthTx', key.value);
    case SignerKeyType.SIGNER_KEY_TYPE_HASH_X:
      return strKeyText('hashX', key.value);
    case SignerKeyType.SIGNER_KEY_TYPE_ED25519_SIGNED_PAYLOAD:
      return signedText(key.value);
  }
}

function toSigner(text: string): SignerKey {
  const { kind, payload }: StrKey = decodeStrKey(text);
  switch (kind) {
    case 'publicKey':
      return { type: SignerKeyType.SIGNER_KEY_TYPE_ED25519, value: payload };
    case 'preAuthTx':
      return { type: SignerKeyType.SIGNER_KEY_TYPE_PRE_AUTH_TX, value: payload };
    case 'hashX':
      return { type: SignerKeyType.SIGNER_KEY_TYPE_HASH_X, value: payload };
    case 'signedPayload':
      return {
        type: SignerKeyType.SIGNER_KEY_TYPE_ED25519_SIGNED_PAYLOAD,
        value: toSigned(payload),
      };
    default:
      throw misplaced(kind, 'a signer');
  }
}

function addressText(address: SCAddress): string {
  switch (address.type) {
    case SCAddressType.SC_ADDRESS_TYPE_ACCOUNT:
      return strKeyText('publicKey', address.value.value);
    case SCAddressType.SC_ADDRESS_TYPE_CONTRACT:
      return strKeyText('contract', address.value);
    case SCAddressType.SC_ADDRESS_TYPE_MUXED_ACCOUNT:
      return muxedText(address.value);
    case SCAddressType.SC_ADDRESS_TYPE_CLAIMABLE_BALANCE:
      return claimableText(address.value);
    case SCAddressType.SC_ADDRESS_TYPE_LIQUIDITY_POOL:
      return strKeyText('liquidityPool', address.value);
  }
}

function toAddress(text: string): SCAddress {
  const { kind, payload } = decodeStrKey(text);
  switch (kind) {
    case 'publicKey':
      return { type: SCAddressType.SC_ADDRESS_TYPE_ACCOUNT, value: toPublicKey(payload) };
    case 'contract':
      return { type: SCAddressType.SC_ADDRESS_TYPE_CONTRACT, value: payload };
    case 'muxedAccount':
      return {
        type: SCAddressType.SC_ADDRESS_TYPE_MUXED_ACCOUNT,
        value: unpackMuxedAccount(payload),
      };
    case 'claimableBalance':
      return { type: SCAddressType.SC_ADDRESS_TYPE_CLAIMABLE_BALANCE, value: toClaimable(payload) };
    case 'liquidityPool':
      return { type: SCAddressType.SC_ADDRESS_TYPE_LIQUIDITY_POOL, value: payload };
    default:
      throw misplaced(kind, 'an address');
  }
}

function misplaced(kind: StrKeyKind, due: string): ProtocolError {
  return new ProtocolError('XDR_JSON', `a ${kind} where ${due} is due`);
}

/** A code of 12 always shows 5 characters, because a shorter text is a code of 4. */
function assetText(code: Uint8Array): string {
  const used = code.findLastIndex((byte) => byte !== 0) + 1;
  return escapeBytes(code.subarray(0, code.length === 12 ? Math.max(5, used) : used));
}

function assetBytes(text: string, size: number): Uint8Array {
  const bytes = unescapeBytes(text);
  if (bytes.length > size) throw new ProtocolError('XDR_JSON', `asset code above ${size} bytes`);
  const code = new Uint8Array(size);
  code.set(bytes);
  return code;
}

function toAssetCode(text: string): AssetCode {
  return unescapeBytes(text).length <= 4
    ? { type: AssetType.ASSET_TYPE_CREDIT_ALPHANUM4, value: assetBytes(text, 4) }
    : { type: AssetType.ASSET_TYPE_CREDIT_ALPHANUM12, value: assetBytes(text, 12) };
}

function wide(text: string, bits: number, signed: boolean): bigint {
  if (!/^[+-]?\d{1,78}$/.test(text)) throw new ProtocolError('XDR_JSON', 'not a decimal integer');
  const value = BigInt(text.replace(/^\+/, ''));
  const fits = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  if (fits !== value) throw new ProtocolError('XDR_JSON', `integer does not fit ${bits} bits`);
  return value;
}

function join256({ hi_hi, hi_lo, lo_hi, lo_lo }: Int256Parts | UInt256Parts): string {
  return String((hi_hi << 192n) | (hi_lo << 128n) | (lo_hi << 64n) | lo_lo);
}

function split256(value: bigint): Int256Parts {
  return {
    hi_hi: value >> 192n,
    hi_lo: BigInt.asUintN(64, value >> 128n),
    lo_hi: BigInt.asUintN(64, value >> 64n),
    lo_lo: BigInt.asUintN(64, value),
  };
}
