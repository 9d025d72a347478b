/** What ops over series [N, C, L] are over their pictures [1, C, N, L]. An op without a rule is computed on series. */
import { attrs, intAttr } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import { reducedAxes } from '../ops/reduced.js';
import type { Tape } from '../ops/tape.js';
import { windowOf } from '../ops/window.js';
import { planar } from './planar.js';
import { isWorthTiling, type Line, tiledConvolution } from './toom-cook.js';

export interface Pictures {
  readonly g: Tape;
  /** Whether convolutions are taken by tiles where that is faster. */
  readonly tiles: boolean;
  /** Whether a value has a picture already. */
  isInside(value: Value | null): boolean;
  /** The picture of a value of rank 3, turned where it has none yet. */
  of(value: Value): Value;
  /** `picture` stands for a value of the graph from here on. */
  make(of: Value, picture: Value): void;
}

/** Emits a node over pictures and says whether it could. */
export type PictureRule = (p: Pictures, node: Node) => boolean;

/** Along the last axis, with the sizes of its window as attributes. Convolutions begin a region, pools only go on with one. */
const windowed =
  (begins: boolean): PictureRule =>
  (p, node) => {
    const [x, weight, ...others] = node.inputs as [Value, Value?, ...(Value | null)[]];
    const isAlone = node.outputs.slice(1).every((value) => value === null);
    if (p.g.rank(x) !== 3 || !isAlone || !(begins || p.isInside(x))) return false;
    const line = p.tiles && weight && tileable(p.g, node, x, weight);
    if (line && weight) return made(p, node, biased(p.g, tiledConvolution(p.g, p.of(x), weight, line), others[0]));
    const inputs = [p.of(x), ...(weight ? [p.g.unsqueeze(weight, [2]), ...others] : [])];
    return made(p, node, p.g.op(node.op, inputs, planar(node)));
  };

/** Of a convolution that is faster by tiles, what it does. */
function tileable(g: Tape, node: Node, x: Value, weight: Value): Line | undefined {
  const [sizes, length] = [g.sizes(weight), g.size(x, 2)];
  if (!sizes || length === undefined || g.dtype(x) !== 'float32' || intAttr(node, 'group', 1) !== 1) return undefined;
  const window = windowOf(g, node, x, sizes.slice(2));
  if (window?.strides[0] !== 1 || window.dilations[0] !== 1) return undefined;
  const [outputs, channels, kernel] = sizes as [number, number, number];
  const line = { outputs, channels, kernel, length, begin: window.begin[0]!, end: window.end[0]! };
  return isWorthTiling(line) ? line : undefined;
}

const biased = (g: Tape, y: Value, bias: Value | null | undefined): Value =>
  bias ? g.add(y, g.reshape(bias, [-1, 1, 1])) : y;

/** One number at a time, by the first input; the others are scalars. */
const elementwise: PictureRule = (p, node) => {
  const [x, ...others] = node.inputs as [Value, ...(Value | null)[]];
  return p.isInside(x) && made(p, node, p.g.op(node.op, [p.of(x), ...others], node.attrs));
};

/** Two values broadcast against each other; the one of lower rank is given the axes that it lacks. */
const broadcast: PictureRule = (p, node) => {
  const inputs = node.inputs as readonly Value[];
  if (!inputs.some((value) => p.isInside(value)) || inputs.some((value) => p.g.rank(value) > 3)) return false;
  return made(
    p,
    node,
    p.g.op(
      node.op,
      inputs.map((value) => operand(p, value)),
      node.attrs,
    ),
  );
};

function operand(p: Pictures, value: Value): Value {
  const rank = p.g.rank(value);
  if (rank === 3) return p.of(value);
  // the last axis stays the last; a channel comes before the samples now
  return rank === 2 ? p.g.unsqueeze(value, [1]) : value;
}

/** The statistics of a channel are those of its whole plane. */
const normalised: PictureRule = (p, node) => {
  const [x, ...parameters] = node.inputs as [Value, ...Value[]];
  if (!p.isInside(x)) return false;
  const [y, ...running] = node.outputs as [Value, ...(Value | null)[]];
  const picture = p.g.value('picture');
  p.g.nodes.push({ ...node, name: picture.name, inputs: [p.of(x), ...parameters], outputs: [picture, ...running] });
  p.make(y, picture);
  return true;
};

const axisOfPicture = [2, 1, 3];

const concatenated: PictureRule = (p, node) => {
  const inputs = node.inputs as readonly Value[];
  if (!inputs.some((value) => p.isInside(value))) return false;
  const axis = axisOfPicture.at(intAttr(node, 'axis', 0))!;
  return made(
    p,
    node,
    p.g.concat(
      inputs.map((value) => p.of(value)),
      axis,
    ),
  );
};

/** Over the last axis, as in the pooling in front of a classifier. */
const reduced: PictureRule = (p, node) => {
  const x = node.inputs[0] as Value;
  if (!p.isInside(x)) return false;
  const axes = reducedAxes(p.g, node);
  return axes?.length === 1 && axes[0] === 2 && overLength(p, node, node.op, intAttr(node, 'keepdims', 1) === 1);
};

const pooled =
  (op: string): PictureRule =>
  (p, node) =>
    p.isInside(node.inputs[0]!) && overLength(p, node, op, true);

function overLength(p: Pictures, node: Node, op: string, keepdims: boolean): boolean {
  const { g } = p;
  const picture = g.op(op, [p.of(node.inputs[0] as Value), g.ints([3])], { keepdims: 1 });
  if (keepdims) return made(p, node, picture);
  const rows = g.squeeze(picture, [0, 3]);
  const turned = attrs({ perm: [1, 0] });
  g.nodes.push({ name: node.name, op: 'Transpose', domain: '', inputs: [rows], outputs: node.outputs, attrs: turned });
  return true;
}

function made(p: Pictures, node: Node, picture: Value): true {
  p.make(node.outputs[0] as Value, picture);
  return true;
}

const named = (ops: readonly string[], rule: PictureRule): Record<string, PictureRule> =>
  Object.fromEntries(ops.map((op) => [op, rule]));

export const pictureRules: Readonly<Record<string, PictureRule>> = {
  Conv: windowed(true),
  ...named(['MaxPool', 'AveragePool', 'LpPool'], windowed(false)),
  ...named(
    ['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Sigmoid', 'Tanh', 'Softplus', 'Softsign'],
    elementwise,
  ),
  ...named(['HardSigmoid', 'HardSwish', 'Mish', 'Clip', 'Erf', 'Exp', 'Abs', 'Neg', 'Sqrt'], elementwise),
  ...named(['Add', 'Sub', 'Mul', 'Div', 'PRelu'], broadcast),
  BatchNormalization: normalised,
  Concat: concatenated,
  ...named(['ReduceMean', 'ReduceSum', 'ReduceMax'], reduced),
  GlobalAveragePool: pooled('ReduceMean'),
  GlobalMaxPool: pooled('ReduceMax'),
};
