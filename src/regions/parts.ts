/** Joins the parts of a trunk into segments: each has layers, and what belongs to them before and after. */
import { isDefaultDomain } from '../ir/node.js';
import type { Node, Value } from '../ir/types.js';
import type { DataGraph } from './walk.js';

export interface Segment {
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** The last layers before an output: nothing passes them by, and none follows another. */
  readonly isHead: boolean;
}

type Part = readonly Node[];

/** Ops that work element by element: an activation, a bias or a folded norm belongs to the layer before it. */
const elementwise = new Set([
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Sqrt',
    'Neg',
    'Abs',
    'Exp',
    'Log',
    'Erf',
    'Min',
    'Max',
    'Identity',
    'Cast',
    'Dropout',
  ],
  ...[
    'Relu',
    'LeakyRelu',
    'PRelu',
    'ThresholdedRelu',
    'Elu',
    'Selu',
    'Celu',
    'Sigmoid',
    'HardSigmoid',
    'HardSwish',
    'Tanh',
  ],
  ...[
    'Softplus',
    'Softsign',
    'Mish',
    'Swish',
    'Gelu',
    'FastGelu',
    'QuickGelu',
    'BiasGelu',
    'Clip',
    'BatchNormalization',
  ],
  ...['QuantizeLinear', 'DequantizeLinear'],
]);

/**
 * Parts without a layer go to the segment before them (a ReLU after a residual add, the norm of a post-norm block). Before
 * a head, and at the end, they do so only as far as earlier segments are followed by the same, or as they work element by
 * element: a final norm or pooling belongs to the head. What stands before the first layer belongs to no segment.
 * @param hasEnd whether the trunk leads to an output; else it has no head, and its last segment takes all that follows.
 */
export function joinParts(
  graph: DataGraph,
  parts: readonly Part[],
  isLayer: (node: Node) => boolean,
  hasEnd: boolean,
): Segment[] {
  const joints: Joint[] = [];
  for (const part of parts) {
    if (part.some(isLayer)) joints.push({ core: part, run: [] });
    else joints.at(-1)?.run.push(part);
  }
  const last = joints.length - 1;
  const lastIsHead = hasEnd && last >= 0 && isHeadPart(graph, joints[last]!.core, isLayer);
  const lead: Part[] = [];
  return joints.map(({ core, run }, i) => {
    const isHead = i === last && lastIsHead;
    const before = isHead ? lead.splice(0) : [];
    const open = (hasEnd && i === last) || (lastIsHead && i === last - 1);
    const own = open ? belonging(run, joints.slice(0, i)) : run.length;
    if (lastIsHead && i === last - 1) lead.push(...run.slice(own));
    return { nodes: [...before, core, ...run.slice(0, own)].flat(), isHead };
  });
}

interface Joint {
  readonly core: Part;
  /** Parts without a layer that follow. */
  readonly run: Part[];
}

/** How many parts of the run, from its beginning, belong to the layers before it. */
function belonging(run: readonly Part[], earlier: readonly Joint[]): number {
  const usual = Math.max(0, ...earlier.map((joint) => commonLength(run, joint.run)));
  let own = usual;
  while (own < run.length && run[own]!.every((node) => isDefaultOrMicrosoft(node) && elementwise.has(node.op))) own++;
  return own;
}

const isDefaultOrMicrosoft = (node: Node): boolean => isDefaultDomain(node.domain) || node.domain === 'com.microsoft';

function commonLength(a: readonly Part[], b: readonly Part[]): number {
  const different = a.findIndex((part, i) => b[i] === undefined || opsOf(part) !== opsOf(b[i]));
  return different < 0 ? a.length : different;
}

const opsOf = (part: Part): string => part.map(({ op }) => op).join();

/** True when every path through the part passes exactly one layer. */
function isHeadPart(graph: DataGraph, part: Part, isLayer: (node: Node) => boolean): boolean {
  const own = new Set(part.flatMap((node) => graph.makes(node)));
  const passed = new Map<Value, { least: number; most: number }>();
  let end = { least: 0, most: 0 };
  for (const node of part) {
    const before = graph
      .reads(node)
      .flatMap((value) => (own.has(value) ? [passed.get(value)!] : [{ least: 0, most: 0 }]));
    const step = isLayer(node) ? 1 : 0;
    end = {
      least: Math.min(...before.map(({ least }) => least)) + step,
      most: Math.max(...before.map(({ most }) => most)) + step,
    };
    for (const value of graph.makes(node)) passed.set(value, end);
  }
  return end.least === 1 && end.most === 1;
}
