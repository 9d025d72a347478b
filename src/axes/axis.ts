/**
 * Axis: what an axis of a value is made of. Positions that are never told apart from those of another axis are the same units: one atom
 * stands for both. An axis of several things, one behind the other, is a sum (`[q; k; v]`); one of every pair of two things is a product, the
 * first of which varies slowest (heads times what each head has). What a graph says about its axes is learnt step by step, so that an atom may
 * turn out to be a sum, a product or another axis: forms are found out, never taken back.
 */

export interface Axis {
  readonly size: number;
  form: Form;
}

type Form =
  /** Units that can go one by one, unless a reason says why none may; where they are only looked at all together, they may still change places. */
  | { readonly kind: 'atom'; readonly pinned?: string; readonly unordered?: boolean }
  | { readonly kind: 'sum'; readonly parts: readonly Axis[] }
  | { readonly kind: 'product'; readonly factors: readonly Axis[] }
  | { readonly kind: 'same'; readonly as: Axis };

export type Atom = Axis & { readonly form: Extract<Form, { kind: 'atom' }> };

export const axis = (size: number): Axis => ({ size, form: { kind: 'atom' } });

/** None of its positions may go, for `reason`. */
export const pinnedAxis = (size: number, reason: string): Axis => ({ size, form: { kind: 'atom', pinned: reason } });

/** Of another size, with what is known of the units of an atom. */
export const alike = ({ form }: Atom, size: number): Axis => ({ size, form });

export const sum = (parts: readonly Axis[]): Axis => {
  const some = parts.filter(({ size }) => size > 0);
  if (some.length === 1) return some[0]!;
  if (some.length === 0) return axis(0);
  return { size: some.reduce((all, { size }) => all + size, 0), form: { kind: 'sum', parts: some } };
};

const allElse = 'all else would go with it';

/** An axis of one position beside others. */
const single = (): Axis => pinnedAxis(1, allElse);

/** A factor of one position stays, as all others would go with it. */
export const product = (factors: readonly Axis[]): Axis => {
  const some = factors.filter(({ size }) => size !== 1);
  for (const each of factors) if (each.size === 1) pin(each, allElse);
  if (some.length === 1) return some[0]!;
  if (some.length === 0) return single();
  return { size: volume(some), form: { kind: 'product', factors: some } };
};

export const volume = (axes: readonly Axis[]): number => axes.reduce((all, { size }) => all * size, 1);

/** What it was found to be: an atom, a sum of no sums, or a product of no products. */
export function found(it: Axis): Axis {
  const { form } = it;
  switch (form.kind) {
    case 'atom':
      return it;
    case 'same': {
      const end = found(form.as);
      it.form = { kind: 'same', as: end };
      return end;
    }
    case 'sum': {
      const parts = form.parts.map(found);
      const flat = parts.flatMap((part) => (part.form.kind === 'sum' ? part.form.parts : [part]));
      it.form = { kind: 'sum', parts: flat };
      return it;
    }
    case 'product': {
      const factors = form.factors.map(found);
      const flat = factors.flatMap((factor) => (factor.form.kind === 'product' ? factor.form.factors : [factor]));
      it.form = { kind: 'product', factors: flat };
      return it;
    }
  }
}

/** Each once, in the order of positions. */
export function atomsOf(it: Axis): Atom[] {
  const end = found(it);
  const inner = end.form.kind === 'sum' ? end.form.parts : end.form.kind === 'product' ? end.form.factors : undefined;
  return inner ? [...new Set(inner.flatMap(atomsOf))] : [end as Atom];
}

/** None of its positions may go from here on, or change places. */
export function pin(it: Axis, reason: string): void {
  for (const atom of atomsOf(it)) (atom as Axis).form = { kind: 'atom', pinned: atom.form.pinned ?? reason };
}

/** None of its positions may go from here on: all of them are looked at together, in whatever order. */
export function pinTogether(it: Axis, reason: string): void {
  for (const atom of atomsOf(it)) {
    if (atom.form.pinned === undefined) (atom as Axis).form = { kind: 'atom', pinned: reason, unordered: true };
  }
}

/** Whether its units may change places. */
export const isUnordered = ({ form: { pinned, unordered = false } }: Atom): boolean =>
  pinned === undefined || unordered;

/** @param living 1 where a unit of an atom stays; all units of other atoms do. @returns 1 where a position stays. */
export function kept(it: Axis, living: ReadonlyMap<Axis, Uint8Array>): Uint8Array {
  const { size, form } = found(it);
  if (form.kind === 'sum') return Uint8Array.from(form.parts.flatMap((part) => [...kept(part, living)]));
  if (form.kind === 'product') {
    return form.factors.reduce((all, factor) => {
      const own = kept(factor, living);
      const pairs = new Uint8Array(all.length * own.length);
      all.forEach((stays, i) => {
        if (stays) pairs.set(own, i * own.length);
      });
      return pairs;
    }, Uint8Array.of(1));
  }
  return living.get(found(it)) ?? new Uint8Array(size).fill(1);
}

/** @param orders units of an atom in their new order, those of other atoms stay where they are. @returns positions in theirs. */
export function ordered(it: Axis, orders: ReadonlyMap<Axis, readonly number[]>): readonly number[] {
  const end = found(it);
  const { size, form } = end;
  if (form.kind === 'sum') {
    let start = 0;
    return form.parts.flatMap((part) => {
      const from = start;
      start += part.size;
      return ordered(part, orders).map((at) => from + at);
    });
  }
  if (form.kind === 'product') {
    return form.factors.reduce<readonly number[]>(
      (all, factor) => {
        const own = ordered(factor, orders);
        return all.flatMap((slow) => own.map((fast) => slow * factor.size + fast));
      },
      [0],
    );
  }
  return orders.get(end) ?? Array.from({ length: size }, (_, at) => at);
}

/** How many positions stay. */
export const sizeLeft = (it: Axis, living: ReadonlyMap<Axis, Uint8Array>): number =>
  kept(it, living).reduce((count, stays) => count + stays, 0);
