/** MessagePack values in the typed JSON of the golden vectors; see golden/README.md. @module */
import { MsgpackExt, MsgpackFloat, MsgpackTime, type MsgpackValue } from '../../codec/msgpack.ts';
import { fromHex, toHex } from '../../base/hex.ts';

interface Typed {
  t: string;
  v?: unknown;
  bits?: string;
  fill?: unknown;
  length?: number;
  count?: number;
  type?: number;
  data?: string;
  s?: string;
  us?: number;
}

/** The value that the notation stands for. */
export function fromNotation(typed: unknown): MsgpackValue {
  const node = typed as Typed;
  switch (node.t) {
    case 'nil':
      return null;
    case 'bool':
      return node.v as boolean;
    case 'int': {
      const value = BigInt(node.v as string);
      return BigInt.asIntN(53, value) === value ? Number(value) : value;
    }
    case 'float':
      return floatOf(BigInt(`0x${node.bits ?? ''}`));
    case 'str':
      if (node.length !== undefined) return (node.fill as string).repeat(node.length);
      return node.v as string;
    case 'bin':
      if (node.length !== undefined) {
        return new Uint8Array(node.length).fill(parseInt(node.fill as string, 16));
      }
      return fromHex(node.v as string);
    case 'arr':
      if (node.length !== undefined) {
        return Array.from({ length: node.length }, () => fromNotation(node.fill));
      }
      return (node.v as unknown[]).map(fromNotation);
    case 'map':
      if (node.count !== undefined) {
        return new Map(Array.from({ length: node.count }, (_, n) => [n, n]));
      }
      return new Map(
        (node.v as [unknown, unknown][]).map(([k, v]) => [fromNotation(k), fromNotation(v)])
      );
    case 'ext':
      return new MsgpackExt(
        node.type as number,
        node.length === undefined
          ? fromHex(node.data as string)
          : new Uint8Array(node.length).fill(parseInt(node.fill as string, 16))
      );
    case 'time':
      return new MsgpackTime(BigInt(node.s as string), node.us as number);
    default:
      throw new Error(`unknown notation ${node.t}`);
  }
}

function floatOf(bits: bigint): MsgpackFloat {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  const value = view.getFloat64(0);
  return Number.isNaN(value) ? new MsgpackFloat(NaN, bits) : new MsgpackFloat(value);
}

/** The notation of a value, without the rules for repeated content. */
export function toNotation(value: MsgpackValue): unknown {
  if (value === null) return { t: 'nil' };
  if (typeof value === 'boolean') return { t: 'bool', v: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { t: 'int', v: String(value) };
  if (typeof value === 'string') return { t: 'str', v: value };
  if (value instanceof Uint8Array) return { t: 'bin', v: toHex(value) };
  if (Array.isArray(value)) return { t: 'arr', v: value.map(toNotation) };
  if (value instanceof Map) {
    return { t: 'map', v: [...value].map(([k, v]) => [toNotation(k), toNotation(v)]) };
  }
  if (value instanceof MsgpackFloat) {
    const view = new DataView(new ArrayBuffer(8));
    if (value.nanBits === undefined) view.setFloat64(0, value.value);
    else view.setBigUint64(0, value.nanBits);
    return { t: 'float', bits: view.getBigUint64(0).toString(16).padStart(16, '0') };
  }
  if (value instanceof MsgpackExt) return { t: 'ext', type: value.type, data: toHex(value.data) };
  return { t: 'time', s: String(value.seconds), us: value.microseconds };
}
