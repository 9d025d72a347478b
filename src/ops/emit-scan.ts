/** Emits loops: a step written once, repeated along an axis by Scan. */
import type { Graph, Value } from '../ir/types.js';
import type { Tape } from './tape.js';

/** A sequence that a loop reads, or how it lays out one that it writes. */
export interface Lane {
  /** The axis of the steps; default 0. */
  readonly axis?: number;
  /** From the last step to the first. */
  readonly isReversed?: boolean;
}

export interface Sequence extends Lane {
  readonly value: Value;
  /** What the step calls its slice; default a fresh value. */
  readonly slice?: Value;
}

export interface StepResult {
  /** The states after the step, one for each before it. */
  readonly states: readonly Value[];
  readonly outputs: readonly Value[];
}

/** @returns the last states, then the sequences of `outputs`. */
export function emitScan(
  g: Tape,
  states: readonly Value[],
  sequences: readonly Sequence[],
  lanes: readonly Lane[],
  step: (t: Tape, states: readonly Value[], slices: readonly Value[]) => StepResult,
  from?: Graph,
): readonly Value[] {
  const carried = states.map(() => g.value('state'));
  const slices = sequences.map(({ slice }) => slice ?? g.value('slice'));
  const body = emitBody(g, [...carried, ...slices], from, (t) => {
    const result = step(t, carried, slices);
    return [...result.states, ...result.outputs];
  });
  return g.ops('Scan', [...states, ...sequences.map(({ value }) => value)], states.length + lanes.length, {
    num_scan_inputs: sequences.length,
    scan_input_axes: sequences.map(({ axis = 0 }) => axis),
    scan_input_directions: sequences.map(({ isReversed = false }) => Number(isReversed)),
    scan_output_axes: lanes.map(({ axis = 0 }) => axis),
    scan_output_directions: lanes.map(({ isReversed = false }) => Number(isReversed)),
    body: { kind: 'graph', value: body },
  });
}

/** A subgraph with the nodes of `from` and what `emit` adds behind them. */
export function emitBody(
  g: Tape,
  inputs: readonly Value[],
  from: Graph | undefined,
  emit: (t: Tape) => readonly Value[],
): Graph {
  const start: Graph = from ?? {
    name: g.value('body').name,
    inputs: [],
    outputs: [],
    nodes: [],
    initializers: new Map(),
    opsets: g.opsets,
    functions: [],
  };
  const t = g.inner({ ...start, inputs });
  const emitted = emit(t);
  const made = new Set([...start.nodes, ...t.nodes].flatMap((node) => node.outputs));
  // an output of a subgraph is made inside it, and is no other output
  const outputs = emitted.map((value) => (made.delete(value) ? value : t.op('Identity', [value])));
  return { ...t.appendTo({ ...start, inputs }), outputs };
}
