/** Oracle: what an attack can ask of a model, scores and gradients, for examples of any number. */
import { pickRows } from '../data/rows.js';
import type { Graph, Value } from '../ir/types.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { float32, type Tensor, tensor } from '../tensor/tensor.js';
import type { Bounds, Range } from './bounds.js';
import { type Front, frontOf } from './front.js';
import type { Network } from './network.js';
import { checkClasses, type Objective } from './objectives.js';
import { concatenated } from './packed.js';
import { itemsFor, Programs, rowsFor, runsOf } from './runs.js';
import { goalName, labelName, pullbackGraph, seedName, slopedGraph } from './sloped.js';
import { type Walk, type WalkGraph, walkGraph } from './walk.js';

/** Examples to be run: packed [rows, size], and of each the sample it stands for. */
export interface Asked {
  readonly points: Float32Array;
  readonly samples: readonly number[];
}

/** Labels and other inputs of the samples. */
export interface Context {
  readonly targeted: boolean;
  readonly labels: Int32Array;
  /** The label to reach when targeted, else the one to leave. */
  readonly goals: Int32Array;
  readonly others: ReadonlyMap<string, Tensor>;
}

export interface Slopes {
  /** [rows, classes]. */
  readonly logits: Float32Array;
  /** [rows, size], of each row's own number. */
  readonly gradients: Float32Array;
  /** What was descended on, [rows]; absent for `pullback`. */
  readonly values?: Float32Array;
}

export interface Oracle {
  readonly classes: number;
  /** Forward passes that one gradient costs. */
  readonly forwardsPerGradient: number;
  /** Logits, [rows, classes]. */
  scores(asked: Asked, context: Context): Promise<Float32Array>;
  slopes(asked: Asked, objective: Objective, context: Context): Promise<Slopes>;
  /** Gradients of the sum of logits times `cotangents`, [rows, classes]. */
  pullback(asked: Asked, cotangents: Float32Array, context: Context): Promise<Slopes>;
  /** Whether it takes steps of a descent by itself: not where slopes come from elsewhere, or the model fixes its batch. */
  readonly canWalk?: boolean;
  /** These steps in one run each. */
  walk?(asked: Walking, objective: Objective, walk: Walk, context: Context): Promise<readonly Walked[]>;
  release(): Promise<void>;
}

/** Where a walk goes on from. */
export interface Walking {
  readonly samples: readonly number[];
  /** Packed [rows, size]. */
  readonly states: readonly Float32Array[];
  /** A number a step, by name. */
  readonly schedules: Readonly<Record<string, Float32Array>>;
  readonly isTraced: boolean;
}

/** Of the rows `[from, to)`. */
export interface Walked {
  readonly from: number;
  readonly to: number;
  readonly states: readonly Float32Array[];
  /** Of each step, [steps, rows, …], where that was asked for. */
  readonly seen?: { readonly logits: Float32Array; readonly values: Float32Array; readonly points: Float32Array };
}

export interface OracleOptions extends CompileOptions {
  /** Examples a run. */
  readonly batch: number;
}

/** Scores and gradients of one network on one range; programs are compiled when first asked for. */
export class NetworkOracle implements Oracle {
  readonly classes: number;
  readonly forwardsPerGradient = 1;
  readonly #front: Front;
  readonly #batch: number;
  readonly #size: number;
  readonly #shape: readonly number[];
  readonly #programs: Programs<Compiled>;
  readonly #walks: Programs<Program & WalkGraph>;

  constructor(network: Network, bounds: Bounds, range: Range, { batch, ...settings }: OracleOptions) {
    const { channels, height, width, size } = network.space;
    this.classes = network.classes;
    this.#front = frontOf(network, bounds, range);
    this.#batch = batch;
    this.#programs = new Programs(settings);
    this.#walks = new Programs(settings);
    this.#size = size;
    this.#shape = [channels, height, width];
  }

  async scores(asked: Asked, context: Context): Promise<Float32Array> {
    const { graph, logits } = this.#front;
    const program = await this.#programs.get('scores', () =>
      compile({ ...graph, outputs: [logits] }, this.#programs.settings),
    );
    return (await this.#run(program, asked, context, [logits.name]))[0]!;
  }

  async slopes(asked: Asked, objective: Objective, context: Context): Promise<Slopes> {
    const { targeted } = context;
    checkClasses(objective, this.classes, targeted);
    const name = `${objective.name} ${targeted}`;
    const program = await this.#programs.get(name, () => this.#descent(objective, targeted));
    const [logits, values, gradients] = await this.#run(program, asked, context, program.names!);
    return { logits: logits!, values: values!, gradients: gradients! };
  }

  async pullback(asked: Asked, cotangents: Float32Array, context: Context): Promise<Slopes> {
    const program = await this.#programs.get('pullback', async () => {
      const { graph, names } = await pullbackGraph(this.#front, this.classes);
      return this.#program(graph, names);
    });
    const [logits, gradients] = await this.#run(program, asked, context, program.names!, cotangents);
    return { logits: logits!, gradients: gradients! };
  }

