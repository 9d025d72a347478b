import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange, cut, same } from '../../src/axes/arrange.js';
import { type Axis, atomsOf, axis, found, kept, pin, pinnedAxis, product, sum, volume } from '../../src/axes/axis.js';

/** Units by their letters, in the order of positions: `ab(c*d)`. */
function shown(axes: readonly Axis[]): string[] {
  const letters = new Map<Axis, string>();
  const text = (it: Axis): string => {
    const end = found(it);
    if (end.form.kind === 'sum') return `(${end.form.parts.map(text).join('+')})`;
    if (end.form.kind === 'product') return `(${end.form.factors.map(text).join('*')})`;
    if (!letters.has(end)) letters.set(end, String.fromCharCode(97 + letters.size));
    return `${(end.form as { pinned?: string }).pinned === undefined ? '' : '!'}${letters.get(end)}${end.size}`;
  };
  return axes.map(text);
}

describe('what graphs say of axes', () => {
  test('queries, keys and values are cut apart before heads are told', () => {
    const packed = axis(24);
    const parts = cut(packed, [8, 8, 8]);
    const heads = parts.map((part) => arrange([part], [2, 4]));
    same(heads[0]![0]!, heads[1]![0]!);
    same(heads[0]![1]!, heads[1]![1]!);
    same(heads[0]![0]!, heads[2]![0]!);
    expect(shown([packed])).toEqual(['((a2*b4)+(a2*b4)+(a2*c4))']);
  });

  test('and the other way round: heads first', () => {
    const packed = axis(24);
    const [three] = arrange([packed], [3, 2, 4]);
    pin(three!, 'its positions are numbered');
    const told = sum([axis(8), axis(8), axis(8)]);
    same(packed, told);
    expect(shown([packed, told])).toEqual(['((!a1+!b1+!c1)*d2*e4)', '((d2*e4)+(d2*e4)+(d2*e4))']);
  });

  test('halves that change places are one', () => {
    const width = axis(6);
    const [first, second] = cut(width, [3, 3]) as [Axis, Axis];
    same(width, sum([second, first]));
    expect(shown([width])).toEqual(['(a3+a3)']);
  });

  test('a turn by a part that divides nothing makes one unit of all', () => {
    const width = axis(5);
    const [first, second] = cut(width, [2, 3]) as [Axis, Axis];
    same(width, sum([second, first]));
    expect(atomsOf(width)).toHaveLength(1);
    expect(atomsOf(width)[0]!.size).toBe(1);
  });

  test('query heads share the keys of their group', () => {
    const queries = axis(32);
    const keys = axis(8);
    const [heads, each] = arrange([queries], [8, 4]) as [Axis, Axis];
    const [groups, inGroup] = arrange([keys], [2, 4]) as [Axis, Axis];
    const [repeated] = arrange([groups, axis(4)], [8]) as [Axis];
    same(heads, repeated);
    same(each, inGroup);
    expect(shown([queries, keys])).toEqual(['(a2*b4*c4)', '(a2*c4)']);
  });

  test.each([
    ['two layouts of one size', [6], [2, 3], [3, 2], ['!a6']],
    ['a common layout', [24], [4, 6], [12, 2], ['(a4*b3*c2)']],
  ] as const)('%s', (_, [size], one, other, expected) => {
    const it = axis(size);
    arrange([it], one);
    arrange([it], other);
    const pinned = shown([it]).map((text) => (text.includes('!') ? `!a${size}` : text));
    expect(pinned).toEqual(expected);
  });

  test('a pin reaches all that are the same', () => {
    const [a, b, c] = [axis(4), axis(4), pinnedAxis(4, 'it is an output of the model')];
    same(a, b);
    same(b, c);
    expect(atomsOf(a)[0]!.form.pinned).toBe('it is an output of the model');
  });

  test('sizes that differ are pinned', () => {
    const [a, b] = [axis(4), axis(5)];
    same(a, b);
    expect([a, b].map((each) => atomsOf(each)[0]!.form.pinned)).toEqual(Array(2).fill('sizes differ: 4 and 5'));
  });
});

describe('what goes, goes everywhere', () => {
  const outer = (axes: readonly Axis[], living: ReadonlyMap<Axis, Uint8Array>): number[] => [
    ...kept(product(axes), living),
  ];

  test('whatever was said in whatever order', () => {
    const sizes = fc.constantFrom([24], [2, 12], [4, 6], [2, 3, 4], [12, 2], [1, 24], [8, 3], [3, 8]);
    const parts = fc.constantFrom([24], [12, 12], [8, 8, 8], [4, 20], [16, 8], [5, 19], [0, 24], [6, 6, 6, 6]);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('same' as const), at: fc.nat(), to: fc.nat() }),
      fc.record({ kind: fc.constant('arrange' as const), at: fc.nat(), sizes }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), sizes: parts }),
      fc.record({ kind: fc.constant('turn' as const), at: fc.nat(), sizes: parts }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.infiniteStream(fc.boolean()), (steps, coins) => {
        const known: Axis[] = [axis(24), axis(24), axis(24)];
        const claims: ((living: ReadonlyMap<Axis, Uint8Array>) => [number[], number[]])[] = [];
        const add = (made: Axis): void => void known.push(made);
        for (const each of steps) {
          const it = known[each.at % known.length]!;
          if (each.kind === 'same') {
            const other = known[each.to % known.length]!;
            same(it, other);
            claims.push((living) => [[...kept(it, living)], [...kept(other, living)]]);
          } else if (each.kind === 'arrange') {
            const laid = arrange([it], each.sizes);
            expect(laid.map(({ size }) => size)).toEqual([...each.sizes]);
            add(product(laid));
            claims.push((living) => [[...kept(it, living)], outer(laid, living)]);
          } else {
            const pieces = cut(it, each.sizes);
            expect(pieces.map(({ size }) => size)).toEqual([...each.sizes]);
            claims.push((living) => [[...kept(it, living)], pieces.flatMap((piece) => [...kept(piece, living)])]);
            if (each.kind === 'turn') add(sum([...pieces].reverse()));
          }
        }
        const living = new Map<Axis, Uint8Array>();
        for (const atom of known.flatMap(atomsOf)) {
          const free = atom.form.pinned === undefined;
          living.set(
            atom,
            Uint8Array.from({ length: atom.size }, () => Number(!free || coins.next().value)),
          );
        }
        for (const claim of claims) {
          const [one, other] = claim(living);
          expect(one).toEqual(other);
        }
        for (const each of known) expect([found(each).size, volume([each])]).toEqual([24, 24]);
      }),
      { numRuns: 1000 },
    );
  });
});
