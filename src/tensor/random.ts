/** Random numbers that are a function of seed, stream and index: in whatever order they are asked for, they are the same. */
import { createHash } from 'node:crypto';
import { philox, type Words } from './philox.js';

export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(index: number): number;
  /** Standard normal, by Box and Muller. */
  normal(index: number): number;
  /** Uniform in [0, below), from 53 bits: no value is off by more than below / 2^53. */
  integer(index: number, below: number): number;
  /** `uniform` of the indices [from, from + length). */
  uniforms(length: number, from?: number): Float32Array;
  /** `normal` of the indices [from, from + length). */
  normals(length: number, from?: number): Float32Array;
  /** The numbers 0 to size - 1, shuffled. */
  permutation(size: number): Uint32Array;
  /** `count` different numbers below `size`, in random order. */
  sample(count: number, size: number): Uint32Array;
}

/** Keeps the numbers of one kind independent of those of another at the same index. */
const kinds = { uniform: 0, normal: 1, integer: 2, shuffle: 3 } as const;
type Kind = keyof typeof kinds;

/**
 * A generator (Philox4x32-10): the seed is its key, the stream's name and the index its counter.
 * @param seed an integer of at most 53 bits; @param stream any text: other streams give other, independent numbers.
 */
export function random(seed: number, stream: string): Random {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  const digest = createHash('sha256').update(stream).digest();
  const counter: Words = [0, 0, digest.readUInt32LE(0), digest.readUInt32LE(4)];
  const words: Words = [0, 0, 0, 0];

  /** The four words of block `at`; overwritten by the next call. */
  const block = (kind: Kind, at: number): Words => {
    counter[0] = at >>> 0;
    // indices stay below 2^53, so the upper bits of the word are free for the kind
    counter[1] = (Math.floor(at / 2 ** 32) | (kinds[kind] << 28)) >>> 0;
    return philox(counter, key, words);
  };

  const uniform = (index: number) => block('uniform', Math.floor(index / 4))[index % 4] / 2 ** 32;
  const normal = (index: number) => {
    const w = block('normal', Math.floor(index / 4));
    const pair = index % 4 < 2 ? 0 : 2;
    const angle = angleOf(w[pair + 1]);
    return radiusOf(w[pair]) * (index % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  };
  const below = (kind: Kind, index: number, size: number) => {
    const [low, high] = block(kind, index);
    return Math.floor((((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53) * size);
  };

  return {
    uniform,
    normal,
    integer: (index, size) => below('integer', index, size),
    uniforms: (length, from = 0) => Float32Array.from({ length }, (_, i) => roundedDown(uniform(from + i))),
    normals: (length, from = 0) => {
      const result = new Float32Array(length);
      // a block is four numbers and a logarithm two, so they are made together
      for (let at = Math.floor(from / 4); at * 4 < from + length; at++) {
        const w = block('normal', at);
        for (let pair = 0; pair < 4; pair += 2) {
          const radius = radiusOf(w[pair]!);
          const angle = angleOf(w[pair + 1]!);
          const i = at * 4 + pair - from;
          if (i >= 0 && i < length) result[i] = radius * Math.cos(angle);
          if (i + 1 >= 0 && i + 1 < length) result[i + 1] = radius * Math.sin(angle);
        }
      }
      return result;
    },
    permutation: (size) => draw(size, size, (i) => below('shuffle', i, size - i)),
    sample: (count, size) => draw(count, size, (i) => below('shuffle', i, size - i)),
  };
}

/** 1 - u lies in (0, 1], where the logarithm is finite. */
const radiusOf = (word: number): number => Math.sqrt(-2 * Math.log(1 - word / 2 ** 32));

const angleOf = (word: number): number => (2 * Math.PI * word) / 2 ** 32;

/** Float32 would round the largest uniform numbers up to 1. */
const roundedDown = (u: number): number => Math.min(u, 1 - 2 ** -24);

/** The first `count` steps of the Fisher-Yates shuffle; `offset(i)` is uniform in [0, size - i). */
function draw(count: number, size: number, offset: (i: number) => number): Uint32Array {
  const moved = new Map<number, number>();
  const result = new Uint32Array(Math.min(count, size));
  for (let i = 0; i < result.length; i++) {
    const at = i + offset(i);
    result[i] = moved.get(at) ?? at;
    moved.set(at, moved.get(i) ?? i);
    moved.delete(i);
  }
  return result;
}