  get canWalk(): boolean {
    return typeof this.#front.batch !== 'number';
  }

  async walk(asked: Walking, objective: Objective, walk: Walk, context: Context): Promise<Walked[]> {
    const { samples, states, schedules, isTraced } = asked;
    const name = `${objective.name} ${context.targeted} ${walk.name} ${isTraced}`;
    const program = await this.#walks.get(name, () => this.#walk(objective, context.targeted, walk, isTraced));
    const made: Walked[] = [];
    for (const run of runsOf(samples.length, this.#batch, undefined)) {
      const picked = itemsFor(run, samples);
      const feed = (input: Value): Tensor => {
        const [state, schedule] = [program.starts.indexOf(input), program.schedules.indexOf(input)];
        if (state >= 0) return float32([run.size, this.#size], rowsFor(run, states[state]!, this.#size));
        if (schedule < 0) return this.#shared(input, picked, context);
        const numbers = schedules[walk.schedules[schedule]!]!;
        return float32([numbers.length], numbers.slice());
      };
      const results = await program.run(new Map(program.inputs.map((input) => [input, feed(input)])));
      const [logits, values, points] = program.seen.map((value) => floatsOf(results.get(value)!));
      made.push({
        from: run.from,
        to: run.to,
        states: program.ends.map((value) => floatsOf(results.get(value)!)),
        ...(isTraced && { seen: { logits: logits!, values: values!, points: points! } }),
      });
    }
    return made;
  }

  async release(): Promise<void> {
    await this.#programs.release();
    await this.#walks.release();
  }

  async #walk(objective: Objective, targeted: boolean, walk: Walk, isTraced: boolean): Promise<Program & WalkGraph> {
    const sloped = await slopedGraph(this.#front, objective, { classes: this.classes, size: this.#size, targeted });
    const made = walkGraph(sloped, walk, { size: this.#size, shape: this.#shape, isTraced });
    return { ...(await compile(made.graph, this.#programs.settings)), ...made };
  }

  async #descent(objective: Objective, targeted: boolean): Promise<Compiled> {
    const sizes = { classes: this.classes, size: this.#size, targeted };
    const { graph, logits, value, gradient } = await slopedGraph(this.#front, objective, sizes);
    return this.#program(graph, [logits.name, value.name, gradient.name]);
  }

  async #program(graph: Graph, names: readonly string[]): Promise<Compiled> {
    const outputs = names.map((name) => graph.outputs.find((value) => value.name === name)!);
    return { ...(await compile({ ...graph, outputs }, this.#programs.settings)), names };
  }

  /** What each sample has of its own: labels, rows that objectives read, other inputs of the model. */
  #shared({ name }: Value, samples: readonly number[], { goals, labels, others }: Context): Tensor {
    if (name === goalName) return idsOf(goals, samples);
    if (name === labelName) return idsOf(labels, samples);
    return pickRows(others.get(name)!, Uint32Array.from(samples));
  }

  /** The outputs of that name over all rows, run by run. */
  async #run(
    program: Compiled,
    { points, samples }: Asked,
    context: Context,
    names: readonly string[],
    cotangents?: Float32Array,
  ): Promise<Float32Array[]> {
    const made: Float32Array[][] = [];
    for (const run of runsOf(samples.length, this.#batch, this.#front.batch)) {
      const picked = itemsFor(run, samples);
      const feed = (input: Value): Tensor => {
        const { name } = input;
        if (name === this.#front.example.name)
          return float32([run.size, ...this.#shape], rowsFor(run, points, this.#size));
        if (name === seedName) return float32([run.size, this.classes], rowsFor(run, cotangents!, this.classes));
        return this.#shared(input, picked, context);
      };
      const results = await program.run(new Map(program.inputs.map((input) => [input, feed(input)])));
      const byName = new Map([...results].map(([value, array]) => [value.name, floatsOf(array)]));
      made.push(
        names.map((name) => {
          const values = byName.get(name)!;
          return values.subarray(0, (values.length / run.size) * (run.to - run.from));
        }),
      );
    }
    return names.map((_, i) => concatenated(made.map((each) => each[i]!)));
  }
}

/** int64, as pairs of 32 bits: big integers one by one would take as long as a small network does. */
function idsOf(labels: Int32Array, samples: readonly number[]): Tensor {
  const halves = new Int32Array(2 * samples.length);
  samples.forEach((sample, i) => {
    halves[2 * i] = labels[sample]!;
    halves[2 * i + 1] = labels[sample]! >> 31;
  });
  return tensor('int64', [samples.length], new BigInt64Array(halves.buffer));
}

type Compiled = Program & { readonly names?: readonly string[] };
