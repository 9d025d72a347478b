/** A stepper: a compiled loop of steps, as many a call as take about a second. */
import { loop } from '../autodiff/loop.js';
import { UserError } from '../errors.js';
import { heed } from '../heed.js';
import type { Schedule } from '../optim/index.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import { sizeOf } from '../tensor/dtype.js';
import { dataOf, float32, type Tensor } from '../tensor/tensor.js';
import { type Batches, stack } from './batches.js';
import { carriedValues, type FitProblem } from './problem.js';
import { type StepGraph, type StepOptions, stepGraph } from './step.js';

export interface StepperOptions extends StepOptions {
  /** The highest learning rate, above 0. */
  readonly rate: number;
  /** Default: constant. */
  readonly schedule?: Schedule;
}

/** Everything that steps carry on, by name of the weight. */
export interface FitState {
  /** Steps taken. */
  readonly step: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** What the optimiser remembers. */
  readonly slots: ReadonlyMap<string, readonly Tensor[]>;
  /** What is carried and not trained. */
  readonly carried?: ReadonlyMap<string, Tensor>;
}

/** What some steps came to. */
export interface Stepped {
  readonly state: FitState;
  /** Of each step. */
  readonly losses: readonly number[];
  /** For each watched value of the problem, its number at each step. */
  readonly watched: readonly (readonly number[])[];
}

/** A call can only be interrupted when it ends. */
const millisecondsPerCall = 1000;
const bytesPerCall = 2 ** 28;

export class Stepper {
  readonly #program: Program;
  readonly #step: StepGraph;
  readonly #problem: FitProblem;
  readonly #options: StepperOptions;
  readonly #masks: ReadonlyMap<string, Tensor>;
  /** Of stacked batches. */
  readonly #room = new Map<string, Uint8Array>();
  /** Measured on the last call. */
  #millisecondsPerStep: number | undefined;

  private constructor(program: Program, step: StepGraph, problem: FitProblem, options: StepperOptions) {
    this.#program = program;
    this.#step = step;
    this.#problem = problem;
    this.#options = options;
    this.#masks = new Map([...(problem.masks ?? [])].map(([{ name }, mask]) => [name, mask]));
  }

  static async open(problem: FitProblem, options: StepperOptions & CompileOptions): Promise<Stepper> {
    const step = await stepGraph(problem, options);
    const passages = [...[...step.state.values()].flat(), ...step.carried.values()];
    const state = new Map(passages.map(({ before, after }) => [before, after]));
    const sliced = [...step.batch, step.rate, step.count];
    return new Stepper(await compile(loop(step.graph, 'steps', { state, sliced }), options), step, problem, options);
  }

  start(): FitState {
    const { graph, weights } = this.#problem;
    const stored = weights.map((value): [string, Tensor] => {
      const t = graph.initializers.get(value) as Tensor;
      return [value.name, float32(t.shape, floatsOf(t))];
    });
    const own = this.masked(new Map(stored));
    const slots = stored.map(([name, { shape }]): [string, Tensor[]] => [
      name,
      this.#options.optimiser.slots.map(() => float32(shape, new Float32Array(sizeOf(shape)))),
    ]);
    const { averages } = this.#problem.carried ?? {};
    const carried = carriedValues(this.#problem.carried).map((value): [string, Tensor] => {
      const held = graph.initializers.get(value) as Tensor;
      // an average would approach zero where its weight is zero, and never be it
      return [value.name, this.#maskedBy(averages?.get(value)?.of.name ?? '', held)];
    });
    return { step: 0, weights: own, slots: new Map(slots), carried: new Map(carried) };
  }

