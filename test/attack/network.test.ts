/** The same classifier in other forms: attacked alike, whatever its layout, batch and scores. */
import { describe, expect, test } from 'vitest';
import { attackNamed } from '../../src/attack/catalogue.js';
import { openGround } from '../../src/attack/ground.js';
import { settle } from '../../src/attack/options.js';
import { runAttack } from '../../src/attack/run.js';
import type { Samples } from '../../src/data/samples.js';
import type { Graph, Node, Value } from '../../src/ir/types.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { channelsBehind, channelsFirst, spaceOf } from '../../src/oracle/space.js';
import { substitute } from '../../src/rewrite/substitute.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { float32 } from '../../src/tensor/tensor.js';
import { node, typed } from '../helpers/graphs.js';
import { type LinearCase, linearCase } from './linear.js';

const linear = linearCase(21, [3, 6, 5], 4);
const space = spaceOf([3, 6, 5]);

interface Form extends Pick<LinearCase, 'graph' | 'samples'> {
  readonly at?: string;
}

const after = (graph: Graph, made: readonly Node[], output: Value): Graph => ({
  ...graph,
  nodes: [...graph.nodes, ...made],
  outputs: [output],
});

const logits = linear.graph.outputs[0]!;

/** Samples whose `x` is another array, and whose batches have another size. */
const samplesWith = (
  change: (x: Float32Array, rows: number) => ReturnType<typeof float32>,
  name = 'x',
  more: Partial<Samples> = {},
): Samples => ({
  ...linear.samples,
  ...more,
  batch: (from, to) =>
    new Map(
      [...linear.samples.batch(from, to)].map(([value, array]) =>
        value.name === 'x' ? [typed(name, []), change(floatsOf(array), to - from)] : [value, array],
      ),
    ),
});

const forms: Readonly<Record<string, () => Form>> = {
  plain: () => linear,
  'channels last'() {
    const input = typed('x', ['batch', 6, 5, 3]);
    const x = linear.graph.inputs[0]!;
    const turn = node('Transpose', [input], [typed('turned', ['batch', 3, 6, 5])], { perm: [0, 3, 1, 2] });
    const rest = substitute(linear.graph, (value) => (value === x ? turn.outputs[0]! : value));
    return {
      graph: { ...rest, inputs: [input, linear.graph.inputs[1]!], nodes: [turn, ...rest.nodes] },
      samples: samplesWith((all, rows) => float32([rows, 6, 5, 3], channelsBehind(all, space))),
    };
  },
  'probabilities of a Softmax'() {
    const p = typed('p', ['batch', 4]);
    return { graph: after(linear.graph, [node('Softmax', [logits], [p], { axis: 1 })], p), samples: linear.samples };
  },
  'probabilities that are reshaped'() {
    const [soft, wide] = [typed('soft', ['batch', 4]), typed('p', ['batch', 4, 1, 1])];
    const shape = typed('shape', [4], 'int64');
    const graph = after(
      linear.graph,
      [node('Softmax', [logits], [soft], { axis: 1 }), node('Reshape', [soft, shape], [wide])],
      wide,
    );
    const sizes = {
      dtype: 'int64',
      shape: [4],
      payload: { byteLength: 32, read: () => new Uint8Array(BigInt64Array.of(-1n, 4n, 1n, 1n).buffer) },
    } as const;
    return {
      graph: { ...graph, initializers: new Map([...graph.initializers, [shape, sizes]]) },
      samples: linear.samples,
    };
  },
  'a value inside'() {
    const flat = linear.graph.nodes[0]!.outputs[0]!;
    return { graph: linear.graph, samples: linear.samples, at: flat.name };
  },
};

async function attacked({ graph, samples, at }: Form) {
  const ground = await openGround(
    graph,
    samples,
    (network) => boundsOf([[0, 1]], network.space, 'the box'),
    { batch: 3, threads: 1 },
    at === undefined ? { input: 'x' } : { at },
  );
  const gse = attackNamed('gse');
  const options = settle(gse, ground.space, false, { steps: 50, searchSteps: 4 });
  try {
    const found = await runAttack(gse, options, ground, { goal: { kind: 'untargeted' }, batch: 3 });
    return { found, notes: ground.network.notes, space: ground.network.space };
  } finally {
    await ground.release();
  }
}

describe('forms of one classifier', () => {
  test.each(Object.keys(forms).filter((name) => name !== 'a value inside'))('%s: the same examples', async (name) => {
    const [plain, other] = [await attacked(linear), await attacked(forms[name]!())];
    other.found.forEach(({ adversarial, success, margin }, i) => {
      expect(success).toBe(plain.found[i]!.success);
      expect(margin).toBeCloseTo(plain.found[i]!.margin, 3);
      adversarial.forEach((value, j) => {
        expect(value).toBeCloseTo(plain.found[i]!.adversarial[j]!, 5);
      });
    });
    if (name.startsWith('probabilities')) expect(other.notes).toEqual(["attacked before the Softmax ('logits')"]);
  });

  test('a value inside is attacked as what it is', async () => {
    const { found, space: inner } = await attacked(forms['a value inside']!());
    expect(inner).toMatchObject({ kind: 'features', size: 90 });
    expect(found.every(({ success }) => success)).toBe(true);
  });

  test('a model of fixed batch gets batches of its size', async () => {
    const fixed = (value: Value, shape: readonly number[]): Value => ({ ...value, type: { dtype: 'float32', shape } });
    const [x, bias] = linear.graph.inputs as readonly [Value, Value];
    const [fx, fb] = [fixed(x, [2, 3, 6, 5]), fixed(bias, [2, 1])];
    const graph = substitute(linear.graph, (value) => (value === x ? fx : value === bias ? fb : value));
    const samples: Samples = {
      ...linear.samples,
      fixedBatch: 2,
      batch: (from, to) => linear.samples.batch(from, to),
    };
    const [plain, other] = [await attacked(linear), await attacked({ graph, samples })];
    expect(other.found.map(({ success }) => success)).toEqual(plain.found.map(({ success }) => success));
  });

  test('layouts are turned and turned back', () => {
    const rows = Float32Array.from({ length: 180 }, (_, i) => i);
    expect(channelsFirst(channelsBehind(rows, space), space)).toEqual(rows);
  });
});
