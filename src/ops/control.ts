/** Gradient rules of control flow: the bodies run again, step by step backwards, each with its own gradient behind it. */
import { unsupported } from '../errors.js';
import { captures, producers, subgraphs } from '../ir/graph.js';
import { describe, intAttr, intsAttr } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import { dataOf } from '../tensor/tensor.js';
import { emitBody, emitScan, type Lane } from './emit-scan.js';
import type { OpDef } from './op.js';
import type { Tape } from './tape.js';

type IsWanted = (value: Value) => boolean;

/** The branch that was taken is computed again, in an If of its own. */
export const If: OpDef = {
  vjp(g, dy, node, isWanted) {
    const wanted = wantedOutside(g, node, isWanted);
    if (wanted.length === 0) return [];
    const branches = Object.entries(node.attrs).flatMap(([name, attr]) => {
      if (attr.kind !== 'graph') return [];
      const body = emitBody(g, [], attr.value, (t) => {
        const found = t.backward(t, attr.value, seedsOf(t, attr.value.outputs, dy), wanted);
        return wanted.map((value) => found.get(value) ?? t.zerosLike(value));
      });
      return [[name, { kind: 'graph', value: body }] as const];
    });
    const made = g.ops('If', [node.inputs[0] as Value], wanted.length, Object.fromEntries(branches));
    return [null, ...behind(node, new Map(wanted.map((value, i) => [value, made[i] as Value])))];
  },
};

/** The states that entered each step are recorded by a Scan of their own; a Scan back computes each step again from them. */
export const Scan: OpDef = {
  vjp(g, dy, node, isWanted) {
    const body = subgraphs(node)[0] as Graph;
    const scanned = intAttr(node, 'num_scan_inputs', 0);
    const count = node.inputs.length - scanned;
    const inputs = node.inputs as readonly Value[];
    const lanesIn = lanesOf(node, 'input', scanned, inputs.slice(count), (x) => g.rank(x));
    const made = node.outputs.slice(count);
    const lanesOut = lanesOf(node, 'output', body.outputs.length - count, made, (y) => g.rank(y));
    const entering = enteringStates(g, node, body, count);
    const states = Array.from({ length: count }, (_, i) => i).filter((i) => g.isFloat(inputs[i] as Value));
    const arrived = made.flatMap((_, k) => (dy[count + k] ? [k] : []));
    const backwards = (lane: Lane): Lane => ({ ...lane, isReversed: !lane.isReversed });
    const outer = wantedOutside(g, node, isWanted);
    const slices = body.inputs.slice(count).map((slice, i) => ({ slice, i }));
    const moved = slices.filter(
      ({ i }) => g.isFloat(inputs[count + i] as Value) && isWanted(inputs[count + i] as Value),
    );
    const results = emitScan(
      g,
      [...states.map((i) => dy[i] ?? g.zerosLike(inputs[i] as Value)), ...outer.map((value) => g.zerosLike(value))],
      [
        ...entering.map((value, i) => ({ value, slice: body.inputs[i] as Value, isReversed: true })),
        ...slices.map(({ slice, i }) => ({
          ...backwards(lanesIn[i] as Lane),
          value: inputs[count + i] as Value,
          slice,
        })),
        ...arrived.map((k) => ({ ...backwards(lanesOut[k] as Lane), value: dy[count + k] as Value })),
      ],
      moved.map(({ i }) => backwards(lanesIn[i] as Lane)),
      (t, carried, read) => {
        const seeds: (Value | null)[] = body.outputs.map(() => null);
        for (const [at, i] of states.entries()) seeds[i] = carried[at] as Value;
        for (const [at, k] of arrived.entries()) seeds[count + k] = read[count + scanned + at] as Value;
        const back = stepBack(t, body, seeds, outer, carried.slice(states.length));
        const of = (value: Value): Value => shapedLike(t, back.of(value), value);
        return {
          states: [
            ...states.map((i) => of(body.inputs[i] as Value)),
            ...back.sums.map((sum, i) => shapedLike(t, sum, outer[i] as Value)),
          ],
          outputs: moved.map(({ slice }) => of(slice)),
        };
      },
      body,
    );
    const sums = results.slice(states.length, states.length + outer.length);
    const dx = results.slice(states.length + outer.length);
    return [
      ...inputs.slice(0, count).map((_, i) => (states.includes(i) ? results[states.indexOf(i)] : null)),
      ...slices.map((each) => (moved.includes(each) ? dx[moved.indexOf(each)] : null)),
      ...behind(node, new Map(outer.map((value, i) => [value, sums[i] as Value]))),
    ];
  },
};

