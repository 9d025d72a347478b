/** An oracle whose gradients come from a model of gradients that the user has, such as one that `scalpel grad` wrote. */

import { pickRows } from '../data/rows.js';
import { UserError } from '../errors.js';
import { feeds } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import { compile } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { float32, int64, type Tensor } from '../tensor/tensor.js';
import { type Bounds, type Range, scalingOf } from './bounds.js';
import type { Network } from './network.js';
import { objectiveAlone } from './objective-alone.js';
import { checkClasses, type Objective } from './objectives.js';
import { type Asked, type Context, NetworkOracle, type Oracle, type OracleOptions, type Slopes } from './oracle.js';
import { concatenated } from './packed.js';
import { itemsFor, Programs, rowsFor, runsOf } from './runs.js';
import { channelsBehind, channelsFirst } from './space.js';

/** The inputs and the output that matter in a model of gradients. */
interface Ends {
  readonly moving: Value;
  /** The cotangent of the scores. */
  readonly seed: Value;
  readonly gradient: Value;
}

/** Scores come from the model itself, one more forward pass a gradient. */
export class GivenGradientOracle implements Oracle {
  readonly classes: number;
  readonly forwardsPerGradient = 2;
  readonly #network: Network;
  readonly #bounds: Bounds;
  readonly #range: Range;
  readonly #graph: Graph;
  readonly #ends: Ends;
  readonly #batch: number;
  readonly #model: NetworkOracle;
  readonly #programs: Programs;

  /**
   * @param graph takes what the model takes and `seed/SCORES`, and gives `grad/INPUT`.
   * @throws UserError when it does not, or when the scores are not the logits that attacks work on.
   */
  constructor(network: Network, graph: Graph, bounds: Bounds, range: Range, options: OracleOptions) {
    this.classes = network.classes;
    this.#network = network;
    this.#bounds = bounds;
    this.#range = range;
    this.#graph = graph;
    this.#ends = endsOf(network, graph);
    const { batch, ...settings } = options;
    this.#batch = batch;
    this.#programs = new Programs(settings);
    this.#model = new NetworkOracle(network, bounds, range, options);
  }

  scores(asked: Asked, context: Context): Promise<Float32Array> {
    return this.#model.scores(asked, context);
  }

  async slopes(asked: Asked, objective: Objective, context: Context): Promise<Slopes> {
    checkClasses(objective, this.classes, context.targeted);
    const logits = await this.scores(asked, context);
    const { values, cotangents, onPoint } = await this.#apart(logits, asked, objective, context);
    const gradients = await this.#gradients(asked, cotangents, context);
    return { logits, values, gradients: onPoint ? gradients.map((value, i) => value + onPoint[i]!) : gradients };
  }

  async pullback(asked: Asked, cotangents: Float32Array, context: Context): Promise<Slopes> {
    const logits = await this.scores(asked, context);
    return { logits, gradients: await this.#gradients(asked, cotangents, context) };
  }

  async release(): Promise<void> {
    await this.#model.release();
    await this.#programs.release();
  }

  /** The objective and its gradients with respect to the logits and to the point, by a small graph of its own. */
  async #apart(
    logits: Float32Array,
    { samples, points }: Asked,
    objective: Objective,
    { targeted, goals, labels, others }: Context,
  ) {
    const { size } = this.#network.space;
    const program = await this.#programs.get(`${objective.name} ${targeted}`, () =>
      objectiveAlone(objective, { classes: this.classes, size, targeted }, this.#programs.settings),
    );
    const rows = samples.length;
    const ids = (all: Int32Array): Tensor =>
      int64(
        [rows],
        samples.map((sample) => all[sample]!),
      );
    const feed = ({ name }: Value): Tensor => {
      if (name === 'logits') return float32([rows, this.classes], logits);
      if (name === 'example') return float32([rows, size], points);
      if (name === 'goal' || name === 'label') return ids(name === 'goal' ? goals : labels);
      return pickRows(others.get(name)!, Uint32Array.from(samples));
    };
    const found = await program.run(new Map(program.inputs.map((input) => [input, feed(input)])));
    const [values, cotangents, onPoint] = program.outputs.map((output) => floatsOf(found.get(output)!));
    return { values: values!, cotangents: cotangents!, onPoint };
  }