  /** `weights` with +0 to the bit wherever a mask is 0. */
  masked(weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
    return new Map([...weights].map(([name, weight]) => [name, this.#maskedBy(name, weight)]));
  }

  #maskedBy(name: string, weight: Tensor): Tensor {
    const mask = this.#masks.get(name);
    if (!mask) return weight;
    const kept = floatsOf(mask);
    return float32(
      weight.shape,
      floatsOf(weight).map((value, i) => (kept[i] === 0 ? 0 : value)),
    );
  }

  /**
   * Some steps on the first of the batches in `order`, as many as one call should take.
   * @param steps in all, for the schedule.
   * @throws UserError when a loss is not a number any more and stays so: weights have run away.
   */
  async run(state: FitState, order: Uint32Array, steps: number, signal?: AbortSignal): Promise<Stepped> {
    const { accumulate = 1 } = this.#options;
    const count = this.#stepsPerCall(Math.floor(order.length / accumulate));
    const begin = performance.now();
    const fed = this.#feeds(state, order.subarray(0, count * accumulate), count, steps);
    // to lay out the batches of many small steps takes as long as to run them
    await heed(signal);
    const outputs = await this.#program.run(
      new Map(this.#program.inputs.map((value) => [value, fed.get(value.name) as Tensor])),
    );
    this.#millisecondsPerStep = (performance.now() - begin) / count;
    // the loop gives back the state in its own order, and then what it tells of each step
    const results = this.#program.outputs.map((value) => outputs.get(value) as Tensor);
    const next = [...this.#step.state].map(([name, pairs]) => [name, results.splice(0, pairs.length)] as const);
    const carried = [...this.#step.carried.keys()].map((name): [string, Tensor] => [name, results.shift() as Tensor]);
    const [losses, ...watched] = results.map((t) => Array.from(dataOf(t), Number));
    return {
      state: {
        step: state.step + count,
        weights: new Map(next.map(([name, [weight]]) => [name, weight as Tensor])),
        slots: new Map(next.map(([name, [, ...slots]]) => [name, slots])),
        carried: new Map(carried),
      },
      losses: losses as number[],
      watched,
    };
  }

  #stepsPerCall(left: number): number {
    const byTime = this.#millisecondsPerStep === undefined ? 1 : millisecondsPerCall / this.#millisecondsPerStep;
    const { accumulate = 1 } = this.#options;
    const bytes = [...batchAt(this.#problem.batches, 0).values()].reduce((sum, t) => sum + t.payload.byteLength, 0);
    return Math.max(1, Math.min(left, Math.floor(byTime), Math.floor(bytesPerCall / (bytes * accumulate + 1))));
  }

  #feeds(state: FitState, order: Uint32Array, count: number, steps: number): Map<string, Tensor> {
    const { rate, schedule = () => 1, accumulate = 1 } = this.#options;
    const { batches } = this.#problem;
    const stacked = stack(
      Array.from(order, (index) => batchAt(batches, index)),
      this.#room,
    );
    const numbers = Float32Array.from({ length: count }, (_, i) => state.step + i);
    const slots = [...this.#step.state].flatMap(([name, [, ...pairs]]) =>
      pairs.map(({ before }, i): [string, Tensor] => [before.name, state.slots.get(name)![i]!]),
    );
    const masks = [...this.#step.masks].map(([name, { name: input }]): [string, Tensor] => [
      input,
      this.#masks.get(name)!,
    ]);
    return new Map([
      ...[...stacked].map(([name, t]): [string, Tensor] => [
        name,
        accumulate === 1 ? t : { ...t, shape: [count, accumulate, ...t.shape.slice(1)] },
      ]),
      ...state.weights,
      ...(state.carried ?? []),
      ...slots,
      ...masks,
      [
        this.#step.rate.name,
        float32(
          [count],
          numbers.map((step) => rate * schedule(step, steps)),
        ),
      ],
      [
        this.#step.count.name,
        float32(
          [count],
          numbers.map((step) => step + 1),
        ),
      ],
    ]);
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}

function batchAt(batches: Batches, index: number): ReadonlyMap<string, Tensor> {
  const batch = batches.at(index);
  if (batch.size === 0) throw new UserError('fit', 'expected inputs in every batch, got none; give each an input');
  return batch;
}
