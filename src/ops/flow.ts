/** Flow: what a node says of the axes of its inputs and outputs. One function an op; what it does not say, nothing may rely on. */
import { same } from '../axes/arrange.js';
import type { Axis } from '../axes/axis.js';
import type { Node, Value } from '../ir/types.js';

export interface Flow {
  /** One an axis, none for a scalar. */
  axes(value: Value): readonly Axis[];
  /** The numbers of an integer value that no input of the graph decides. */
  integers(value: Value | null | undefined): readonly number[] | undefined;
  /** Along this axis of this input a sum is taken, of products with it: zeros there count as if they were not. */
  sums(input: number, axis: number): void;
  /** Along this axis of this input a mean is taken, over what is there: of fewer positions another one. */
  averages(input: number, axis: number): void;
  /** A product of two numbers is taken for each combination of positions of these axes. */
  multiplies(axes: readonly Axis[]): void;
  /**
   * Numbers that the node is given are these sums of sizes, and have to follow them.
   * @param by number by number, the axes whose size it depends on in the form it has; default: those summed.
   */
  holds(place: Place, sizes: readonly (readonly Axis[])[], by?: readonly (readonly Axis[])[]): void;
}

/** An integer attribute, or an input that is a vector of integers. */
export type Place = { readonly attr: string } | InputPlace;

export interface InputPlace {
  readonly input: number;
  /** The attribute that it was before an opset. */
  readonly older?: { readonly attr: string; readonly before: number };
  /** The attribute that stands in its place where it is left out. */
  readonly instead?: string;
}

export type FlowRule = (f: Flow, node: Node) => void;

export const reads = (node: Node, i: number): Value => node.inputs[i] as Value;
export const gives = (node: Node, i = 0): Value => node.outputs[i] as Value;

/** Axes of `x` one by one with those of `y`, of as many. */
export function sameAxes(xs: readonly Axis[], ys: readonly Axis[]): void {
  for (const [i, x] of xs.entries()) same(x, ys[i]!);
}

/** As `sameAxes`, from the last axis on, where one of length 1 is repeated. */
export function sameBroadcast(xs: readonly Axis[], ys: readonly Axis[]): void {
  for (let back = 1; back <= Math.min(xs.length, ys.length); back++) {
    const [x, y] = [xs.at(-back)!, ys.at(-back)!];
    if (x.size === y.size) same(x, y);
  }
}

/** Every output element is of the input elements at its place. */
export const pointwise: FlowRule = (f, node) => {
  const outputs = node.outputs.filter((y) => y !== null);
  for (const x of node.inputs) for (const y of outputs) if (x) sameBroadcast(f.axes(x), f.axes(y));
};

/** Outputs as the first input, whose axes from `first` on are looked at as a whole, for `reason`: `pinned` as their order matters or not. */
export const whole =
  (
    first: (node: Node, rank: number) => readonly number[],
    pinned: (axis: Axis, reason: string) => void,
    reason: string,
  ): FlowRule =>
  (f, node) => {
    const xs = f.axes(reads(node, 0));
    sameAxes(xs, f.axes(gives(node)));
    for (const at of first(node, xs.length)) pinned(xs[at]!, reason);
  };