function lanesOf(
  node: Node,
  side: 'input' | 'output',
  count: number,
  values: readonly (Value | null)[],
  rank: (value: Value) => number,
): Lane[] {
  const axes = intsAttr(node, `scan_${side}_axes`) ?? [];
  const directions = intsAttr(node, `scan_${side}_directions`) ?? [];
  return Array.from({ length: count }, (_, i) => {
    const [axis, value] = [axes[i] ?? 0, values[i]];
    return { axis: axis < 0 && value ? axis + rank(value) : axis, isReversed: directions[i] === 1 };
  });
}

/** Each state as it entered each step, stacked in the order of the steps. */
function enteringStates(g: Tape, node: Node, body: Graph, count: number): readonly Value[] {
  if (count === 0) return [];
  const known = Array.from({ length: count }, (_, i) => fromOutput(g, node, body, count, i));
  if (known.every((value): value is Value => value !== null)) return known;
  const { scan_output_axes: _, scan_output_directions: __, ...attrs } = node.attrs;
  const recording = emitBody(g, body.inputs, body, () => [
    ...body.outputs.slice(0, count),
    ...body.inputs.slice(0, count),
  ]);
  const made = g.ops(node.op, node.inputs, 2 * count, { ...attrs, body: { kind: 'graph', value: recording } });
  return made.slice(count);
}

/** A state that is also an output, step by step, needs no recording: it entered one step later. */
function fromOutput(g: Tape, node: Node, body: Graph, count: number, state: number): Value | null {
  const source = sourceIn(body);
  const leaving = source(body.outputs[state] as Value);
  const k = body.outputs.findIndex((value, i) => i >= count && node.outputs[i] && source(value) === leaving);
  if (k < 0) return null;
  const lane = lanesOf(node, 'output', body.outputs.length - count, [], () => 0)[k - count] as Lane;
  if (lane.axis !== 0 || lane.isReversed) return null;
  const initial = g.unsqueeze(node.inputs[state] as Value, [0]);
  return g.concat([initial, g.slice(node.outputs[k] as Value, [0], [-1], [0])], 0);
}

/** What a value is a copy of. */
function sourceIn(body: Graph): (value: Value) => Value {
  const made = producers(body);
  return (value) => {
    let at = value;
    for (let node = made.get(at); node?.op === 'Identity'; node = made.get(at)) at = node.inputs[0] as Value;
    return at;
  };
}

/** A loop whose number of trips does not depend on what it computes: M of them. */
export const Loop: OpDef = {
  vjp(g, dy, node, isWanted) {
    const body = subgraphs(node)[0] as Graph;
    const [trips] = node.inputs;
    if (!trips || !runsToTheEnd(g, node, body)) {
      throw unsupported(
        describe(node),
        'expected a trip count and a condition that is always true, got a loop that ends by its data; extract the graph before it',
      );
    }
    const initial = node.inputs.slice(2) as readonly Value[];
    const count = initial.length;
    const entering = enteringStatesOfLoop(g, node, body, count);
    const states = initial.flatMap((value, i) => (g.isFloat(value) ? [i] : []));
    const outer = wantedOutside(g, node, isWanted);
    const last = g.sub(g.reshape(trips, [1]), g.ints([1]));
    const turn = g.value('iteration', { dtype: 'int64', shape: [] });
    const going = g.value('going', { dtype: 'bool', shape: [] });
    const carried = [...states, ...outer].map(() => g.value('state'));
    const back = emitBody(g, [turn, going, ...carried], undefined, (t) => {
      const at = t.sub(last, t.reshape(turn, [1]));
      const pick = (value: Value): Value => t.squeeze(t.op('Gather', [value, at], { axis: 0 }), [0]);
      const [iteration, condition, ...inside] = body.inputs as [Value, Value, ...Value[]];
      define(t, iteration, 'Reshape', [at, t.ints(iteration.type?.shape?.length === 1 ? [1] : [])]);
      define(t, condition, 'Identity', [going]);
      for (const [i, value] of inside.entries()) define(t, value, 'Identity', [pick(entering[i] as Value)]);
      t.nodes.push(...body.nodes);
      for (const [value, stored] of body.initializers) t.initializers.set(value, stored);
      const seeds: (Value | null)[] = body.outputs.map((_, i) =>
        i > count && dy[i - 1] ? pick(dy[i - 1] as Value) : null,
      );
      for (const [k, i] of states.entries()) seeds[i + 1] = carried[k] as Value;
      const step = stepBack(t, body, seeds, outer, carried.slice(states.length));
      return [going, ...states.map((i) => step.of(inside[i] as Value)), ...step.sums];
    });
    const start = [
      ...states.map((i) => dy[i] ?? g.zerosLike(initial[i] as Value)),
      ...outer.map((v) => g.zerosLike(v)),
    ];
    const made = g.ops('Loop', [trips, null, ...start], start.length, { body: { kind: 'graph', value: back } });
    const sums = made.slice(states.length);
    return [
      null,
      null,
      ...initial.map((_, i) => (states.includes(i) ? made[states.indexOf(i)] : null)),
      ...behind(node, new Map(outer.map((value, i) => [value, sums[i] as Value]))),
    ];
  },
};

