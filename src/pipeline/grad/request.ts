/** What `scalpel grad` asks for, and the document it answers with. */
import type { LossName } from '../../autodiff/losses.js';
import type { Dimension } from '../../ir/types.js';
import type { DataType } from '../../tensor/dtype.js';

/** What is differentiated, and with respect to what. */
export interface Differentiation {
  readonly model: string;
  /** The value, or the output that a loss is of; absent: the model's logits, or its only float output. */
  readonly of?: string;
  readonly loss?: LossName;
  readonly ignore?: number;
  readonly confidence?: number;
  /** `inputs`, `weights`, `all`, or names of values. */
  readonly wrt: readonly string[];
  /** Ones instead of an input `seed/NAME`. */
  readonly sum: boolean;
  readonly weightsAsInputs: boolean;
}

export interface GradRequest extends Differentiation {
  readonly output: string;
  readonly force: boolean;
}

export interface GradDocument {
  readonly schemaVersion: 1;
  readonly kind: 'grad';
  readonly model: string;
  readonly output: string;
  /** The value that was differentiated, or that the loss is of. */
  readonly of: string;
  readonly loss?: LossName;
  readonly opset: number;
  /** Nodes of the working copy, and of the graph written. */
  readonly nodes: { readonly forward: number; readonly written: number };
  readonly inputs: readonly GradValue[];
  readonly outputs: readonly GradValue[];
  readonly gradients: readonly { readonly of: string; readonly output: string }[];
  /** Asked for by name, but nothing flows there: zeros. */
  readonly unreached: readonly string[];
  /** What is named otherwise than usual. */
  readonly notes: readonly string[];
  readonly timing: { readonly totalSeconds: number };
}

export interface GradValue {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly Dimension[];
}
