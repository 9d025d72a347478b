/** What graphs say of axes: that two are one, that one is cut into parts, that some are arranged anew. */
import { type Atom, type Axis, alike, found, pin, pinnedAxis, pinTogether, product, sum, volume } from './axis.js';

const across = 'a boundary runs through its units';

/** The axis as parts of these sizes, one behind the other. A product is cut between its slowest units; where that cannot be, it is pinned. */
export function cut(it: Axis, sizes: readonly number[]): Axis[] {
  const end = found(it);
  const { form } = end;
  if (sizes.length === 1) return [end];
  if (form.kind === 'atom') {
    const parts = sizes.map((size) => alike(end as Atom, size));
    end.form = { kind: 'same', as: sum(parts) };
    return parts;
  }
  if (form.kind === 'sum') return cutParts(form.parts, sizes);
  const [slow, ...fast] = (form as { factors: readonly Axis[] }).factors as [Axis, ...Axis[]];
  const span = volume(fast);
  if (sizes.some((size) => size % span !== 0)) return given([end], sizes);
  return cut(
    slow,
    sizes.map((size) => size / span),
  ).map((part) => product([part, ...fast]));
}

/** The axis as a product of factors of these sizes; undefined where its positions do not lie that way. */
export function factor(it: Axis, sizes: readonly number[]): Axis[] | undefined {
  const end = found(it);
  const { form } = end;
  if (sizes.length === 1) return [end];
  if (sizes.includes(0)) return undefined;
  if (form.kind === 'atom') {
    const factors = sizes.map((size) => alike(end as Atom, size));
    end.form = { kind: 'same', as: product(factors) };
    return factors;
  }
  if (form.kind === 'product') return arranged(form.factors, sizes);
  return factorOfSum((form as { parts: readonly Axis[] }).parts, sizes);
}

/** Axes laid out anew in the same order, as Reshape does. What cannot be told apart that way is pinned. */
export function arrange(axes: readonly Axis[], sizes: readonly number[]): Axis[] {
  return arranged(axes, sizes) ?? given(axes, sizes);
}

function arranged(axes: readonly Axis[], sizes: readonly number[]): Axis[] | undefined {
  const whole = found(product(axes));
  const left = whole.form.kind === 'product' ? [...whole.form.factors] : [whole];
  const laid: Axis[] = [];
  for (const size of sizes) {
    if (size === 0) return undefined;
    const taken: Axis[] = [];
    for (let open = size; open > 1; ) {
      const next = left.shift();
      if (!next) return undefined;
      if (open % next.size === 0) {
        taken.push(next);
        open /= next.size;
        continue;
      }
      const halves = next.size % open === 0 ? factor(next, [open, next.size / open]) : undefined;
      if (!halves) return undefined;
      taken.push(halves[0]!);
      left.unshift(halves[1]!);
      open = 1;
    }
    laid.push(product(taken));
  }
  return laid.every((each, i) => each.size === sizes[i]) ? laid : undefined;
}

function cutParts(parts: readonly Axis[], sizes: readonly number[]): Axis[] {
  const left = [...parts];
  return sizes.map((size) => {
    const taken: Axis[] = [];
    for (let open = size; open > 0; ) {
      const next = left.shift()!;
      if (next.size <= open) {
        taken.push(next);
        open -= next.size;
      } else {
        const [head, tail] = cut(next, [open, next.size - open]) as [Axis, Axis];
        taken.push(head);
        left.unshift(tail);
        open = 0;
      }
    }
    return sum(taken);
  });
}

/** Parts that are each so many times the same thing are, one behind the other, more times that thing. */
function factorOfSum(parts: readonly Axis[], [, ...fast]: readonly number[]): Axis[] | undefined {
  const span = fast.reduce((a, b) => a * b, 1);
  if (parts.some(({ size }) => size % span !== 0)) return undefined;
  const rows: Axis[][] = [];
  for (const part of parts) {
    const row = factor(part, [part.size / span, ...fast]);
    if (!row) return undefined;
    rows.push(row);
  }
  const [first, ...others] = rows as [Axis[], ...Axis[][]];
  for (const other of others) pairs(first.slice(1), other.slice(1));
  return [sum(rows.map((row) => row[0]!)), ...first.slice(1)];
}

function given(axes: readonly Axis[], sizes: readonly number[]): Axis[] {
  for (const each of axes) pin(each, across);
  return sizes.map((size) => pinnedAxis(size, across));
}

/** From here on they are one. Where their units do not match, all of them are pinned: then nothing can tell them apart. */
export function same(one: Axis, other: Axis): void {
  const [a, b] = [found(one), found(other)];
  if (a === b) return;
  if (a.size !== b.size) bothPinned(a, b, `sizes differ: ${a.size} and ${b.size}`);
  else if (a.form.kind === 'atom') become(a, b);
  else if (b.form.kind === 'atom') become(b, a);
  else if (a.form.kind === 'sum' && b.form.kind === 'sum') {
    const sizes = between([a.form.parts, b.form.parts]);
    pairs(cut(a, sizes), cut(b, sizes));
  } else if (b.form.kind === 'product') sameAsProduct(a, b, b.form.factors);
  else sameAsProduct(b, a, (a.form as { factors: readonly Axis[] }).factors);
}

function sameAsProduct(it: Axis, whole: Axis, factors: readonly Axis[]): void {
  const own = factor(
    it,
    factors.map(({ size }) => size),
  );
  if (own) pairs(own, factors);
  else bothPinned(it, whole, 'it is laid out in two ways');
}

/** @param atom is what `end` is, and is pinned if either was. */
function become(atom: Axis, end: Axis): void {
  const { pinned: reason, unordered } = (atom as Atom).form;
  atom.form = { kind: 'same', as: end };
  if (reason !== undefined) (unordered ? pinTogether : pin)(end, reason);
}

/** Sizes of the parts between all boundaries of both. */
function between(rows: readonly (readonly Axis[])[]): number[] {
  const ends = rows.flatMap((parts) =>
    parts.map((_, i) => parts.slice(0, i + 1).reduce((end, { size }) => end + size, 0)),
  );
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  return sorted.map((end, i) => end - (sorted[i - 1] ?? 0));
}

function pairs(ones: readonly Axis[], others: readonly Axis[]): void {
  for (const [i, one] of ones.entries()) same(one, others[i]!);
}

function bothPinned(a: Axis, b: Axis, reason: string): void {
  for (const each of [a, b]) pin(each, reason);
}
