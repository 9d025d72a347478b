/** serve: the model that is served of a trained graph, which takes raw series and says probabilities by name. */
import { type Extent, seriesLayout } from '../../data/preprocess/series-layout.js';
import { UserError, unsupported } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Model, Value } from '../../ir/types.js';
import { builderFor } from '../../ops/builder.js';
import { substitute } from '../../rewrite/substitute.js';
import { version } from '../../version.js';
import { nameScores } from './scores.js';
import { emitStandardise, type SeriesAxes, type Standardisation, standardisePrefix } from './standardise.js';

export interface ServeOptions {
  /** Names of the classes, in the order of the logits. */
  readonly classes: readonly string[];
  readonly standardise: Standardisation;
  /** Sizes of the series trained on: they say which axis of the input is which. */
  readonly extent: Extent;
  /** The user's model that the graph came of. Absent: the graph is a backbone. */
  readonly start?: Model;
  /** What else is told, such as the algorithm. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/**
 * The model of a trained `graph`: its input is standardised inside, outputs `logits` and `probabilities` follow those it has where
 * it lacks them, and metadata tell `classes` (a JSON list of names), `standardise` (JSON), `trained_with`, and those given. All else
 * of the user's model stays.
 * @throws UserError when names and logits differ in number, when scales and channels do, or when the model that training started
 * from standardises already; (exit 3) when the input is not float32, or scores cannot be told.
 */
export function serve(graph: Graph, options: ServeOptions): Model {
  const { start, standardise, classes } = options;
  const before = start?.metadata.get(key);
  const isStandardised = before !== undefined && before !== JSON.stringify(none);
  if (isStandardised && standardise.kind !== 'none') {
    throw new UserError(
      'standardise',
      `expected none, as the model standardises its input itself (${before}), got ${standardise.kind}; leave it out`,
    );
  }
  const served = nameScores(standardised(graph, options), classes.length);
  const facts = new Map([
    ...(start?.metadata ?? []),
    ['classes', JSON.stringify(classes)] as const,
    [key, isStandardised ? before : JSON.stringify(standardise)] as const,
    ['trained_with', `onnx-scalpel ${version}`] as const,
    ...(options.metadata ?? []),
  ]);
  return start
    ? { ...start, graph: served, metadata: facts }
    : { graph: served, irVersion, producer: 'onnx-scalpel', metadata: facts };
}

const key = 'standardise';
const none: Standardisation = { kind: 'none' };

/** That of ONNX 1.13, the first with the opset of backbones: older runtimes take nothing newer. */
const irVersion = 8;

function standardised(graph: Graph, { standardise, extent }: ServeOptions): Graph {
  if (standardise.kind === 'none') return graph;
  const { input, mask } = seriesInputs(graph);
  const axes = axesOf(input, extent, standardise);
  const g = builderFor(graph, standardisePrefix);
  const made = emitStandardise(g, input, mask, standardise, axes);
  const moved = substitute({ ...graph, inputs: [] }, (value) => (value === input ? made : value));
  return {
    ...moved,
    inputs: graph.inputs,
    nodes: [...g.nodes, ...moved.nodes],
    initializers: new Map([...moved.initializers, ...g.initializers]),
  };
}

function seriesInputs(graph: Graph): { input: Value; mask: Value | undefined } {
  const inputs = feeds(graph);
  const mask = inputs.length > 1 ? inputs.find(({ name }) => name === 'mask') : undefined;
  const [input, ...others] = inputs.filter((value) => value !== mask && /float/.test(value.type?.dtype ?? ''));
  if (input && others.length === 0 && [input, mask].every((value) => !value || value.type?.dtype === 'float32'))
    return { input, mask };
  const got = inputs.map(({ name, type }) => `'${name}' ${type?.dtype ?? ''}`).join(', ');
  throw unsupported('standardise', `expected one input of series in float32, got ${got}; train without (none)`);
}

function axesOf(input: Value, extent: Extent, { kind, ...how }: Standardisation): SeriesAxes {
  const { shape, stepsFirst, length } = seriesLayout(input, extent, 'standardise');
  const over = 'over' in how ? how.over : 'each';
  const { channels } = extent;
  if (over === 'each' && length === 1) {
    throw new UserError(
      'standardise',
      `expected scales for single numbers, got ${kind} of each by itself; say by what they are scaled`,
    );
  }
  if (over !== 'each' && over.length !== channels && over.length !== 1) {
    throw new UserError('standardise', `expected scales for ${channels} channels, got ${over.length}; give one each`);
  }
  return { rank: shape.length === 1 ? 2 : 3, stepsFirst: shape.length === 1 || stepsFirst };
}