  async #gradients({ points, samples }: Asked, cotangents: Float32Array, { others }: Context): Promise<Float32Array> {
    const { space, sizes } = this.#network;
    const { moving, seed, gradient } = this.#ends;
    const program = await this.#programs.get('gradients', () =>
      compile({ ...this.#graph, outputs: [gradient] }, this.#programs.settings),
    );
    const { scale, shift } = scalingOf(this.#bounds, this.#range);
    const inputs = points.map((value, at) => value * scale[at % space.size]! + shift[at % space.size]!);
    const parts: Float32Array[] = [];
    for (const run of runsOf(samples.length, this.#batch, moving.type?.shape?.[0])) {
      const ordered = rowsFor(run, inputs, space.size);
      const feed = ({ name, type }: Value): Tensor => {
        if (name === moving.name)
          return float32([run.size, ...sizes], space.channelsLast ? channelsBehind(ordered, space) : ordered);
        if (name === seed.name)
          return float32(
            seedShape(type?.shape, run.size, this.classes),
            this.#seeds(rowsFor(run, cotangents, this.classes)),
          );
        return pickRows(others.get(name)!, Uint32Array.from(itemsFor(run, samples)));
      };
      const found = await program.run(new Map(program.inputs.map((input) => [input, feed(input)])));
      const raw = floatsOf(found.get(gradient)!);
      const first = space.channelsLast ? channelsFirst(raw, space) : raw;
      parts.push(
        first.map((value, at) => value * scale[at % space.size]!).subarray(0, (run.to - run.from) * space.size),
      );
    }
    return concatenated(parts);
  }

  /** One score stands for the second of two classes. */
  #seeds(own: Float32Array): Float32Array {
    return this.#isSingle() ? own.filter((_, i) => i % 2 === 1) : own;
  }

  #isSingle(): boolean {
    const shape = this.#ends.seed.type?.shape ?? [];
    return this.classes === 2 && shape.slice(1).every((size) => size === 1);
  }
}

/** The sizes of the seed with the batch in place; one axis of open size holds the classes. */
function seedShape(shape: readonly unknown[] = [], rows: number, classes: number): number[] {
  const rest = shape.slice(1);
  if (rest.every((size) => typeof size === 'number')) return [rows, ...(rest as number[])];
  return [rows, ...rest.map((size) => (typeof size === 'number' ? size : classes))];
}

function endsOf({ moving, graph: model, classes }: Network, graph: Graph): Ends {
  const inputs = feeds(graph);
  const taken = inputs.find(({ name }) => name === moving.name);
  const gradient = graph.outputs.find(
    ({ name }) => name === `grad/${moving.name}` || name === `scalpel/grad/${moving.name}`,
  );
  const known = new Set(feeds(model).map(({ name }) => name));
  const strangers = inputs.filter(({ name }) => !known.has(name) && name !== moving.name);
  const [seed, ...others] = strangers;
  if (taken && gradient && seed && others.length === 0 && /(^|\/)seed\//.test(seed.name)) {
    const width = (seed.type?.shape ?? [])
      .slice(1)
      .reduce<number>((all, size) => all * (typeof size === 'number' ? size : classes), 1);
    if (width === classes || (classes === 2 && width === 1)) return { moving: taken, seed, gradient };
  }
  throw new UserError(
    '--gradient',
    `expected a model with the inputs '${moving.name}' and a seed of ${classes} scores, and the output 'grad/${moving.name}', got inputs ${inputs.map(({ name }) => `'${name}'`).join(', ')} and outputs ${graph.outputs.map(({ name }) => `'${name}'`).join(', ')}; make it with scalpel grad MODEL --of LOGITS --wrt ${moving.name}`,
  );
}
