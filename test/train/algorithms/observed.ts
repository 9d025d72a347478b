/** One step of an algorithm, with all that it is made of: what was fed, what networks said of it, and what became of that. */
import type { Value } from '../../../src/ir/types.js';
import { compile } from '../../../src/runtime/program.js';
import { settle } from '../../../src/settings/index.js';
import { floatsOf } from '../../../src/tensor/convert.js';
import type { Tensor } from '../../../src/tensor/tensor.js';
import { stepFeeds } from '../../../src/train/step/feeds.js';
import { type Fed, type Net, Scope } from '../../../src/train/step/scope.js';
import type { TrainingForm } from '../../../src/train/step/training-form.js';
import { type Small, sizesOf } from '../small.js';

/** Numbers of a value, in rows of its last axis. */
export type Rows = readonly (readonly number[])[];

export interface Pass {
  readonly by: 'student' | 'teacher';
  /** Each series as one row, channels after each other. */
  readonly x: Rows;
  readonly mask?: Rows;
  readonly logits: Rows;
  /** What the last layer reads. */
  readonly features: Rows;
}

export interface Observed {
  readonly terms: Readonly<Record<string, number>>;
  readonly told: Readonly<Record<string, number>>;
  /** In the order in which the algorithm asked. */
  readonly passes: readonly Pass[];
  /** What the step was fed, by the name that the algorithm gave it. */
  readonly fed: Readonly<Record<string, readonly number[]>>;
  /** Further values that were asked for. */
  readonly extra: Readonly<Record<string, Rows>>;
}

export interface Watch {
  readonly step: number;
  /** Changes what is fed, by name. */
  readonly changed?: (name: string, fed: Tensor) => Tensor;
  /** Asks for more, once the loss is emitted. */
  readonly extra?: (scope: Scope) => Readonly<Record<string, Value>>;
}

/** The algorithm's terms at a step, with the weights that the network starts with. */
export async function observed(
  own: Small & { form: TrainingForm },
  { step, changed = (_, fed) => fed, extra }: Watch,
): Promise<Observed> {
  const scope = new Scope(own.form, sizesOf(own), own.classWeights);
  const said: { by: Pass['by']; fed: Fed; logits: Value; features: Value }[] = [];
  const spied =
    (by: Pass['by'], net: Net): Net =>
    async (fed) => {
      const answer = await net(fed);
      said.push({ by, fed, logits: answer.logits, features: answer.features! });
      return answer;
    };
  const { student } = scope;
  const teacher = scope.teacher.bind(scope);
  Object.assign(scope, {
    student: spied('student', student),
    teacher: (...args: Parameters<typeof teacher>) => spied('teacher', teacher(...args)),
  });
  const terms = await own.algorithm.loss(scope, settle(own.algorithm, own.options), own.views);
  const more = extra?.(scope) ?? {};
  const asked = [
    ...Object.values(terms),
    ...scope.watched.values(),
    ...said.flatMap(({ fed: { x, mask }, logits, features }) => [x, ...(mask ? [mask] : []), logits, features]),
    ...Object.values(more),
  ];
  // what is fed as it is can be no output
  const ends = new Map([...new Set(asked)].map((value) => [value, scope.g.op('Identity', [value])]));
  const program = await compile(scope.graph([...ends.values()]), { threads: 1 });
  const batch = stepFeeds(scope.sources, own.data, sizesOf(own), own)(step);
  const feeds = new Map([...batch].map(([name, tensor]) => [name, changed(name.replace('train/fed/', ''), tensor)]));
  const outputs = await program.run(new Map(program.inputs.map((value) => [value, feeds.get(value.name)!])));
  await program.release();
  const numbers = (value: Value): number[] => [...floatsOf(outputs.get(ends.get(value)!)!)];
  const inRows = (value: Value, rows?: number): Rows => {
    const all = numbers(value);
    const width = rows ? all.length / rows : outputs.get(ends.get(value)!)!.shape.at(-1)!;
    return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
  };
  const scalars = (named: Iterable<readonly [string, Value]>) =>
    Object.fromEntries([...named].map(([name, value]) => [name, numbers(value)[0]!]));
  return {
    terms: scalars(Object.entries(terms)),
    told: scalars(scope.watched),
    passes: said.map(({ by, fed: { x, mask, size }, logits, features }) => ({
      by,
      x: inRows(x, size),
      logits: inRows(logits),
      features: inRows(features),
      ...(mask && { mask: inRows(mask) }),
    })),
    fed: Object.fromEntries(
      [...feeds].map(([name, tensor]) => [name.replace('train/fed/', ''), [...floatsOf(tensor)]]),
    ),
    extra: Object.fromEntries(Object.entries(more).map(([name, value]) => [name, inRows(value)])),
  };
}
