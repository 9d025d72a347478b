/** Network: a model made ready to be asked: which input moves, which value holds the logits, what its numbers are. */
import { UserError, unsupported } from '../errors.js';
import { makerOf } from '../evaluate/class-scores.js';
import { logitsOf } from '../evaluate/logits.js';
import { feeds, valuesByName } from '../ir/graph.js';
import type { Graph, Value } from '../ir/types.js';
import { builderFor } from '../ops/builder.js';
import { simplify } from '../rewrite/simplify.js';
import { annotate } from '../runtime/annotate.js';
import { type CompileOptions, withProgram } from '../runtime/program.js';
import { floatsOf } from '../tensor/convert.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Space, type SpaceWish, spaceOf } from './space.js';

export interface NetworkOptions {
  /** The input that is attacked; default: the only one of floats. */
  readonly input?: string | undefined;
  /** An inner value that is attacked in place of an input, such as the embeddings of tokens. */
  readonly at?: string | undefined;
  /** The value that holds the scores; default: the output called so, or the only one of that rank. */
  readonly scores?: string | undefined;
  readonly space?: SpaceWish | undefined;
  /** Whether the scores are one number to be taken as it is, and not the logit of a class. */
  readonly isRegressor?: boolean | undefined;
}

export interface Network {
  /** From `moving` and the other inputs to `logits`. */
  readonly graph: Graph;
  readonly moving: Value;
  /** Sizes of `moving` after the batch axis. */
  readonly sizes: readonly number[];
  readonly space: Space;
  /** Float32 [batch, classes]. */
  readonly logits: Value;
  /** Of a regressor 1: `logits` hold its number. */
  readonly classes: number;
  /** The value of the model that the scores are read from. */
  readonly scores: string;
  /** What the scores were, and what was done about it. */
  readonly notes: readonly string[];
  /** The clean value of `moving` for a batch of samples. */
  clean(samples: ReadonlyMap<Value, Tensor>): Promise<Float32Array>;
}

/**
 * @param graph a working copy in float32. @param sample some of the data as `graph` takes it: it says sizes and what the scores are.
 * @throws UserError when there is no such input, no scores, or a NaN among them.
 */
export async function openNetwork(
  graph: Graph,
  sample: ReadonlyMap<Value, Tensor>,
  options: NetworkOptions = {},
  compile: CompileOptions = {},
): Promise<Network> {
  const scores = options.scores === undefined ? guessScores(graph) : findValue(graph, options.scores, 'scores');
  const { isRegressor = false } = options;
  const behind: Scores = isRegressor ? { value: scores, kind: 'number' } : behindSoftmax(graph, scores);
  const moving = options.at === undefined ? inputOf(graph, options.input) : findValue(graph, options.at, '--at');
  const isInner = options.at !== undefined;
  const first = await look(graph, [behind.value, ...(isInner ? [moving] : [])], sample, compile);
  const clean = isInner ? first.get(moving)! : sampleOf(sample, moving);
  const sizes = clean.shape.slice(1);
  if (sizes.length === 0)
    throw new UserError('model', `expected '${moving.name}' to have samples along its first axis`);
  const isTokens = isInner && sizes.length === 2 && isLanguage(first.get(behind.value)!);
  const space = spaceOf(sizes, options.space ?? (isTokens ? 'tokens' : undefined));
  checkRows(behind.value, first.get(behind.value)!, clean.shape[0]!);
  const found = readable(graph, behind, first.get(behind.value)!);
  const open = isInner ? await openAt(found.graph, moving) : { graph: found.graph, moving };
  return {
    ...open,
    sizes,
    space,
    logits: found.logits,
    classes: found.classes,
    scores: scores.name,
    notes: found.notes,
    clean: async (samples) =>
      floatsOf(isInner ? (await look(graph, [moving], samples, compile)).get(moving)! : sampleOf(samples, moving)),
  };
}

/** Values of a batch of samples. */
const look = (
  graph: Graph,
  outputs: readonly Value[],
  samples: ReadonlyMap<Value, Tensor>,
  options: CompileOptions,
): Promise<ReadonlyMap<Value, Tensor>> => {
  const byName = new Map([...samples].map(([{ name }, array]) => [name, array]));
  return withProgram(simplify({ ...graph, outputs }), options, (program) =>
    program.run(new Map(program.inputs.map((input) => [input, byName.get(input.name)!]))),
  );
};

const sampleOf = (samples: ReadonlyMap<Value, Tensor>, { name }: Value): Tensor => {
  const found = [...samples].find(([value]) => value.name === name)?.[1];
  if (found) return found;
  throw new UserError('model', `expected samples for the input '${name}', got none; map a column to it (--map)`);
};

function inputOf(graph: Graph, name: string | undefined): Value {
  const inputs = feeds(graph);
  const floats = inputs.filter(({ type }) => type?.dtype === 'float32' || type?.dtype === 'float64');
  const found =
    name === undefined ? (floats.length === 1 ? floats[0] : undefined) : inputs.find((value) => value.name === name);
  const listed = inputs.map((value) => `'${value.name}' ${value.type?.dtype ?? ''}`).join(', ');
  if (!found && name !== undefined)
    throw new UserError('--input', `expected an input of the model, got '${name}'; it has ${listed}`);
  if (!found && floats.length > 1)
    throw new UserError('model', `expected one input of floats, got ${listed}; name the one to attack with --input`);
  if (!found || !floats.includes(found)) {
    throw unsupported(
      'model',
      `expected an input of floats, got ${listed}; name a value inside that can be moved, such as the embeddings, with --at`,
    );
  }
  if (found.type?.dtype === 'float64')
    throw unsupported('model', `expected '${found.name}' in float32, got float64; convert the model`);
  return found;
}

