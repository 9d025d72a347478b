/** openSeriesSets: from files to the sets of series that a classifier is trained, validated and tested on. */
import { UserError } from '../../errors.js';
import { feeds } from '../../ir/graph.js';
import type { Graph, Value } from '../../ir/types.js';
import { isFloat } from '../../tensor/dtype.js';
import { describeClasses } from '../labels.js';
import { type SeriesLayout, seriesLayout } from '../preprocess/series-layout.js';
import { describeStandardise } from '../preprocess/standardise.js';
import { identify } from '../provenance.js';
import type { Provenance } from '../samples.js';
import { type LabelledSeries, rowsOf, type Series } from '../series.js';
import type { DataSource } from '../source.js';
import { classNumbers, type LabelReading, missingClasses, namedClasses, unlabelled } from './classes.js';
import { joined, type LengthReading, type SeriesShape, shapeOf } from './joined.js';
import type { SeriesPart } from './part.js';
import { readParts, type SeriesReading } from './parts.js';
import { type Scaling, scalesFrom, scalesOf, type TrainingStandardise } from './scaling.js';

export interface SeriesSources {
  /** Labelled and unlabelled series: these name the classes. */
  readonly training: DataSource;
  /** More series to train on; labels that these have are left out. */
  readonly unlabelled?: DataSource | undefined;
  readonly validation?: DataSource | undefined;
  readonly test?: DataSource | undefined;
}

/** `labels`, a file of labels, is about the training series. */
export interface SeriesSetOptions extends SeriesReading, LabelReading, LengthReading {
  /** What becomes of the numbers, as `scaling` says; nothing is scaled here. */
  readonly standardise?: TrainingStandardise | undefined;
}

export interface SeriesSet extends LabelledSeries {
  /** The class of each, -1 without a label, which only training series may be. */
  readonly labels: Int32Array;
  readonly provenance: Provenance;
}

export interface SeriesSets {
  readonly training: SeriesSet;
  readonly validation?: SeriesSet;
  readonly test?: SeriesSet;
  /** What the training data call the classes, by number. */
  readonly classes: readonly string[];
  /** The numbers to scale by, as asked for. */
  readonly scaling?: Scaling;
  /** How the model's input lays out a series, where a model is given. */
  readonly layout?: SeriesLayout;
  /** What the user should know before training. */
  readonly warnings: readonly string[];
}

/**
 * All sets, of the channels and the length of the training series, or of the input of `graph`; shorter series are filled up with zeros.
 * @param graph a model that is to be trained further; without one, an array named `input` or the only one left holds the series.
 * @throws UserError naming the file, series, label or option at fault.
 */
export async function openSeriesSets(
  sources: SeriesSources,
  options: SeriesSetOptions = {},
  graph?: Graph,
): Promise<SeriesSets> {
  const input = graph ? inputOf(graph) : freshInput;
  const others = { ...options, labels: undefined };
  const { parts: labelled, settings } = await readParts(sources.training, options, input);
  const more = sources.unlabelled ? (await readParts(sources.unlabelled, others, input)).parts : [];
  const { classes = settings.classes, cutSeries = settings.cutSeries, standardise = settings.standardise } = options;
  const reading = { ...options, classes, cutSeries };
  const parts = [...labelled, ...more.map(({ labels, declared, ...part }) => part)];
  const where = sources.training.length === 1 ? sources.training[0]! : 'data';
  const named = namedClasses(labelled, reading, where);
  const own = shapeOf(parts, reading);
  const layout = graph && seriesLayout(input, own, where);
  const shape = layout ? withinModel(own, layout, input) : own;
  const series = joined(parts, shape, reading, layout?.length);
  const labels = Int32Array.from(parts.flatMap((part) => [...classNumbers(part, named.names, reading)]));
  const scaling = await scalingOf(standardise, series, others, input);
  const warnings = missingClasses(labels, named.names).map(
    (name) => `no training series is labelled '${name}': the model cannot learn this class`,
  );
  const rest = { shape, reading, input, classes: named.names, room: layout?.length };
  const [validation, test] = [
    sources.validation && (await labelledSet(sources.validation, 'validation', others, rest, warnings)),
    sources.test && (await labelledSet(sources.test, 'test', others, rest, warnings)),
  ];
  const file = typeof standardise?.over === 'object' && 'file' in standardise.over ? [standardise.over.file] : [];
  const said = [describeClasses(named), ...(standardise ? [describeScaling(standardise)] : [])];
  const training = { ...series, labels, provenance: await provenanceOf(parts, { ...series, labels }, said, file) };
  warnings.push(...sharedFiles(training, validation, 'validation'), ...sharedFiles(training, test, 'test'));
  return {
    training,
    ...(validation && { validation }),
    ...(test && { test }),
    classes: named.names,
    ...(scaling && { scaling }),
    ...(layout && { layout }),
    warnings,
  };
}

