/** openGround: a model, instances and what is known of their kind, made ready for any number of methods. */
import type { Samples } from '../../data/samples.js';
import type { DensityStore } from '../../density/index.js';
import type { Graph } from '../../ir/types.js';
import { type Bounds, boundsOf, type Range } from '../../oracle/bounds.js';
import { type Network, type NetworkOptions, openNetwork } from '../../oracle/network.js';
import { NetworkOracle, type Oracle, type OracleOptions } from '../../oracle/oracle.js';
import { asking } from '../../oracle/readings.js';
import type { Space } from '../../oracle/space.js';
import type { Schema } from '../../schema/index.js';
import { type Aim, aimOf } from './aim.js';
import type { Companions } from './companions.js';
import { examplesOf, lackOf } from './examples.js';
import { type Features, featuresOf } from './features.js';
import { checkGoal, isRange, type Wish } from './goals.js';
import { findInstances, type InstanceOptions, type Instances } from './instances.js';
import { type Reference, referenceOf } from './reference.js';

export interface Ground {
  readonly network: Network;
  readonly wish: Wish;
  readonly aim: Aim;
  readonly bounds: Bounds;
  readonly features: Features;
  readonly instances: Instances;
  readonly reference: Reference | undefined;
  readonly companions: Companions;
  /** 0 where an element must stay as it is, [channels, positions]. */
  readonly mask?: Uint8Array | undefined;
  /** Answers for points of [0, 1] between the bounds. */
  readonly oracle: Oracle;
  /** Answers for inputs as they are. */
  readonly model: Oracle;
  release(): Promise<void>;
}

/** What is known of the data once they were read. */
export interface Known {
  readonly network: Network;
  /** Packed rows of instances and reference, in the input's units. */
  readonly rows: readonly Float32Array[];
}

export interface GroundOptions extends Omit<NetworkOptions, 'isRegressor'>, Omit<InstanceOptions, 'batch'> {
  /** Examples that say what is plausible; absent: no method or measure that needs any works. */
  readonly reference?: Samples | undefined;
  /**
   * Whether the reference says what is plausible, or ranges alone. `optional`: only where it has some examples of each class that is
   * wanted; else that is an error once they are asked for. Default `required`.
   */
  readonly plausibility?: 'required' | 'optional' | 'none' | undefined;
  /** Told what a user should know. */
  readonly warn?: ((text: string) => void) | undefined;
  /** Where densities are looked for before they are fitted, and put afterwards. */
  readonly store?: DensityStore | undefined;
  /** Whose word the classes of the reference are: default that of the data, where they have labels. */
  readonly classes?: 'data' | 'model' | undefined;
  /** Of a table. */
  readonly schema?: ((known: Known) => Schema | undefined) | undefined;
  /** Of what is no table: in the input's units. */
  readonly bounds?: ((known: Known) => Bounds | Promise<Bounds>) | undefined;
  readonly mask?: ((space: Space) => Uint8Array) | undefined;
  readonly companions?: ((network: Network, bounds: Bounds) => Companions | Promise<Companions>) | undefined;
  readonly oracle?: ((network: Network, bounds: Bounds) => Oracle) | undefined;
  readonly seed?: number | undefined;
}

/**
 * @param graph a working copy in float32.
 * @throws UserError when the model cannot say what is wished, or nothing is to be explained.
 */
export async function openGround(
  graph: Graph,
  samples: Samples,
  wish: Wish,
  runs: OracleOptions,
  options: GroundOptions = {},
): Promise<Ground> {
  const { batch, ...compile } = runs;
  const first = samples.batch(0, Math.min(samples.count, samples.fixedBatch ?? 2));
  const network = await openNetwork(graph, first, { ...options, isRegressor: isRange(wish.goal) }, compile);
  const { space } = network;
  checkGoal(wish, network.classes);
  const model = new NetworkOracle(network, boundsOf([[0, 1]], space, 'as it is'), [0, 1], runs);
  const ask = asking(model);
  const reading = { batch, signal: options.signal };
  const instances = await findInstances(network, samples, ask, wish, { ...options, ...reading });
  const aim = aimOf(wish);
  const { classes, plausibility = 'required', seed = 0, store } = options;
  const examples =
    options.reference && (await examplesOf(network, options.reference, ask, { wish, aim }, { ...reading, classes }));
  const rows = [instances.inputs, ...(examples ? [examples.inputs] : [])];
  const schema = options.schema?.({ network, rows });
  const bounds = schema
    ? boundsFor(schema, rows, space)
    : ((await options.bounds?.({ network, rows })) ??
      boundsOf(extremesOf(rows, space.size), space, 'of each element in the data'));
  const lack = plausibility === 'optional' ? examples && lackOf(examples, instances.targets, wish) : undefined;
  if (lack) options.warn?.(`nothing is said of plausibility: ${lack}; give others with --reference`);
  const isUsed = examples && plausibility !== 'none' && !lack;
  const oracle = options.oracle?.(network, bounds) ?? new NetworkOracle(network, bounds, [0, 1], runs);
  return {
    network,
    wish,
    aim,
    bounds,
    features: featuresOf(space, schema),
    instances,
    reference: isUsed
      ? referenceOf(asPoints(examples.inputs, bounds), examples.labels, space.size, {
          seed,
          store,
          predicted: examples.predicted,
          standardise: space.kind === 'features',
          ...(isRange(wish.goal) && { nameOf: () => 'the range' }),
        })
      : undefined,
    companions: (await options.companions?.(network, bounds)) ?? {},
    mask: options.mask?.(space),
    oracle,
    model,
    async release() {
      await model.release();
      await oracle.release();
    },
  };
}

/** Rows of the input's units as points; what lies outside of the bounds lies outside of [0, 1]. */
export const asPoints = (rows: Float32Array, { lower, upper }: Bounds): Float32Array =>
  rows.map((value, at) => {
    const i = at % lower.length;
    return upper[i]! > lower[i]! ? (value - lower[i]!) / (upper[i]! - lower[i]!) : 0;
  });

/** The ranges of the schema, and beyond where instances are. */
function boundsFor({ features, columns }: Schema, [instances]: readonly Float32Array[], space: Space): Bounds {
  const pairs = extremesOf([instances!], columns.length).map(([low, high]) => [low, high] as [number, number]);
  for (const feature of features) {
    for (const column of feature.columns) {
      const [low, high] =
        feature.type === 'categorical'
          ? [0, 1]
          : 'levels' in feature
            ? [feature.levels[0]!.value, feature.levels.at(-1)!.value]
            : feature.range.map((end) => (end - feature.scale.offset) / feature.scale.divisor);
      const pair = pairs[column]!;
      [pair[0], pair[1]] = [Math.min(pair[0], Math.fround(low!)), Math.max(pair[1], Math.fround(high!))];
    }
  }
  return boundsOf(pairs, space, 'of the schema');
}

function extremesOf(rows: readonly Float32Array[], size: number): Range[] {
  const low = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  for (const part of rows)
    part.forEach((value, at) => {
      low[at % size] = Math.min(low[at % size]!, value);
      high[at % size] = Math.max(high[at % size]!, value);
    });
  return Array.from(low, (value, i) => [value, high[i]!]);
}
