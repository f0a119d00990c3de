/**
 * `tesserae/stellar`: the XDR types of Stellar with their codecs, JSON form and StrKey, and the record
 * marking of its connections and files. The types are also `tesserae/stellar/xdr`. See README.md in
 * this folder. @module
 */
export * as xdr from './xdr/index.ts';
export { fromJson } from './xdr/json/from-json.ts';
export { toJson, type JsonValue } from './xdr/json/to-json.ts';
export * from '../codec/record-marking.ts';
export type { ValueOf, XdrCodec } from '../codec/xdr.ts';
export { PackedOpaques, type OpaqueList } from '../codec/xdr-list.ts';
export {
  XDR_MAX_BYTES,
  XDR_MAX_DEPTH,
  XDR_MAX_ITEMS,
  XdrReader,
  type XdrLimits,
} from '../codec/xdr-reader.ts';
export { XdrWriter } from '../codec/xdr-writer.ts';
export * from '../crypto/strkey.ts';
