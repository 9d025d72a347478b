/** compare: in what two models differ: structure, weights, other fields of the files, outputs. */
import type { Model } from '../../ir/types.js';
import { haveSameOrder } from '../unit-order.js';
import { compareFields } from './fields.js';
import { compareOutputs, type OutputOptions } from './outputs.js';
import { type ComparedPart, type CompareReport, comparedParts } from './report.js';
import { compareStructure } from './structure.js';
import { compareWeights } from './weights.js';

export type { CompareReport } from './report.js';

export interface CompareOptions extends Omit<OutputOptions, 'tolerance' | 'seed'> {
  /** Default 1e-5. */
  readonly tolerance?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Default: all. */
  readonly parts?: readonly ComparedPart[];
}

/** @returns plain JSON data; `equal` tells whether nothing that was compared differs. */
export async function compare(a: Model, b: Model, options: CompareOptions = {}): Promise<CompareReport> {
  const { parts = comparedParts, tolerance = 1e-5, seed = 0, ...rest } = options;
  const structure = parts.includes('structure') ? compareStructure(a, b) : undefined;
  const weights = parts.includes('weights') ? await compareWeights(a, b, rest.signal) : undefined;
  const fields = parts.includes('fields') ? compareFields(a, b) : undefined;
  const outputs = parts.includes('outputs') ? await compareOutputs(a, b, { ...rest, tolerance, seed }) : undefined;
  const equal =
    !structure?.length &&
    !weights?.different.length &&
    !fields?.length &&
    outputs?.failure === undefined &&
    (outputs?.outputs.every(({ isWithin }) => isWithin) ?? true);
  return {
    schemaVersion: 1,
    kind: 'compare',
    a: a.path ?? 'in memory',
    b: b.path ?? 'in memory',
    equal,
    ...(structure && { structure }),
    ...(!haveSameOrder(a, b) && { isReordered: true as const }),
    ...(weights && { weights }),
    ...(fields && { fields }),
    ...(outputs && { outputs }),
  };
}
