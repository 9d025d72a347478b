/** nameScores: a classifier that says `logits` and `probabilities` by name. */
import { UserError } from '../../errors.js';
import { makerOf, type ScoreKind, scoreKind } from '../../evaluate/class-scores.js';
import { logitsOf } from '../../evaluate/index.js';
import type { Graph, TensorType, Value } from '../../ir/types.js';
import { type Builder, builderFor, namesIn } from '../../ops/builder.js';
import { substitute } from '../../rewrite/substitute.js';

/**
 * `graph` with the outputs `logits` and `probabilities` behind those it has, where it lacks them. Probabilities are [batch, classes]
 * and sum to one; of a single logit they are those of two classes.
 * @throws UserError when the scores are of another number of classes; (exit 3) when no output holds scores.
 */
export function nameScores(graph: Graph, classes: number): Graph {
  const has = (name: string): boolean => graph.outputs.some((value) => value.name === name);
  const scores = has('probabilities') && !has('logits') ? named(graph, 'probabilities') : logitsOf(graph, 2);
  checkWidth(scores, classes);
  const kind = scoreKind(graph, scores);
  const g = builderFor(graph, 'scores');
  const [batch = null, width = null] = scores.type?.shape ?? [];
  const dtype = scores.type?.dtype ?? 'float32';
  const made = new Map<Value, Value>();
  const add = (name: string, value: Value, shape: TensorType['shape']): void => {
    const type: TensorType = { dtype, ...(shape && { shape }) };
    // a value inside that has the name already becomes the output itself
    if (value.name === name) made.set(value, { name, type });
    else made.set(isOf(g, value) ? value : g.op('Identity', [value]), { name: freeName(graph, name), type });
  };
  if (!has('logits')) add('logits', behind(g, graph, scores, kind), [batch, width]);
  if (!has('probabilities')) add('probabilities', probabilitiesOf(g, scores, kind, classes), [batch, classes]);
  const whole = g.appendTo(graph, [...made.keys()]);
  return substitute(whole, (value) => made.get(value) ?? value);
}

const isOf = (g: Builder, value: Value): boolean => g.nodes.some(({ outputs }) => outputs.includes(value));

const named = (graph: Graph, name: string): Value => graph.outputs.find((value) => value.name === name)!;

/** What the scores were before a Softmax or Sigmoid made probabilities of them, laid out as they are. */
function behind(g: Builder, graph: Graph, scores: Value, kind: ScoreKind): Value {
  const maker = makerOf(graph, scores);
  if (kind === 'logits' || !maker) return scores;
  const logits = maker.inputs[0] as Value;
  return maker.outputs[0] === scores ? logits : g.op('Reshape', [logits, g.op('Shape', [scores])]);
}

function probabilitiesOf(g: Builder, scores: Value, kind: ScoreKind, classes: number): Value {
  if (scores.type?.shape?.[1] === 1) {
    const second = kind === 'logits' ? g.op('Sigmoid', [scores]) : scores;
    const first = kind === 'logits' ? g.op('Sigmoid', [g.op('Neg', [scores])]) : g.sub(g.scalar(1), scores);
    return g.concat([first, second], 1);
  }
  if (kind === 'logits') return g.op('Softmax', [scores], { axis: 1 });
  if (kind === 'probabilities') return scores;
  // classes that were told apart one by one
  const sum = g.mul(g.reduce('ReduceMean', scores, [1], true), g.scalar(classes));
  return g.op('Div', [scores, sum]);
}

function freeName(graph: Graph, wanted: string): string {
  const taken = new Set(namesIn(graph));
  let name = wanted;
  while (taken.has(name)) name = `scalpel/${name}`;
  return name;
}

function checkWidth({ name, type }: Value, classes: number): void {
  const width = type?.shape?.[1];
  if (typeof width !== 'number' || width === classes || (width === 1 && classes === 2)) return;
  throw new UserError(
    'classes',
    `expected ${width === 1 ? 2 : width} names, one a class of '${name}', got ${classes}; name each class once`,
  );
}
