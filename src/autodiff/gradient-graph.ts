/** gradientGraph: a graph that computes a loss, or any value, with named outputs for its gradients. */
import { UserError } from '../errors.js';
import { valuesByName } from '../ir/graph.js';
import { printType } from '../ir/print.js';
import type { Dimension, Graph, TensorType, Value } from '../ir/types.js';
import { builderFor, namesIn } from '../ops/builder.js';
import { simplify } from '../rewrite/simplify.js';
import { substitute } from '../rewrite/substitute.js';
import { checkGradient } from './check.js';
import { foldConvolutions } from './fold-convolutions.js';
import { foldGelu } from './fold-gelu.js';
import { type Gradient, grad } from './grad.js';
import type { Loss, LossOptions } from './losses.js';
import { type Prepared, typesOf } from './prepare.js';
import { seriesLayout } from './series-layout.js';

export interface GradientRequest {
  /** The value that is differentiated, or that the loss is of. */
  readonly of: string;
  readonly loss?: Loss;
  readonly lossOptions?: LossOptions;
  /** Names of inputs, initializers, constants or inner values. */
  readonly wrt: readonly string[];
  /** Without a loss: the gradient of the sum over all elements, instead of one weighted by an input `seed/NAME`. */
  readonly sum?: boolean;
  /** Whether convolutions over series are taken by tiles: half of the time, five to twenty times the rounding errors. Default false. */
  readonly tiles?: boolean;
  /** Whether the runtime is asked for the type of every cotangent, to name the rule that is wrong. Default false. */
  readonly check?: boolean;
}

export interface GradientGraph {
  /** Outputs: the loss or sum, those of the model, then one gradient each. */
  readonly graph: Graph;
  /** What is differentiated, where it is one number. */
  readonly loss?: Value;
  /** The input for the target of a loss. */
  readonly target?: Value;
  /** The input for the cotangent of a value that is no scalar. */
  readonly seed?: Value;
  /** The gradients by the name of what they belong to, in the order asked for. */
  readonly gradients: ReadonlyMap<string, Value>;
  /** Names among `wrt` that no gradient reaches: theirs are zeros. */
  readonly unreached: readonly string[];
  /** What is named otherwise than usual, because the model has that name. */
  readonly notes: readonly string[];
}

/**
 * Appends a loss and its gradients to a prepared graph. Outputs are `loss`, the model's, and `grad/NAME`; inputs are the
 * model's and `target` or `seed/NAME`. A name that the model has gets the prefix `scalpel/`.
 * @throws UserError for unknown names and values that are no float tensors, (exit 3) for ops without a gradient rule.
 */
export async function gradientGraph(prepared: Prepared, request: GradientRequest): Promise<GradientGraph> {
  const named = valuesByName(prepared.graph);
  const names = new FreeNames(namesIn(prepared.graph));
  const of = find(named, request.of);
  const wanted = new Map(request.wrt.map((name) => [name, names.free(`grad/${name}`)]));
  const wrt = [...wanted.keys()].map((name) => find(named, name));
  const head = await headOf(await folded(prepared, new Set([of, ...wrt]), request), of, request, names);
  const gradient = grad(head.graph, head.of, wrt, {
    types: head.types,
    reserved: [...wanted.values()],
    ...(head.seed && { seed: head.seed }),
  });
  if (request.check) await checkGradient(gradient);
  const reached = new Set(gradient.flows.map(({ input }) => input));
  const outputs = wrt.map((value) => ({ name: wanted.get(value.name)!, type: head.types.get(value)!, value }));
  const { graph, made } = nameOutputs(gradient, outputs);
  const results = [...new Set([...(head.loss ? [head.loss] : []), ...tensorsOf(prepared), of])];
  const typed = new Map(
    results.map((value) => [value, value.type ? value : { ...value, type: head.types.get(value)! }]),
  );
  const whole = substitute({ ...graph, outputs: [...results, ...made] }, (value) => typed.get(value) ?? value);
  return {
    graph: simplify(whole),
    ...(head.loss && { loss: typed.get(head.loss)! }),
    ...(head.target && { target: head.target }),
    ...(head.seed && { seed: head.seed }),
    gradients: new Map(wrt.map((value, i) => [value.name, made[i]!])),
    unreached: wrt.filter((value) => value !== head.of && !reached.has(value)).map(({ name }) => name),
    notes: names.notes,
  };
}

/** The copy in nodes whose gradients are faster; where a loss follows, all types are inferred with it. */
async function folded(
  { graph, types }: Prepared,
  keep: ReadonlySet<Value>,
  { loss, tiles }: GradientRequest,
): Promise<Prepared> {
  const pictured = seriesLayout({ graph: foldGelu(graph, types, keep), types }, keep, tiles);
  const faster = foldConvolutions(pictured.graph, pictured.types, keep);
  return { graph: faster, types: loss || faster === graph ? types : await typesOf(faster) };
}

