/** From a request to the graph that `scalpel grad` writes and `scalpel gradcheck` judges. */
import { type GradientGraph, gradientGraph } from '../../autodiff/gradient-graph.js';
import { losses } from '../../autodiff/losses.js';
import { type Prepared, prepare } from '../../autodiff/prepare.js';
import { weightsOf } from '../../autodiff/weights.js';
import { UserError } from '../../errors.js';
import { logitsOf } from '../../evaluate/logits.js';
import { feeds, valuesByName } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { inlineIf } from '../../onnx/inline-if.js';
import { hoist } from '../../rewrite/hoist.js';
import { lift } from '../../rewrite/lift.js';
import { isFloat } from '../../tensor/dtype.js';
import { switches } from '../working-copy.js';
import type { Differentiation } from './request.js';

export interface Differentiated extends GradientGraph {
  /** The name of what was differentiated, or of what the loss is of. */
  readonly of: string;
  readonly prepared: Prepared;
  /** The model with decided branches inlined; all its weights are its own, none are those of bodies. */
  readonly model: Graph;
  /** The same loss and gradients of another working copy with the same names. */
  again(prepared: Prepared): Promise<GradientGraph>;
}

/**
 * The graph of loss and gradients of a model as it was loaded. Weights that no gradient reaches are left out, unless they
 * were asked for by name.
 * @throws UserError for names that the model does not have, (exit 3) for ops without a gradient rule.
 */
export async function differentiate(model: Graph, request: Differentiation): Promise<Differentiated> {
  const graph = hoist(inlineIf(model, switches(model)));
  const of = ofWhat(graph, request);
  const groups = groupsOf(graph, request.wrt);
  const prepared = await prepare(graph);
  const made = await gradientGraph(prepared, { ...plain(request), of, wrt: groups.names });
  const idle = new Set(made.unreached.filter((name) => groups.optional.has(name)));
  const names = groups.names.filter((name) => !idle.has(name));
  if (names.length === 0) {
    throw new UserError('grad', `expected weights that '${of}' depends on, found none; name values with --wrt`);
  }
  const known = valuesByName(graph);
  const weights = names.flatMap((name) => {
    const value = known.get(name);
    return value && (graph.initializers.has(value) || isConstant(graph, value)) ? [value] : [];
  });
  const again = (copy: Prepared): Promise<GradientGraph> => gradientGraph(copy, { ...plain(request), of, wrt: names });
  const isLifted = request.weightsAsInputs && weights.length > 0;
  if (!isLifted && idle.size === 0) return { ...made, of, prepared, model: graph, again };
  const open = isLifted ? await prepare(lift(graph, weights)) : prepared;
  return { ...(await again(open)), of, prepared: open, model: graph, again };
}

const plain = ({ loss, ignore, confidence, sum }: Differentiation) => ({
  ...(loss && { loss: losses[loss] }),
  lossOptions: { ...(ignore !== undefined && { ignore }), ...(confidence !== undefined && { confidence }) },
  sum,
});

/** Named, or else what holds the predictions. */
function ofWhat(graph: Graph, { of }: Differentiation): string {
  if (of === undefined) return logitsOf(graph, 2).name;
  checkName(graph, of, '--of');
  return of;
}

/** The names asked for, and those among them that only stand for a group: they are dropped where nothing flows. */
function groupsOf(graph: Graph, wrt: readonly string[]): { names: readonly string[]; optional: ReadonlySet<string> } {
  const inputs = feeds(graph).filter(({ type }) => type && isFloat(type.dtype));
  const members: Readonly<Record<string, () => readonly Value[]>> = {
    inputs: () => inputs,
    weights: () => weightsOf(graph),
    all: () => [...inputs, ...weightsOf(graph)],
  };
  const names = new Set<string>();
  const optional = new Set<string>();
  for (const word of wrt) {
    const group = Object.hasOwn(members, word) ? members[word] : undefined;
    if (!group) {
      checkName(graph, word, '--wrt');
      names.add(word);
      continue;
    }
    if (word === 'inputs' && inputs.length === 0)
      throw new UserError('grad', '--wrt inputs expected a float input, the model has none; take weights');
    for (const { name } of group()) {
      names.add(name);
      if (!wrt.includes(name)) optional.add(name);
    }
  }
  for (const { name } of inputs) optional.delete(name);
  return { names: [...names], optional };
}

function checkName(graph: Graph, name: string, option: string): void {
  if (valuesByName(graph).has(name)) return;
  const offer = [...feeds(graph), ...graph.outputs].map((value) => value.name).join(', ');
  throw new UserError(
    'grad',
    `${option} expected a value of the model, got '${name}'; inputs and outputs are ${offer}`,
  );
}

const isConstant = (graph: Graph, value: Value): boolean =>
  graph.nodes.some((node) => node.op === 'Constant' && node.outputs[0] === value);
