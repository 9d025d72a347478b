/** What `scalpel compare` asks for, and the document it answers with: plain JSON data. */
import type { Provenance } from '../../data/index.js';
import type { DataType } from '../../tensor/dtype.js';
import type { DataRequest, EngineRequest } from '../requests.js';

/** What of two models can be compared. */
export const comparedParts = ['structure', 'weights', 'fields', 'outputs'] as const;
export type ComparedPart = (typeof comparedParts)[number];

export interface CompareRequest {
  readonly a: string;
  readonly b: string;
  /** Absent: random inputs. */
  readonly data?: DataRequest;
  readonly engine: EngineRequest;
  /** Largest difference of an output that still counts as equal. */
  readonly tolerance: number;
  /** Absent: all. */
  readonly parts?: readonly ComparedPart[];
  /** For random inputs. */
  readonly seed: number;
}

export interface CompareReport {
  readonly schemaVersion: 1;
  readonly kind: 'compare';
  readonly a: string;
  readonly b: string;
  /** Whether nothing that was compared differs. */
  readonly equal: boolean;
  readonly structure?: readonly StructureDifference[];
  /** Set where units stand in another order, as `scalpel prune --permute` leaves them: weights of one name are not of the same units. */
  readonly isReordered?: true;
  readonly weights?: WeightComparison;
  /** Fields of the files that differ and are neither structure nor weights, such as `metadataProps` or `docString`. */
  readonly fields?: readonly string[];
  readonly outputs?: OutputComparison;
}

/** One thing about the graphs that differs. */
export interface StructureDifference {
  /** `opset ai.onnx`, `input 'x'`, `Conv 'features.3'`, ... */
  readonly where: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** What changed, such as `attribute pads: [0, 0] became [1, 1]`. */
  readonly details: readonly string[];
}

export interface WeightComparison {
  /** Tensors equal to the bit. */
  readonly same: number;
  readonly different: readonly WeightDifference[];
}

export interface WeightDifference {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'retyped' | 'changed';
  readonly before?: { readonly dtype: DataType; readonly shape: readonly number[]; readonly zeros?: number };
  readonly after?: { readonly dtype: DataType; readonly shape: readonly number[]; readonly zeros?: number };
  /** Elements with other bits; present when type and shape agree. */
  readonly changed?: number;
  /** Null when one side alone is infinite or not a number; absent for types without arithmetic (strings, float8, ...). */
  readonly maxAbsolute?: number | null;
}

export interface OutputComparison {
  readonly tolerance: number;
  readonly inputs: Provenance;
  readonly outputs: readonly {
    readonly name: string;
    /** Largest |a - b|; null when one side alone is not a number. */
    readonly maxAbsolute: number | null;
    /** ‖a - b‖ / ‖a‖; null where that is not a number. */
    readonly relative: number | null;
    readonly isWithin: boolean;
  }[];
  /** Present when the runtime has no kernels for the precision of the models, so that float32 copies were run. */
  readonly computedIn?: 'float32';
  /** Why the outputs could not be compared. */
  readonly failure?: string;
}