function findValue(graph: Graph, name: string, option: string): Value {
  const value = valuesByName(graph).get(name);
  if (value) return value;
  throw new UserError(option, `expected a value of the graph, got '${name}'; see scalpel inspect`);
}

/** Classifiers first; a language model's scores have an axis of positions. */
function guessScores(graph: Graph): Value {
  try {
    return logitsOf(graph, 2);
  } catch (error) {
    const language = graph.outputs.filter(({ type }) => type?.dtype === 'float32' && type.shape?.length === 3);
    if (language.length > 0) return logitsOf(graph, 3);
    throw error;
  }
}

interface Scores {
  readonly value: Value;
  readonly kind: 'logits' | 'softmax' | 'sigmoid' | 'number';
}

/** Probabilities have gradients that vanish where a model is sure: what went into the Softmax or Sigmoid has not. */
function behindSoftmax(graph: Graph, scores: Value): Scores {
  const maker = makerOf(graph, scores);
  const before = maker?.inputs[0];
  if (before && (maker?.op === 'Softmax' || maker?.op === 'LogSoftmax')) return { value: before, kind: 'softmax' };
  if (before && maker?.op === 'Sigmoid') return { value: before, kind: 'sigmoid' };
  return { value: scores, kind: 'logits' };
}

function checkRows({ name }: Value, { shape, dtype }: Tensor, rows: number): void {
  if (shape[0] === rows && dtype === 'float32') return;
  throw unsupported(
    'model',
    `expected scores of each sample from '${name}', got ${dtype === 'float32' ? '' : `${dtype} of `}shape [${shape.join(', ')}] for ${rows} samples; name another value with --scores`,
  );
}

/** The scores as logits [batch, classes]. */
function readable(graph: Graph, { value, kind }: Scores, { shape, ...stored }: Tensor) {
  const seen = floatsOf({ shape, ...stored });
  if (seen.some(Number.isNaN))
    throw new UserError(
      'model',
      'expected numbers from the model, got NaN on the data; look for NaN or overflow in both',
    );
  const g = builderFor(graph, 'network');
  const notes: string[] =
    kind === 'logits' || kind === 'number'
      ? []
      : [`attacked before the ${kind === 'softmax' ? 'Softmax' : 'Sigmoid'} ('${value.name}')`];
  const hasPositions = isLanguage({ shape });
  if (hasPositions) notes.push('scores of the last position');
  const last = hasPositions ? g.squeeze(g.slice(value, [-1], [Number.MAX_SAFE_INTEGER], [1]), [1]) : value;
  const width = hasPositions ? shape[2]! : shape.slice(1).reduce((all, size) => all * size, 1);
  // behind ops whose shapes the runtime does not infer, nothing else says the rank
  const flat = g.reshape(last, [-1, width]);
  const logits = asLogits();
  const classes = width === 1 && kind !== 'number' ? 2 : width;
  const named: Value = { name: `${logits.name}/rows`, type: { dtype: 'float32', shape: ['batch', classes] } };
  g.nodes.push({ name: named.name, op: 'Identity', domain: '', inputs: [logits], outputs: [named], attrs: {} });
  return { graph: simplify({ ...g.appendTo(graph), outputs: [named] }), logits: named, classes, notes };

  function asLogits(): Value {
    if (kind === 'number') {
      if (width === 1) return flat;
      throw unsupported(
        'model',
        `expected one number from '${value.name}' for a range, got ${width}; name another value with --scores`,
      );
    }
    if (width === 1) {
      notes.push('one score: taken as the second of two classes');
      return g.concat([g.mul(flat, g.scalar(0)), flat], 1);
    }
    if (kind !== 'logits' || !areProbabilities(seen, width)) return flat;
    notes.push('scores are probabilities: attacked through their logarithm');
    return g.op('Log', [g.op('Clip', [flat, g.scalar(1e-30)])]);
  }
}

/** Scores of every position of a text. */
const isLanguage = ({ shape }: Pick<Tensor, 'shape'>): boolean => shape.length === 3 && shape[2]! > 1;

/** Without a Softmax in sight, numbers say it: in [0, 1], and each row sums to 1. */
function areProbabilities(scores: Float32Array, width: number): boolean {
  if (!scores.every((score) => score >= 0 && score <= 1)) return false;
  for (let at = 0; at < scores.length; at += width) {
    const sum = scores.subarray(at, at + width).reduce((all, score) => all + score, 0);
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

/** The graph with an inner value as an input, and without what only made it. */
async function openAt(graph: Graph, at: Value): Promise<{ graph: Graph; moving: Value }> {
  const known = valuesByName(graph).get(at.name);
  if (!known)
    throw new UserError('--at', `expected a value that the scores depend on, got '${at.name}'; choose another`);
  if (graph.inputs.includes(known)) return { graph, moving: known };
  const type = (await annotate(graph)).get(known);
  if (type?.dtype !== 'float32')
    throw unsupported(
      '--at',
      `expected '${at.name}' to be of floats, got ${type?.dtype ?? 'no tensor'}; choose another`,
    );
  const nodes = graph.nodes.filter((node) => !node.outputs.includes(known));
  const open = simplify({ ...graph, nodes, inputs: [...graph.inputs, known] });
  return { graph: { ...open, inputs: usedInputs(open) }, moving: known };
}

function usedInputs(graph: Graph): Value[] {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return graph.inputs.filter((value) => read.has(value));
}
