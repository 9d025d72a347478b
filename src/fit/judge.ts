/** A judge: the mean loss over batches, for weights that are fed. */
import type { Value } from '../ir/types.js';
import { lift } from '../rewrite/lift.js';
import { type CompileOptions, compile, type Program } from '../runtime/program.js';
import { dataOf, type Tensor } from '../tensor/tensor.js';
import type { Batches } from './batches.js';
import type { FitProblem } from './problem.js';

export class Judge {
  readonly #program: Program;
  readonly #loss: Value;
  readonly #batches: Batches;

  private constructor(program: Program, loss: Value, batches: Batches) {
    this.#program = program;
    this.#loss = loss;
    this.#batches = batches;
  }

  static async open(problem: FitProblem, batches: Batches, options: CompileOptions): Promise<Judge> {
    const { graph, loss, weights } = problem;
    return new Judge(await compile({ ...lift(graph, weights), outputs: [loss] }, options), loss, batches);
  }

  async loss(weights: ReadonlyMap<string, Tensor>, signal?: AbortSignal): Promise<number> {
    let sum = 0;
    for (let i = 0; i < this.#batches.count; i++) {
      signal?.throwIfAborted();
      const fed = new Map([...weights, ...this.#batches.at(i)]);
      const feeds = new Map(this.#program.inputs.map((value) => [value, fed.get(value.name) as Tensor]));
      sum += Number(dataOf((await this.#program.run(feeds)).get(this.#loss)!)[0]);
    }
    return sum / this.#batches.count;
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}