/** What a network that is made for the data is fed with. */
const freshInput: Value = { name: 'input', type: { dtype: 'float32', shape: [null, null, null] } };

function inputOf(graph: Graph): Value {
  // where series have values is fed beside them
  const [input, ...others] = feeds(graph).filter(({ name }) => name !== 'mask');
  if (input?.type && isFloat(input.type.dtype) && others.length === 0) return input;
  const got = feeds(graph).map(({ name, type }) => `${type?.dtype ?? 'another type'} '${name}'`);
  throw new UserError(
    'model',
    `expected one input, of floats, to feed series, got ${got.join(', ') || 'none'}; choose a classifier of series`,
  );
}

/** Series of unequal length may be as long as the input; others are as long as those trained on. */
function withinModel(own: SeriesShape, { length }: SeriesLayout, { name }: Value): SeriesShape {
  if (!own.isUnequal && own.length <= length) return own;
  return { ...own, length, of: `the input '${name}'` };
}

interface Ground {
  readonly shape: SeriesShape;
  readonly reading: LabelReading & LengthReading;
  readonly input: Value;
  readonly classes: readonly string[];
  readonly room: number | undefined;
}

/** Series to measure by: those without a label are left out. */
async function labelledSet(
  source: DataSource,
  name: 'validation' | 'test',
  options: SeriesReading,
  { shape, reading, input, classes, room }: Ground,
  warnings: string[],
): Promise<SeriesSet> {
  const { parts } = await readParts(source, options, input);
  const all = joined(parts, shape, reading, room);
  const numbers = Int32Array.from(parts.flatMap((part) => [...classNumbers(part, classes, reading)]));
  const rows = Array.from(numbers.keys()).filter((row) => numbers[row] !== unlabelled);
  if (rows.length === 0) {
    throw new UserError(
      source.length === 1 ? source[0]! : name,
      `expected labelled series for ${name}, got ${all.count} without a label; give labelled ones`,
    );
  }
  if (rows.length < all.count)
    warnings.push(`${all.count - rows.length} of ${all.count} ${name} series have no label: left out`);
  const series = rows.length < all.count ? rowsOf(all, rows) : all;
  const labels = Int32Array.from(rows, (row) => numbers[row]!);
  const missing = missingClasses(labels, classes);
  if (missing.length > 0) {
    const listed = missing.map((each) => `'${each}'`).join(', ');
    warnings.push(`no ${name} series is labelled ${listed}: left out of the AUC, which is then of the other classes`);
  }
  return { ...series, labels, provenance: await provenanceOf(parts, { ...series, labels }) };
}

/** What is measured on series that were trained on says too much. */
function sharedFiles(training: SeriesSet, set: SeriesSet | undefined, name: string): string[] {
  const known = new Set(training.provenance.files.map(({ sha256 }) => sha256));
  const found = set?.provenance.files.filter(({ sha256 }) => known.has(sha256)) ?? [];
  return found.map(
    ({ path }) => `the ${name} set holds ${path}, which is trained on: its figures say nothing of other series`,
  );
}

async function scalingOf(
  standardise: TrainingStandardise | undefined,
  training: Series,
  reading: SeriesReading & LengthReading,
  input: Value,
): Promise<Scaling | undefined> {
  if (!standardise) return undefined;
  const { kind, over } = standardise;
  if (over === 'each') return { kind, by: 'each' };
  if (over === 'training') return { kind, by: scalesOf(training, kind) };
  if ('numbers' in over) return { kind, by: scalesFrom({ kind, over }, over.numbers, training.channels) };
  const { parts } = await readParts([over.file], reading, input);
  const shape = { ...shapeOf(parts, reading), channels: training.channels };
  return { kind, by: scalesOf(joined(parts, shape, reading), kind) };
}

const describeScaling = ({ kind, over }: TrainingStandardise): string =>
  over === 'training'
    ? `scaled ${kind === 'z' ? 'to mean 0 and deviation 1' : 'to [0, 1]'}, by all training series`
    : describeStandardise({ kind, over });

async function provenanceOf(
  parts: readonly SeriesPart[],
  { count, channels, length, labels }: LabelledSeries,
  said: readonly string[] = [],
  alsoRead: readonly string[] = [],
): Promise<Provenance> {
  const known = labels.reduce((sum, label) => sum + Number(label !== unlabelled), 0);
  return {
    files: await identify([...new Set([...parts.flatMap(({ files }) => files), ...alsoRead])]),
    description: [
      ...new Set(parts.flatMap(({ descriptions }) => descriptions)),
      ...said,
      `${count} series of ${channels} x ${length} values, ${known} of them labelled`,
    ].join('; '),
    samples: count,
  };
}
