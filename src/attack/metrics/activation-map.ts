/** Activation maps: which positions of an example speak for a label, seen in the last layer that still has positions. */
import { gradientGraph } from '../../autodiff/gradient-graph.js';
import { prepare } from '../../autodiff/prepare.js';
import { pickRows } from '../../data/rows.js';
import { UserError } from '../../errors.js';
import { valuesByName } from '../../ir/graph.js';
import type { Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { boundsOf } from '../../oracle/bounds.js';
import { type Front, frontOf } from '../../oracle/front.js';
import type { Network } from '../../oracle/network.js';
import { rowsFor } from '../../oracle/runs.js';
import type { Space } from '../../oracle/space.js';
import { type CompileOptions, compile, type Program } from '../../runtime/program.js';
import { floatsOf } from '../../tensor/convert.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import type { Subjects } from '../subjects.js';
import { type ActivationLayer, activationLayer } from './activation-layer.js';
import { type Grid, upsample } from './upsample.js';

export interface ActivationMaps {
  /** CAM where a mean over positions and one linear layer follow, else Grad-CAM. */
  readonly method: 'CAM' | 'Grad-CAM';
  /** The value that is looked at. */
  readonly value: string;
  /** Of one clean subject for a label, its own by default: from 0 to 1, a number a position. */
  map(subjects: Subjects, place: number, label?: number): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Why a model has no maps. */
export interface NoMaps {
  readonly reason: string;
}

/**
 * Zhou et al., Learning deep features for discriminative localization (arXiv 1512.04150), CAM; Selvaraju et al., Grad-CAM: visual
 * explanations from deep networks via gradient-based localization (arXiv 1610.02391). Both are the sum over channels of activations times
 * the mean gradient of the score: behind a mean over positions that gradient is the linear layer's weight, and CAM keeps what speaks
 * against the label where Grad-CAM cuts it. Scaled to [0, 1] and made as large as the input.
 */
export async function openActivationMaps(network: Network, options: CompileOptions): Promise<ActivationMaps | NoMaps> {
  const { space } = network;
  if (space.kind === 'features') return { reason: 'features of a table have no places that a map could show' };
  const front = frontOf(network, boundsOf([[0, 1]], space, 'as it is'), [0, 1]);
  try {
    const prepared = await prepare({ ...front.graph, outputs: [front.logits] });
    const logits = valuesByName(prepared.graph).get(front.logits.name)!;
    const ranks = space.kind === 'image' ? [4] : [3, 4];
    const layer = activationLayer(prepared.graph, prepared.types, logits, ranks);
    if (!layer) return { reason: 'no layer behind a convolution has places' };
    const program = await mapProgram(prepared, logits, layer, network.classes);
    const compiled = await compile(program.graph, options);
    return {
      method: layer.endsInMean ? 'CAM' : 'Grad-CAM',
      value: layer.value.name,
      map: async (subjects, place, label = subjects.labels[place]!) =>
        scaled(await rawMap(compiled, program.seed, front, network, subjects, place, label), layer, space),
      release: () => compiled.release(),
    };
  } catch (error) {
    // a model that can be attacked by its scores alone may have no gradients
    if (error instanceof UserError) return { reason: error.message };
    throw error;
  }
}

/** From the example and the weights of the scores to the sum over channels of activation times mean gradient. */
async function mapProgram(
  prepared: Awaited<ReturnType<typeof prepare>>,
  logits: Value,
  layer: ActivationLayer,
  classes: number,
) {
  const g = builderFor(prepared.graph, 'map');
  const seed = g.value('seed', { dtype: 'float32', shape: ['batch', classes] });
  const total = g.mul(logits, seed);
  const asked = g.appendTo({ ...prepared.graph, inputs: [...prepared.graph.inputs, seed], outputs: [logits] }, [
    total,
    layer.value,
  ]);
  const made = await gradientGraph(await prepare(asked), { of: total.name, wrt: [layer.value.name], sum: true });
  const activation = valuesByName(made.graph).get(layer.value.name)!;
  const h = builderFor(made.graph, 'map');
  const axes = layer.sizes.map((_, i) => 2 + i);
  const weights = h.reduce('ReduceMean', made.gradients.get(layer.value.name)!, axes, true);
  const map: Value = { name: h.value('map').name, type: { dtype: 'float32', shape: ['batch', ...layer.sizes] } };
  h.nodes.push({
    name: map.name,
    op: 'Identity',
    domain: '',
    inputs: [h.reduceSum(h.mul(activation, weights), [1])],
    outputs: [map],
    attrs: {},
  });
  return { graph: { ...h.appendTo(made.graph), outputs: [map] }, seed: seed.name };
}

async function rawMap(
  program: Program,
  seed: string,
  { example, batch }: Front,
  { space, classes }: Network,
  subjects: Subjects,
  place: number,
  label: number,
): Promise<Float32Array> {
  // a model of fixed batch gets the same example again
  const size = typeof batch === 'number' ? batch : 1;
  const wanted = Float32Array.from({ length: classes }, (_, c) => Number(c === label));
  const feed = ({ name }: Value): Tensor => {
    if (name === example.name)
      return float32(
        [size, space.channels, space.height, space.width],
        rowsFor({ from: place, to: place + 1, size }, subjects.inputs, space.size),
      );
    if (name === seed) return float32([size, classes], rowsFor({ from: 0, to: 1, size }, wanted, classes));
    return pickRows(subjects.others.get(name)!, new Uint32Array(size).fill(place));
  };
  const results = await program.run(new Map(program.inputs.map((input) => [input, feed(input)])));
  const values = floatsOf([...results.values()][0]!);
  return values.slice(0, values.length / size);
}

function scaled(map: Float32Array, { sizes, endsInMean }: ActivationLayer, space: Space): Float32Array {
  const { values, grid } = laidOut(endsInMean ? map : map.map((value) => Math.max(0, value)), sizes, space);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const shares = values.map((value) => (most > least ? (value - least) / (most - least) : 0));
  return upsample(shares, grid, space);
}

/** Positions as the space has them: a series that a network holds as a picture has its time along the longer side. */
function laidOut(
  values: Float32Array,
  sizes: readonly number[],
  { kind }: Space,
): { values: Float32Array; grid: Grid } {
  const [height = 1, width = 1] = sizes.length === 1 ? [1, sizes[0]!] : sizes;
  if (kind === 'image' || height === 1) return { values, grid: { height, width } };
  const time = Math.max(height, width);
  const means = new Float32Array(time);
  values.forEach((value, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    means[time === width ? x : y]! += (value * time) / values.length;
  });
  return { values: means, grid: { height: 1, width: time } };
}
