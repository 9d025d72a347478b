/** Scope: what an algorithm writes its loss with: the step under construction, its networks, and all that may be asked for. */

import { grad } from '../../autodiff/grad.js';
import { typesOf } from '../../autodiff/prepare.js';
import type { Average } from '../../fit/problem.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { Builder } from '../../ops/builder.js';
import { stop } from '../../ops/stop.js';
import { call } from '../../rewrite/call.js';
import { sizeOf } from '../../tensor/dtype.js';
import type { Random } from '../../tensor/random.js';
import { float32, type Tensor } from '../../tensor/tensor.js';
import type { View } from '../views/index.js';
import { type NetForm, netForms } from './net-form.js';
import type { TrainingForm } from './training-form.js';

/** A batch as a network takes it. */
export interface Fed {
  /** float32 [size, channels, length]. */
  readonly x: Value;
  /** float32 [size, length], where lengths differ. */
  readonly mask?: Value;
  readonly size: number;
}

/** What a network in training mode says of a batch. */
export interface Said {
  /** [size, classes]. */
  readonly logits: Value;
  /** [size, width], what the last layer reads; absent where the network has no such layer. */
  readonly features?: Value;
  /** By running statistic, what this batch makes of it. */
  readonly statistics: ReadonlyMap<Value, Value>;
}

export type Net = (fed: Fed) => Promise<Said>;

/** Numbers that a step is fed: a function of the step, so that steps can be done again. */
export type Draw = (random: Random, step: number, steps: number) => Float32Array;

export type Part = 'labelled' | 'unlabelled';

/** One input of the step. */
export type Source =
  | { readonly kind: 'view'; readonly part: Part; readonly view: View; readonly copy: number }
  | { readonly kind: 'mask'; readonly part: Part }
  | { readonly kind: 'classes'; readonly part: Part }
  | { readonly kind: 'draw'; readonly name: string; readonly shape: readonly number[]; readonly draw: Draw };

export interface Sizes {
  readonly labelled: number;
  readonly unlabelled: number;
  readonly channels: number;
  readonly length: number;
  readonly classes: number;
}

export class Scope {
  readonly g: Builder;
  readonly sizes: Sizes;
  /** What the step is fed, by input. */
  readonly sources = new Map<Value, Source>();
  readonly watched = new Map<string, Value>();
  readonly averages = new Map<Value, Average>();
  /** Weights that are trained and thrown away afterwards. */
  readonly parameters: Value[] = [];
  /** [classes], what each row of a class counts for; absent: all the same. */
  readonly classWeights: Value | undefined;
  readonly #form: TrainingForm;
  readonly #net: (size: number) => Promise<NetForm>;
  readonly #inputs = new Map<string, Value>();
  #statistics: ReadonlyMap<Value, Value> | undefined;

  constructor(form: TrainingForm, sizes: Sizes, classWeights?: Float32Array) {
    this.#form = form;
    this.sizes = sizes;
    const { initializers } = form.graph;
    this.g = new Builder(
      [...initializers.keys()].map(({ name }) => name),
      'train',
    );
    // called nets find their weights by the tensors that are there already
    for (const [value, t] of initializers) this.g.initializers.set(value, t);
    this.#net = netForms(form);
    this.classWeights = classWeights && this.g.floats(classWeights);
  }

  /** The network that is trained. The statistics of its first pass are followed, unless `follow` says otherwise. */
  readonly student: Net = async (fed) => {
    const said = await this.#call(await this.#net(fed.size), fed);
    this.#statistics ??= said.statistics;
    return said;
  };

