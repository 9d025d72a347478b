/** The n:m coding: of every m consecutive inputs of an output n values, and where in their group they stand. */
import { fromMatrices, type MatrixLayout, toMatrices } from '../../ops/layout.js';
import { dataTypes, sizeOf } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type Bits, bitsOf, bytesOf, hasWords, zerosLike } from './bits.js';
import { type Coded, type Coding, checkPart } from './coding.js';
import { damaged, type Entry, isSizes } from './entries.js';
import type { MakeWhenRead } from './made-when-read.js';
import { eachGroup, type Groups, groupsIn, type NOfM, segmentOf, widestGroup } from './n-of-m.js';

/**
 * A weight whose groups keep at most n of m. Columns that fill no group are kept whole, after the groups of their segment.
 * @param weight whose type `hasWords`, and whose `layout` has at least m columns a segment.
 * @returns what its groups keep, where one keeps too many.
 */
export function encodeNm(weight: Tensor, layout: MatrixLayout, nm: NOfM, make: MakeWhenRead): Coded | Groups {
  const groups = groupsIn(toMatrices(layout, bitsOf(weight)), layout, nm);
  if (groups.broken > 0) return groups;
  const { stacks, rows, columns, view, perm } = layout;
  const facts: NmFacts = { ...nm, view, perm, stacks, rows, columns, segment: segmentOf(layout) };
  const { kept, positionBytes } = sizesOf(facts);
  const pack = (): Packed => packed(toMatrices(layout, bitsOf(weight)), facts);
  const bytes = (stacks * rows * kept * dataTypes[weight.dtype].bits) / 8;
  return {
    coding: 'n:m',
    facts: { ...facts },
    parts: new Map([
      [
        '.values',
        { dtype: weight.dtype, shape: [stacks * rows, kept], payload: make(bytes, () => bytesOf(pack().values)) },
      ],
      ['.metadata', { dtype: 'uint8', shape: [positionBytes], payload: make(positionBytes, () => pack().positions) }],
    ]),
  };
}

/** What a reader needs to put the values back. */
interface NmFacts extends NOfM {
  /** The stored tensor reshaped to `view` and transposed by `perm` is [stacks, rows, columns]. */
  readonly view: readonly number[];
  readonly perm: readonly number[];
  readonly stacks: number;
  readonly rows: number;
  readonly columns: number;
  /** Groups run from the start of each `segment` columns. */
  readonly segment: number;
}

interface Packed {
  readonly values: Bits;
  readonly positions: Uint8Array;
}

/** Bits that a position in a group takes. */
const widthOf = (m: number): number => Math.ceil(Math.log2(m));

/** Values that each row keeps, and the bytes of all positions. */
function sizesOf({ n, m, stacks, rows, columns, segment }: NmFacts): { kept: number; positionBytes: number } {
  const grouped = Math.floor(segment / m) * n;
  const kept = (columns / segment) * (grouped + (segment % m));
  const positions = stacks * rows * (columns / segment) * grouped;
  return { kept, positionBytes: Math.ceil((positions * widthOf(m)) / 8) };
}

function packed(matrices: Bits, facts: NmFacts): Packed {
  const { n, m, stacks, rows, segment } = facts;
  const { kept, positionBytes } = sizesOf(facts);
  const values = zerosLike(matrices, stacks * rows * kept);
  const positions = new Uint8Array(positionBytes);
  const write = positionWriter(positions, widthOf(m));
  let to = 0;
  eachGroup(
    matrices.length,
    segment,
    m,
    (start) => {
      // places of zeros that fill the group up
      let spare = n;
      for (let i = start; i < start + m; i++) if (matrices[i]) spare--;
      for (let position = 0; position < m; position++) {
        const word = matrices[start + position]!;
        if (!word && spare-- <= 0) continue;
        write(position);
        values[to++] = word;
      }
    },
    (start, end) => {
      for (let i = start; i < end; i++) values[to++] = matrices[i]!;
    },
  );
  return { values, positions };
}