/** What is differentiated, in a graph that holds it. */
interface Head extends Prepared {
  readonly of: Value;
  readonly loss?: Value;
  readonly target?: Value;
  readonly seed?: Value;
}

async function headOf(prepared: Prepared, of: Value, request: GradientRequest, names: FreeNames): Promise<Head> {
  const { graph, types } = prepared;
  const type = typeOf(of, types);
  if (request.loss) return withLoss(prepared, of, type, request.loss, request.lossOptions ?? {}, names);
  if (!request.sum && type.shape.length > 0) {
    const seed: Value = { name: names.free(`seed/${of.name}`), type };
    return { graph: { ...graph, inputs: [...graph.inputs, seed] }, types, of, seed };
  }
  const g = builderFor(graph);
  const total = g.op('ReduceSum', [of], { keepdims: 0 });
  const scalar: TensorType = { dtype: type.dtype, shape: [] };
  const { graph: whole, value } = renamed(g.appendTo(graph), total, { name: names.free('loss'), type: scalar });
  return { graph: whole, types: new Map([...types, [value, scalar]]), of: value, loss: value };
}

async function withLoss(
  { graph }: Prepared,
  of: Value,
  type: Ranked,
  loss: Loss,
  options: LossOptions,
  names: FreeNames,
): Promise<Head> {
  const g = builderFor(graph);
  if (loss.target !== 'array' && type.shape.length === 0) {
    throw new UserError(`loss '${loss.name}'`, `expected scores with a class axis, got the scalar '${of.name}'`);
  }
  const wanted: TensorType = loss.target === 'classes' ? { dtype: 'int64', shape: type.shape.slice(0, -1) } : type;
  const target = loss.target === 'none' ? undefined : { name: names.free('target'), type: wanted };
  const emitted = loss.emit(g, of, type, target ?? of, options);
  const open = target ? { ...graph, inputs: [...graph.inputs, target] } : graph;
  const scalar: TensorType = { dtype: type.dtype, shape: [] };
  const { graph: whole, value } = renamed(g.appendTo(open), emitted, { name: names.free('loss'), type: scalar });
  return { graph: whole, types: await typesOf(whole), of: value, loss: value, ...(target && { target }) };
}

/** `graph` with an emitted value under another name. */
function renamed(graph: Graph, emitted: Value, value: Value): { graph: Graph; value: Value } {
  return { graph: substitute(graph, (each) => (each === emitted ? value : each)), value };
}

/** Gradients under their names: what the gradient's nodes made is renamed, what else stands for one is copied. */
function nameOutputs(
  { graph, gradients }: Gradient,
  outputs: readonly { name: string; type: TensorType; value: Value }[],
) {
  const emitted = new Set(graph.nodes.flatMap((node) => node.outputs));
  const kept = new Set<Value | null>(graph.outputs);
  const renamed = new Map<Value, Value>();
  const copies: Graph['nodes'][number][] = [];
  const made = outputs.map(({ name, type, value }) => {
    const from = gradients.get(value)!;
    const output: Value = { name, type };
    if (emitted.has(from) && !kept.has(from) && !renamed.has(from) && !from.type) renamed.set(from, output);
    else copies.push({ name, op: 'Identity', domain: '', inputs: [from], outputs: [output], attrs: {} });
    return output;
  });
  const whole = { ...graph, nodes: [...graph.nodes, ...copies] };
  return { graph: substitute(whole, (value) => renamed.get(value) ?? value), made };
}

/** Names that the model leaves free; what had to give way is noted. */
class FreeNames {
  readonly notes: string[] = [];
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  free(wanted: string): string {
    let name = wanted;
    while (this.#taken.has(name)) name = `scalpel/${name}`;
    this.#taken.add(name);
    if (name !== wanted) this.notes.push(`the model has a '${wanted}' of its own; ours is '${name}'`);
    return name;
  }
}

function find(named: ReadonlyMap<string, Value>, name: string): Value {
  const value = named.get(name);
  if (!value) throw new UserError('grad', `expected a value of the graph, got '${name}'; see scalpel inspect`);
  return value;
}

interface Ranked extends TensorType {
  readonly shape: readonly Dimension[];
}

/** Sizes as inferred; where they are not, as declared. */
function typeOf(value: Value, types: ReadonlyMap<Value, TensorType>): Ranked {
  const inferred = types.get(value) ?? value.type;
  if (!inferred?.shape) {
    const got = inferred ? printType(inferred) : 'no tensor';
    throw new UserError('grad', `expected '${value.name}' to be a tensor of known rank, got ${got}`);
  }
  const declared = value.type?.shape;
  const shape = inferred.shape.map((size, i) => size ?? declared?.[i] ?? null);
  return { ...inferred, shape };
}

/** Outputs that any runtime can hand over. */
const tensorsOf = ({ graph, types }: Prepared): Value[] => graph.outputs.filter((value) => types.has(value));
