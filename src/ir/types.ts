/** The graph as immutable data: values are edges and are equal only when they are the same object. */
import type { DataType } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';

/** A known size, the name of a symbolic one, or null where nothing is known. */
export type Dimension = number | string | null;

export interface TensorType {
  readonly dtype: DataType;
  /** Absent when not even the rank is known. */
  readonly shape?: readonly Dimension[];
}

/** An edge of the graph. Identity is the object; the name is what the file calls it. */
export interface Value {
  readonly name: string;
  /** Absent when unknown or not a dense tensor. */
  readonly type?: TensorType;
}

export type Attr =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  | { readonly kind: 'tensors'; readonly value: readonly Tensor[] }
  | { readonly kind: 'graphs'; readonly value: readonly Graph[] }
  /** A reference to an attribute of the enclosing function. */
  | { readonly kind: 'reference'; readonly value: string }
  /** Sparse tensors and type protos: carried through as the bytes of their AttributeProto. */
  | { readonly kind: 'opaque'; readonly value: Uint8Array };

export interface Node {
  readonly name: string;
  /** Spelled as ONNX spells it. */
  readonly op: string;
  /** '' is the default ONNX domain. */
  readonly domain: string;
  /** Null where an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly (Value | null)[];
  readonly attrs: Readonly<Record<string, Attr>>;
  readonly overload?: string;
  /** What the node was read from. Kept by `{ ...node, inputs }`, so that saving re-encodes only what changed. */
  readonly origin?: unknown;
}

export interface Graph {
  readonly name: string;
  /** Includes initializers that an old file (IR below 4) also lists as inputs. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Dense and sparse ones; reading a sparse one gives its dense elements. */
  readonly initializers: ReadonlyMap<Value, Tensor>;
  /** Operator set versions by domain. A subgraph has its parent's. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Model-local functions that the nodes may call. A subgraph has its parent's. */
  readonly functions: readonly FunctionDefinition[];
}

/** A model-local function; `body` has its inputs and outputs, and its own opsets. */
export interface FunctionDefinition {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly body: Graph;
  /** Attribute names without a default, and default attributes. */
  readonly attributes: readonly string[];
  readonly defaults: Readonly<Record<string, Attr>>;
  readonly origin?: unknown;
}

/** Which initializers lie outside of the model's file, those of bodies included, and how they share files. */
export interface WeightLayout {
  /** Bytes from which on one lies outside; Infinity: none does. */
  readonly threshold: number;
  /** Each begins at a multiple of so many bytes in its file. */
  readonly align: number;
  /** Bytes after which the next one begins another file; Infinity: one file; 0: a file each. */
  readonly most: number;
}

export interface Model {
  readonly graph: Graph;
  readonly irVersion: number;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** The file it was loaded from, if any. */
  readonly path?: string;
  /** Where its weights go when it is saved; absent: where they were. */
  readonly layout?: WeightLayout;
  /** What the model was read from: `{ ...model, graph }` keeps it, and saving emits everything untouched verbatim. */
  readonly origin?: unknown;
}
