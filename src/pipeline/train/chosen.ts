/** One training looked at closely: its classes one by one, and how its network sees series. */
import { type LabelledSeries, rowsOf } from '../../data/series.js';
import type { Value } from '../../ir/types.js';
import { principalPlane } from '../../linalg/principal-plane.js';
import { embeddingOf } from '../../report/train-embedding.js';
import type { ChosenCell } from '../../report/train-report.js';
import { evaluator } from '../../train/evaluator.js';
import { sampleTest } from '../../train/splits.js';
import { featuresIn } from '../../train/start/features.js';
import type { Cell, CellWork } from './cells.js';
import { drawnFor, testedOn } from './draws.js';

/** Points that can be told apart on a page. */
const mostPoints = 1000;

export async function chosenOf(cell: Cell, work: CellWork): Promise<ChosenCell> {
  const { request, scene } = work;
  const tested = testedOn(scene.sets, request.draws);
  const figures = cell.test ?? cell.validation;
  const series = tested ?? drawnFor(scene.sets, cell.budget, cell.seed, request.draws).validation;
  const embedding = await embedded(cell, series, work);
  return {
    labels: cell.labels,
    seed: cell.seed,
    on: cell.test ? 'test' : 'validation',
    perClass: figures.perClass.map((each) => ({ ...each })),
    ...(figures.confusion && { confusion: figures.confusion.map((row) => [...row]) }),
    ...(embedding && { embedding }),
  };
}

/** Absent where the network ends in another kind of layer. */
async function embedded(cell: Cell, series: LabelledSeries, { scene, engine, context }: CellWork) {
  const rows = sampleTest(series.labels, mostPoints, { seed: 0 });
  const shown = rowsOf(series, rows);
  const network = scene.networkFor(scene.graphFor(cell.seed));
  const features = featuresIn(network, network.outputs[0] as Value);
  if (!features) return undefined;
  const [logits] = network.outputs;
  const moving = [...network.initializers.keys()].filter(({ name }) => cell.weights.has(name));
  const read = async (output: typeof features): Promise<Float32Array> => {
    const reader = await evaluator({ ...network, outputs: [output] }, moving, engine);
    try {
      return await reader.logits(shown, cell.weights, context.signal);
    } finally {
      await reader.release();
    }
  };
  const scores = await read(logits!);
  const classes = scene.sets.classes.length;
  const predicted = Array.from(rows, (_, i) => {
    const own = scores.subarray(i * classes, (i + 1) * classes);
    return own.indexOf(own.reduce((a, b) => Math.max(a, b)));
  });
  const labels = Array.from(rows, (row) => series.labels[row]!);
  return embeddingOf(principalPlane(await read(features), shown.count), labels, predicted);
}
