/** base: what each element is where it says nothing: the background that contrastive explanations are told against. */
import { mad } from '../../density/index.js';
import type { Bounds } from '../../oracle/bounds.js';
import type { Reference } from '../ground/reference.js';

/** `zero` of the input's units, such as an empty pixel or the mean of standardised features; `median` of the reference. */
export const bases = ['zero', 'median'] as const;
export type BaseName = (typeof bases)[number];

/** In the input's units, [size]; within the bounds. */
export function baseOf(
  name: BaseName,
  { bounds: { lower, upper }, reference }: { readonly bounds: Bounds; readonly reference: Reference | undefined },
): Float32Array {
  const within = (value: number, i: number): number => Math.min(Math.max(value, lower[i]!), upper[i]!);
  if (name === 'zero') return lower.map((_, i) => within(0, i));
  const { medians } = mad(reference!.points, reference!.size);
  return lower.map((low, i) => within(low + medians[i]! * (upper[i]! - low), i));
}
