/** The files and the command lines of mistaken requests for training. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Graph } from '../../src/ir/types.js';
import { encode } from '../../src/onnx/encode.js';
import { save } from '../../src/onnx/save.js';
import { substitute } from '../../src/rewrite/substitute.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { random } from '../../src/tensor/random.js';
import { float32 } from '../../src/tensor/tensor.js';
import { type BackboneShape, backbones } from '../../src/train/backbones/index.js';
import { graphOf, node, typed } from '../helpers/graphs.js';

/** Writes them into the current folder. */
export async function writeTrainingFiles(): Promise<void> {
  writeFileSync('good.tsv', table(20, ['0', '1']));
  writeFileSync('test.tsv', table(10, ['0', '1']));
  writeFileSync('one.tsv', table(10, ['0']));
  writeFileSync('two.tsv', table(2, ['0', '1']));
  writeFileSync('three.tsv', table(21, ['0', '1', '2']));
  writeFileSync('long.tsv', table(10, ['0', '1'], 12));
  writeFileSync('nobody.tsv', table(10, ['?']));
  writeFileSync('hole.tsv', `${table(4, ['0', '1'])}1\t1\t2\tNaN\t4\t5\t6\t7\t8\n`);
  writeFileSync('empty.tsv', '');
  const wide = new Map([
    ['x', float32([6, 3, 8], new Float32Array(144).fill(1))],
    ['labels', float32([6], Float32Array.of(0, 1, 0, 1, 0, 1))],
  ]);
  writeFileSync('wide.npz', encodeNpz(wide));
  writeFileSync(
    'hole.npz',
    encodeNpz(new Map([...wide, ['x', float32([6, 3, 8], new Float32Array(144).fill(Number.NaN))]])),
  );
  writeFileSync('fewer.npz', encodeNpz(new Map([...wide, ['labels', float32([5], Float32Array.of(0, 1, 0, 1, 0))]])));
  writeFileSync('net8.onnx', encode(net()));
  writeFileSync('net3.onnx', encode(net({ classes: 3 })));
  writeFileSync('wide.onnx', encode(net({ channels: 3 })));
  writeFileSync('short.onnx', encode(net({ length: 4 })));
  writeFileSync('fixed.onnx', encode(fixedGraph()));
  writeFileSync('picture.onnx', encode(pictureGraph()));
  await saveWith('torn.onnx', { classes: 'a,b' });
  await saveWith('named.onnx', { classes: '["a","b"]' });
  await saveWith('many.onnx', { classes: '["0","1","2"]' });
  await saveWith('scaled.onnx', { standardise: '{"kind":"z","over":"each"}' });
  mkdirSync('done');
  writeFileSync('done/report.html', 'mine');
  mkdirSync('data');
  writeFileSync('data/model.onnx', encode(net()));
  writeFileSync('data/report.json', table(20, ['0', '1']));
}

/** Rows of a label and `length` values; labels take turns. */
function table(count: number, labels: readonly string[], length = 8): string {
  const noise = random(0, 'series').normals(count * length);
  return Array.from({ length: count }, (_, row) => {
    const values = Array.from({ length }, (_, t) =>
      (Math.sin(t * ((row % labels.length) + 1)) + noise[row * length + t]!).toFixed(3),
    );
    return `${[labels[row % labels.length], ...values].join('\t')}\n`;
  }).join('');
}

const net = (shape: Partial<BackboneShape> = {}): Graph =>
  backbones.fcn.build({ channels: 1, length: 8, classes: 2, width: 2, ...shape }, 0);

const saveWith = (path: string, metadata: Record<string, string>): Promise<void> =>
  save({ graph: net(), irVersion: 8, producer: 'test', metadata: new Map(Object.entries(metadata)) }, path);

/** For batches of four series alone. */
function fixedGraph(): Graph {
  const graph = net();
  const [input] = graph.inputs;
  const four = typed(input!.name, [4, 1, 8]);
  return { ...substitute(graph, (value) => (value === input ? four : value)), inputs: [four] };
}

const pictureGraph = (): Graph => {
  const [x, y] = [typed('x', ['batch', 1, 4, 4]), typed('y', ['batch', 16])];
  return graphOf({ inputs: [x], outputs: [y], nodes: [node('Flatten', [x], [y])] });
};

export const base = '-o out --provider cpu --quiet --algorithm supervised --width 2 --steps 2 --every 1';
/** Of supervised training, from a fresh network. */
export const train = (rest: string, data = 'good.tsv'): string => `train --data ${data} ${base} ${rest}`.trim();
/** Of training a model further. */
export const further = (rest: string, data = 'good.tsv'): string =>
  `train --data ${data} -o out --provider cpu --quiet --algorithm supervised --steps 2 ${rest}`;
/** Of a method that is to be named; mixmatch otherwise. */
export const semi = (rest: string, data = 'good.tsv'): string =>
  `train --data ${data} -o out --provider cpu --quiet --width 2 --steps 2 --every 1 ${rest}`.trim();
