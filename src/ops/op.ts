/** What scalpel knows about an op; every fact about one op stands in one entry of its family's file. */
import type { Node, Value } from '../ir/types.js';
import type { Builder } from './builder.js';
import type { FlowRule } from './flow.js';
import type { MatrixLayout } from './layout.js';
import type { Tape } from './tape.js';

export interface OpDef {
  /** The inputs of a node that hold weight matrices, or why a weight it holds cannot be worked on. */
  weights?(node: Node, context: WeightContext): readonly WeightSlot[] | string;
  /**
   * The vector-Jacobian product: the cotangent of each input, null (or left out) where none flows. Behind those of the inputs
   * stand those of what subgraphs capture, body after body in the order of `captures`.
   * @param dy the cotangent of each output, null where none arrived; at least one did. It has the output's shape and type.
   * @param isWanted whether the cotangent of an input or captured value is used; others may be left out.
   */
  vjp?(
    g: Tape,
    dy: readonly (Value | null)[],
    node: Node,
    isWanted: (value: Value) => boolean,
  ): readonly (Value | null | undefined)[];
  /** What it says of the axes of its inputs and outputs; without one they all stay as they are. */
  readonly flow?: FlowRule;
  /** Its integer outputs stand for real numbers, and carry cotangents (of a floating-point type). */
  readonly carriesIntegers?: boolean;
  /** The same outputs by ops that have a rule; emitted before differentiation in the place of the node. */
  expand?(g: Tape, node: Node): readonly (Value | null)[];
}

export interface WeightContext {
  /** Whether a value depends on no graph input. */
  isConstant(value: Value): boolean;
  /** How many axes a value has, where known. */
  rank(value: Value): number | undefined;
}

/** An input of a node that is a stack of weight matrices: the node computes rows of them times columns of data. */
export interface WeightSlot {
  /** Which input of the node. */
  readonly input: number;
  /** The layout of a weight of that shape, or why it is not a matrix. */
  matrix(shape: readonly number[]): MatrixLayout | string;
  /** The value that the matrix multiplies, before it is arranged into columns; null where the node keeps it inside. */
  readonly data: Value | null;
  /** Equal keys of weights of that shape see equal columns. */
  key(shape: readonly number[]): string;
  /** Emits the vectors that the matrix of a weight of that shape multiplies, as [stacks, samples, columns]. */
  columns(g: Builder, shape: readonly number[]): Value;
}

/** The weight at `input` refused for `reason`, when it is a constant; nothing when it is computed from data. */
export const refused = (node: Node, inputs: readonly number[], context: WeightContext, reason: string) =>
  inputs.some((i) => node.inputs[i] && context.isConstant(node.inputs[i])) ? reason : [];
