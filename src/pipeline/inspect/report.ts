/** The document of `inspect`: plain JSON data about one model. */
import type { Dimension } from '../../ir/types.js';
import type { RegionKind } from '../../regions/index.js';
import type { DataType } from '../../tensor/dtype.js';

export interface InspectReport {
  readonly schemaVersion: 1;
  readonly kind: 'inspect';
  readonly model: InspectedFile;
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  /** Nodes by op, the most frequent first; subgraphs and functions included. */
  readonly ops: readonly { readonly op: string; readonly domain: string; readonly count: number }[];
  readonly nodes: number;
  /** Initializers and tensors of Constant nodes, subgraphs and functions included. */
  readonly parameters: InspectedParameters;
  /** Weight matrices in order of execution. */
  readonly layers: readonly InspectedLayer[];
  /** Nodes with weights that cannot be worked on. */
  readonly skipped: readonly { readonly op: string; readonly node: string; readonly reason: string }[];
  /** Present when asked for. */
  readonly regions?: readonly InspectedRegion[];
  /** Beside `regions`: layers that lie in none of them, so that no method reaches them. */
  readonly outsideRegions?: readonly LayerWithReason[];
  /** Present when asked for: what keeps the outputs from being differentiated, with one node for each reason. */
  readonly undifferentiable?: readonly InspectedRefusal[];
  /** What could not be read, such as external data that is missing. */
  readonly warnings: readonly string[];
}

export interface InspectedRefusal {
  readonly op: string;
  readonly node: string;
  /** Of the op's domain, in the copy that would be differentiated. */
  readonly opset: number;
  readonly count: number;
  /** What `grad` says, with what to do. */
  readonly reason: string;
}

export interface InspectedFile {
  readonly path?: string;
  /** The model's file and its external data. */
  readonly bytes?: number;
  readonly externalData: readonly { readonly path: string; readonly bytes: number }[];
  readonly irVersion: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graph: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Model-local functions as `domain.name`. */
  readonly functions: readonly string[];
}

export interface InspectedValue {
  readonly name: string;
  /** Absent for what is no tensor. */
  readonly dtype?: DataType;
  /** Absent when the rank is unknown. */
  readonly shape?: readonly Dimension[];
}

export interface InspectedParameters {
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
  readonly byType: readonly InspectedType[];
}

export interface InspectedType {
  readonly dtype: DataType;
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
  /** Absent when not counted. */
  readonly nonZero?: number;
}

export interface InspectedLayer {
  /** The initializer's name. */
  readonly name: string;
  /** Of the first node that uses it. */
  readonly op: string;
  readonly node: string;
  readonly uses: number;
  /** As stored. */
  readonly shape: readonly number[];
  readonly dtype: DataType;
  /** Stacks of matrices with outputs as rows and inputs as columns. */
  readonly stacks: number;
  readonly rows: number;
  readonly columns: number;
  /** Fraction of zeros now; absent when not counted. */
  readonly sparsity?: number;
  /** The n:m pattern that its zeros follow, such as `2:4`. */
  readonly pattern?: string;
  /** Why methods leave it alone unless asked for. */
  readonly leftByDefault?: string;
}

/** A layer by its initializer's name. */
export interface LayerWithReason {
  readonly layer: string;
  readonly reason: string;
}

export interface InspectedRegion {
  readonly name: string;
  readonly kind: RegionKind;
  /** Sizes of inner values are absent unless the runtime was asked. */
  readonly inputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  /** Initializers that are worked on here, in order of execution. */
  readonly layers: readonly string[];
  /** Elements of the layers. */
  readonly weights: number;
  /** Elements of the layers, biases and norms. */
  readonly parameters: number;
  /** Those of the layers that methods leave alone unless asked for. */
  readonly leftByDefault: readonly LayerWithReason[];
}