/** Numbers of `width` bits one after the other, from the lowest bit of the first byte on. */
function positionWriter(bytes: Uint8Array, width: number): (position: number) => void {
  let at = 0;
  let bit = 0;
  return (position) => {
    const shifted = position << bit;
    bytes[at]! |= shifted;
    bit += width;
    if (bit < 8) return;
    at++;
    bit -= 8;
    if (bit > 0) bytes[at]! |= shifted >> 8;
  };
}

function positionReader(bytes: Uint8Array, width: number): () => number {
  const mask = 2 ** width - 1;
  let at = 0;
  let bit = 0;
  return () => {
    const position = ((bytes[at]! | ((bytes[at + 1] ?? 0) << 8)) >> bit) & mask;
    bit += width;
    if (bit >= 8) {
      at++;
      bit -= 8;
    }
    return position;
  };
}

export const nm: Coding = {
  parts: ['.values', '.metadata'],
  open(entry, [values, positions], where) {
    if (!hasWords(entry.dtype)) throw damaged(where, `elements of type ${entry.dtype} form no groups`);
    const facts = factsOf(entry, where);
    const { kept, positionBytes } = sizesOf(facts);
    checkPart(values!, { dtype: entry.dtype, shape: [facts.stacks * facts.rows, kept] }, `${where}: values`);
    checkPart(positions!, { dtype: 'uint8', shape: [positionBytes] }, `${where}: metadata`);
    return () =>
      bytesOf(fromMatrices(layoutOf(facts), unpacked(bitsOf(values!), positions!.payload.read(), facts, where)));
  },
};

const layoutOf = ({ view, perm, stacks, rows, columns }: NmFacts): MatrixLayout => ({
  view,
  perm,
  stacks,
  rows,
  columns,
});

function factsOf({ shape, n, m, view, perm, stacks, rows, columns, segment }: Entry, where: string): NmFacts {
  const elements = sizeOf(shape);
  const numbers = [n, m, stacks, rows, columns, segment];
  if (!isSizes(numbers) || !isSizes(view) || !isSizes(perm)) {
    throw damaged(where, 'expected n, m, stacks, rows, columns, segment, view and perm to be whole numbers');
  }
  const facts = { n, m, view, perm, stacks, rows, columns, segment } as NmFacts;
  const expected: [boolean, string][] = [
    [facts.m <= widestGroup && facts.n < facts.m && facts.n > 0, `expected 0 < n < m <= ${widestGroup}, got ${n}:${m}`],
    [
      elements > 0 && facts.stacks * facts.rows * facts.columns === elements,
      `its matrices have not the elements of [${shape}]`,
    ],
    [sizeOf(view) === elements, `its view [${view}] has not the elements of [${shape}]`],
    [isPermutation(perm, view.length), `expected a permutation of ${view.length} axes, got [${perm}]`],
    [
      facts.segment >= facts.m && facts.columns % facts.segment === 0,
      `${columns} columns cannot be cut into segments of ${segment}`,
    ],
  ];
  const wrong = expected.find(([holds]) => !holds);
  if (wrong) throw damaged(where, wrong[1]);
  return facts;
}

const isPermutation = (perm: readonly number[], axes: number): boolean =>
  perm.length === axes && new Set(perm).size === axes && perm.every((axis) => axis < axes);

function unpacked(
  values: Bits,
  positions: Uint8Array,
  { n, m, stacks, rows, columns, segment }: NmFacts,
  where: string,
): Bits {
  const matrices = zerosLike(values, stacks * rows * columns);
  const read = positionReader(positions, widthOf(m));
  let from = 0;
  eachGroup(
    matrices.length,
    segment,
    m,
    (start) => {
      for (let i = 0, before = -1; i < n; i++) {
        const position = read();
        if (position <= before || position >= m) {
          const place = `columns ${start % columns} to ${(start % columns) + m - 1} of output ${Math.floor(start / columns)}`;
          throw damaged(where, `expected a position above ${before} and below ${m} in ${place}, got ${position}`);
        }
        matrices[start + position] = values[from++]!;
        before = position;
      }
    },
    (start, end) => {
      for (let i = start; i < end; i++) matrices[i] = values[from++]!;
    },
  );
  return matrices;
}