  /** The average of the student over steps, in training mode. @param decay by step. */
  teacher(decay: (step: number, steps: number) => number): Net {
    const rate = this.factor('teacher/decay', decay);
    const { weights } = this.#form;
    const twins = new Map(weights.map((of) => [of, this.#twin(of)]));
    for (const [of, twin] of twins) this.averages.set(twin, { of, decay: rate });
    return async (fed) => {
      const form = await this.#net(fed.size);
      return this.#call({ ...form, graph: withTwins(form.graph, twins, this.g.initializers) }, fed);
    };
  }

  /** The network for batches of that size, to be called in a form of the algorithm's own: weights are those of the student. */
  formFor(size: number): Promise<NetForm> {
    return this.#net(size);
  }

  /** What each Dropout of `form` multiplies by in one pass, drawn anew at each step: its last arguments. */
  dropouts(form: NetForm): Value[] {
    return form.dropouts.map(({ name, shape, ratio }) => {
      const pass = `${name}/${this.sources.size}`;
      return this.draw(`dropout/${pass}`, shape, (random) =>
        random.uniforms(sizeOf(shape)).map((u) => (u < ratio ? 0 : 1 / (1 - ratio))),
      );
    });
  }

  /** @param outputs of a call of `formFor`'s graph. */
  statisticsOf(outputs: readonly Value[]): ReadonlyMap<Value, Value> {
    return new Map([...this.#form.statistics.keys()].map((value, i) => [value, outputs[i + 1]!]));
  }

  /** A weight that is trained along and not saved. */
  parameter(name: string, shape: readonly number[], values: Float32Array): Value {
    const value = this.g.constant(float32(shape, values), name);
    this.parameters.push(value);
    return value;
  }

  /** A view of this step's labelled batch; those of another copy are drawn anew. */
  labelled(view: View, copy = 0): Fed {
    return this.#fed('labelled', view, copy);
  }

  unlabelled(view: View, copy = 0): Fed {
    return this.#fed('unlabelled', view, copy);
  }

  /** One-hot classes [size, classes] of the labelled batch. */
  get labels(): Value {
    return this.#classes('labelled');
  }

  /** Those of the unlabelled batch, zeros where nobody knows: for diagnostics alone. */
  get truth(): Value {
    return this.#classes('unlabelled');
  }

  /** Numbers of a shape, drawn anew at each step. */
  draw(name: string, shape: readonly number[], draw: Draw): Value {
    return this.#input(name, shape, { kind: 'draw', name, shape, draw });
  }

  /** A number that changes with steps, such as a ramp. */
  factor(name: string, of: (step: number, steps: number) => number): Value {
    return this.draw(name, [], (_, step, steps) => Float32Array.of(of(step, steps)));
  }

  /** The gradient of the sum of `of` with respect to a value before it, in this very step. Nothing flows back through it. */
  async gradient(of: Value, wrt: Value): Promise<Value> {
    const graph = this.graph([of]);
    const { graph: whole, gradients } = grad(graph, of, [wrt], { types: await typesOf(graph) });
    const { nodes, initializers } = this.g;
    nodes.push(...whole.nodes.slice(nodes.length));
    for (const [value, t] of whole.initializers) initializers.set(value, t);
    return stop(this.g, gradients.get(wrt)!);
  }

  /** Tells a scalar of each step. */
  watch(name: string, value: Value): void {
    this.watched.set(name, value);
  }

  /** Says which pass running statistics follow. */
  follow({ statistics }: Pick<Said, 'statistics'>): void {
    this.#statistics = statistics;
  }

  /** What running statistics become. */
  get statistics(): ReadonlyMap<Value, Value> {
    return this.#statistics ?? new Map();
  }

  /** The step so far. */
  graph(outputs: readonly Value[]): Graph {
    return this.g.appendTo({
      name: 'train',
      inputs: [...this.#inputs.values()],
      outputs,
      nodes: [],
      initializers: new Map(),
      opsets: this.#form.graph.opsets,
      functions: [],
    });
  }

  #fed(part: Part, view: View, copy: number): Fed {
    const { channels, length, [part]: size } = this.sizes;
    const x = this.#input(`${part}/${view.name}/${copy}`, [size, channels, length], { kind: 'view', part, view, copy });
    const mask = this.#form.mask && this.#input(`${part}/mask`, [size, length], { kind: 'mask', part });
    return { x, size, ...(mask && { mask }) };
  }

  #classes(part: Part): Value {
    return this.#input(`${part}/classes`, [this.sizes[part], this.sizes.classes], { kind: 'classes', part });
  }

  #input(name: string, shape: readonly number[], source: Source): Value {
    const held = this.#inputs.get(name);
    if (held) return held;
    const type: TensorType = { dtype: 'float32', shape };
    const value = this.g.value(`fed/${name}`, type);
    this.#inputs.set(name, value);
    this.sources.set(value, source);
    return value;
  }

  async #call(form: NetForm, { x, mask }: Fed): Promise<Said> {
    const [logits, ...others] = call(this.g, form.graph, [x, ...(mask ? [mask] : []), ...this.dropouts(form)]);
    const features = others[this.#form.statistics.size];
    return {
      logits: logits!,
      statistics: this.statisticsOf([logits!, ...others]),
      ...(features && { features }),
    };
  }

  /** A weight of the teacher: begins as the student's. */
  #twin(of: Value): Value {
    const { dtype, shape, payload } = this.g.initializers.get(of) as Tensor;
    return this.g.constant({ dtype, shape, payload }, `teacher/${of.name}`);
  }
}

const withTwins = (graph: Graph, twins: ReadonlyMap<Value, Value>, held: ReadonlyMap<Value, Tensor>): Graph => ({
  ...graph,
  initializers: new Map([...graph.initializers].map(([value, t]) => [value, held.get(twins.get(value)!) ?? t])),
});
