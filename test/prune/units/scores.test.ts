/** Scores of hidden neurons against their definitions, on one matrix that makes them and one that reads them. */
import { expect, test } from 'vitest';
import { flowsOf } from '../../../src/groups/flows.js';
import { groupsOf } from '../../../src/groups/groups.js';
import { holdingsOf } from '../../../src/groups/holdings.js';
import type { Graph } from '../../../src/ir/types.js';
import { Builder } from '../../../src/ops/builder.js';
import { findLayers } from '../../../src/ops/layers.js';
import { readMatrices } from '../../../src/ops/matrices.js';
import { type UnitCriterionName, type UnitInput, unitCriteria } from '../../../src/prune/units/index.js';
import { floatsOf } from '../../../src/tensor/convert.js';

const [made, bias, read] = [
  [1, -2, 0, 3, 0.5, -1],
  [0.5, 0, -1],
  [2, 1, -1, 0, 4, 3],
];

/** x[1, 2] · made[2, 3] + bias -> Relu -> · read[3, 2]. */
function network(): Graph {
  const g = new Builder();
  const x = g.value('x', { dtype: 'float32', shape: [1, 2] });
  const hidden = g.op('Relu', [g.add(g.matmul(x, g.floats(made!, [2, 3])), g.floats(bias!))]);
  const y = g.matmul(hidden, g.floats(read!, [3, 2]));
  const bare = { name: 'net', inputs: [x], outputs: [], nodes: [], initializers: new Map(), functions: [] };
  return g.appendTo({ ...bare, opsets: new Map([['', 21]]) }, [y]);
}

/** What each of four samples gives. */
const activations = [
  [1, 0, 2],
  [2, 0, 0],
  [3, 1, 2],
  [2, 1, 4],
];
const column = (unit: number): number[] => activations.map((row) => row[unit]!);
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const meanSquare = (unit: number): number => sum(column(unit).map((x) => x * x)) / 4;
const variance = (unit: number): number => {
  const mean = sum(column(unit)) / 4;
  return sum(column(unit).map((x) => (x - mean) ** 2)) / 4;
};
/** Weights that read a unit. */
const readOf = (unit: number): number[] => read!.slice(2 * unit, 2 * unit + 2);
const squares = (values: readonly number[]): number => sum(values.map((w) => w * w));

const expected: Partial<Record<UnitCriterionName, (unit: number) => number>> = {
  magnitude: (unit) => Math.sqrt(squares([made![unit]!, made![3 + unit]!, bias![unit]!, ...readOf(unit)])),
  'wanda-sp': (unit) => (sum(readOf(unit).map(Math.abs)) / 2) * Math.sqrt(meanSquare(unit)),
  'flap-ifv': variance,
  'flap-wifv': (unit) => variance(unit) * squares(readOf(unit)),
  'flap-wifn': (unit) => (sum(readOf(unit).map(Math.abs)) / 2) * Math.sqrt(meanSquare(unit)),
  // slopes of two batches
  taylor: (unit) => ([1, -2, 3][unit]! ** 2 + [0, 4, 1][unit]! ** 2) / 2,
};

async function input(): Promise<UnitInput> {
  const graph = network();
  const flows = await flowsOf(graph);
  const { layers } = findLayers(flows.graph);
  const [group] = groupsOf(flows);
  const sums = (power: number): Float64Array =>
    Float64Array.from([0, 1, 2], (unit) => sum(column(unit).map((x) => x ** power)));
  return {
    name: 'hidden',
    count: 3,
    holdings: holdingsOf(flows, group!, layers),
    matricesOf: (layer) => readMatrices(layer),
    statisticsOf: () => ({ samples: 4, columnNorm: sums(2), columnSum: sums(1) }),
    slopesOf: () => [Float64Array.of(1, -2, 3), Float64Array.of(0, 4, 1)],
    valuesOf: ({ value }) => floatsOf(flows.graph.initializers.get(value)!),
    scales: [],
    seed: 0,
  };
}

test.each(Object.entries(expected) as [UnitCriterionName, (unit: number) => number][])('%s', async (name, scoreOf) => {
  const scores = unitCriteria[name].score(await input());
  expect(scores).toHaveLength(3);
  for (const unit of [0, 1, 2]) expect(scores[unit]).toBeCloseTo(scoreOf(unit), 6);
});

test('batchnorm-scale adds up |γ|, and refuses units without one', async () => {
  const plain = await input();
  const [other] = plain.holdings.others;
  const scaled = { ...plain, scales: [other!, other!] };
  expect([...unitCriteria['batchnorm-scale'].score(scaled)]).toEqual(bias!.map((b) => 2 * Math.abs(b)));
  expect(unitCriteria['batchnorm-scale'].refuses?.(plain)).toMatch(/BatchNormalization/);
});

test('random scores depend on the seed and on the group', async () => {
  const plain = await input();
  const of = (changes: Partial<UnitInput>): number[] => [...unitCriteria.random.score({ ...plain, ...changes })];
  expect(of({})).toEqual(of({}));
  expect(of({ seed: 1 })).not.toEqual(of({}));
  expect(of({ name: 'other' })).not.toEqual(of({}));
});

test('what reads, makes and holds units is told apart', async () => {
  const { holdings } = await input();
  expect(holdings.reads.map(({ layer, unitOf }) => [layer.layout.columns, ...unitOf])).toEqual([[3, 0, 1, 2]]);
  expect(holdings.makes.map(({ layer, unitOf }) => [layer.layout.rows, ...unitOf])).toEqual([[3, 0, 1, 2]]);
  expect(holdings.others.map(({ unitOf }) => [...unitOf])).toEqual([[0, 1, 2]]);
});