function enteringStatesOfLoop(g: Tape, node: Node, body: Graph, count: number): readonly Value[] {
  if (count === 0) return [];
  const inside = body.inputs.slice(2);
  const recording = emitBody(g, body.inputs, body, () => [...body.outputs.slice(0, count + 1), ...inside]);
  return g.ops('Loop', node.inputs, 2 * count, { body: { kind: 'graph', value: recording } }).slice(count);
}

/** The condition is absent or true at the start, and each step hands it on or sets it to true. */
function runsToTheEnd(g: Tape, node: Node, body: Graph): boolean {
  const isTrue = (t: Tape, value: Value): boolean => {
    const stored = t.tensorOf(value);
    return stored !== undefined && Number(dataOf(stored)[0]) !== 0;
  };
  const start = node.inputs[1];
  if (start && !isTrue(g, start)) return false;
  const next = sourceIn(body)(body.outputs[0] as Value);
  return next === body.inputs[1] || isTrue(g.inner(body), next);
}

function define(t: Tape, output: Value, op: string, inputs: readonly Value[]): void {
  t.op(op, inputs);
  const node = t.nodes.pop() as Node;
  t.nodes.push({ ...node, outputs: [output] });
}

/** The gradient of one step: of what enters it, and of what it captures, added to the sums so far. */
function stepBack(
  t: Tape,
  body: Graph,
  dy: readonly (Value | null)[],
  outer: readonly Value[],
  sums: readonly Value[],
) {
  const inside = body.inputs.filter((value) => t.isFloat(value));
  const found = t.backward(t, body, seedsOf(t, body.outputs, dy), [...inside, ...outer]);
  const sumOf = (value: Value, i: number): Value => {
    const arrived = found.get(value);
    return arrived ? t.add(sums[i] as Value, arrived) : (sums[i] as Value);
  };
  return { of: (value: Value) => found.get(value) ?? t.zerosLike(value), sums: outer.map(sumOf) };
}

/** The runtime wants to know how many axes leave a Scan's body, and does not find out behind a Loop. */
function shapedLike(t: Tape, value: Value, like: Value): Value {
  const { dtype, shape } = t.type(like);
  if (!shape) return value;
  const sizes = shape.map((size) => (typeof size === 'number' ? size : null));
  const shaped = t.value('Identity', { dtype, shape: sizes });
  define(t, shaped, 'Identity', [value]);
  return shaped;
}

/** Cotangents by value; one that is several outputs gets the sum. */
function seedsOf(t: Tape, outputs: readonly Value[], dy: readonly (Value | null)[]): Map<Value, Value> {
  const seeds = new Map<Value, Value>();
  for (const [i, value] of outputs.entries()) {
    const arrived = dy[i];
    const before = seeds.get(value);
    if (arrived) seeds.set(value, before ? t.add(before, arrived) : arrived);
  }
  return seeds;
}

/** The captured values whose gradient is asked for, each once. */
const wantedOutside = (g: Tape, node: Node, isWanted: IsWanted): Value[] => [
  ...new Set(
    subgraphs(node)
      .flatMap(captures)
      .filter((value) => g.isFloat(value) && isWanted(value)),
  ),
];

/** Cotangents in the order of the captures of all bodies; one captured by two bodies has its whole cotangent at the first. */
function behind(node: Node, found: ReadonlyMap<Value, Value>): (Value | null)[] {
  const given = new Set<Value>();
  return subgraphs(node)
    .flatMap(captures)
    .map((value) => {
      if (given.has(value)) return null;
      given.add(value);
      return found.get(value) ?? null;
    });
}
