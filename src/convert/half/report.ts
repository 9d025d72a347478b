/** What is said of tensors that went to half precision. */
import type { Tensor } from '../../tensor/tensor.js';
import type { ConvertedTensor } from '../target.js';
import { costOf, type HalfCost, type HalfType } from './halve.js';

export interface HalfReport {
  readonly tensors: readonly ConvertedTensor[];
  readonly notes: readonly string[];
}

/** @param halves the tensors as they were, by name. */
export async function reportHalves(
  halves: ReadonlyMap<string, Tensor>,
  to: HalfType,
  signal: AbortSignal,
): Promise<HalfReport> {
  const tensors: ConvertedTensor[] = [];
  const costs = new Map<string, HalfCost>();
  for (const [name, t] of halves) {
    const cost = await costOf(t, to, signal);
    costs.set(name, cost);
    const { relative, largest } = cost;
    const before = t.payload.byteLength;
    tensors.push({ name, from: t.dtype, to, bytes: { before, after: before / 2 }, error: { relative, largest } });
  }
  const notes = [
    countNote(costs, 'clamped', `beyond the range of ${to} became its end`),
    countNote(costs, 'flushed', `too small for ${to} became zero`),
    countNote(costs, 'subnormal', `are so small that ${to} has fewer digits for them`),
  ];
  return { tensors, notes: notes.filter((note) => note !== undefined) };
}

function countNote(
  costs: ReadonlyMap<string, HalfCost>,
  what: 'clamped' | 'flushed' | 'subnormal',
  text: string,
): string | undefined {
  const hit = [...costs].filter(([, cost]) => cost[what] > 0);
  if (hit.length === 0) return undefined;
  const count = hit.reduce((sum, [, cost]) => sum + cost[what], 0);
  const names = hit.slice(0, 3).map(([name, cost]) => `'${name}' (${cost[what]})`);
  const rest = hit.length > 3 ? ` and ${hit.length - 3} more` : '';
  return `${count} values ${text}: ${names.join(', ')}${rest}`;
}
