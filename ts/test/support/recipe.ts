/** Inputs that golden vectors give by a recipe instead of by their bytes. @module */
import { concat, utf8 } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';

/** How to make an input; see golden/gen/codec_bzip2.py. */
export interface Recipe {
  readonly kind: 'stream' | 'fill' | 'words' | 'letters' | 'fibonacci';
  readonly length: number;
  readonly label?: string;
  readonly unit?: string;
  readonly bits?: number;
}

const WORDS = (
  'path link packet announce hash key node over under with from into proof relay mesh radio ' +
  'signal token identity transport interface destination resource request response channel ' +
  'buffer ratchet stamp ticket message field peer sync offer store'
).split(' ');

/** `length` bytes named by `label`, as the harness of the generators makes them. */
export function labelled(label: string, length: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 32) * 32);
  const name = utf8(label);
  for (let block = 0; block * 32 < length; block++) {
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, block);
    out.set(sha256(concat(name, number)), block * 32);
  }
  return out.slice(0, length);
}

/** The bytes that a recipe stands for. */
export function follow(recipe: Recipe): Uint8Array {
  const { length, label = '' } = recipe;
  switch (recipe.kind) {
    case 'stream':
      return labelled(label, length);
    case 'fill': {
      const unit = fromHex(recipe.unit ?? '');
      return Uint8Array.from({ length }, (_, i) => unit[i % unit.length] as number);
    }
    case 'letters': {
      const bits = recipe.bits ?? 8;
      const each = 8 / bits;
      const drawn = labelled(label, Math.ceil((length * bits) / 8));
      return Uint8Array.from({ length }, (_, i) => {
        const byte = drawn[Math.floor(i / each)] as number;
        return 97 + ((byte >> ((i % each) * bits)) & ((1 << bits) - 1));
      });
    }
    case 'words':
      return utf8(words(labelled(label, length), length));
    case 'fibonacci': {
      let [a, b] = ['a', 'ab'];
      while (b.length < length) [a, b] = [b, b + a];
      return utf8(b.slice(0, length));
    }
  }
}

function words(drawn: Uint8Array, length: number): string {
  const out: string[] = [];
  for (let size = 0, turn = 0; size < length; turn += 2) {
    const product = (drawn[turn] as number) * (drawn[turn + 1] as number);
    const word = `${WORDS[Math.floor((product * WORDS.length) / 65536)] as string} `;
    out.push(word);
    size += word.length;
  }
  return out.join('').slice(0, length);
}
