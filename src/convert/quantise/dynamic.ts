/** Products whose data are rounded to eight bits in each run, by their own range. */
import type { Node, Value } from '../../ir/types.js';
import type { Builder } from '../../ops/builder.js';
import type { StoredIntegers } from './dequantised.js';
import type { Site } from './sites.js';

/**
 * MatMulInteger between DynamicQuantizeLinear and one Mul, which the CPU runtime fuses to one kernel, an Add behind it included.
 * The returned node makes what `node` made.
 */
export function dynamicProduct(g: Builder): (node: Node, site: Site, weight: StoredIntegers) => Node {
  const quantised = new Map<Value, readonly Value[]>();
  const scaleOf = new Map<StoredIntegers, Value>();
  const matrixOf = new Map<StoredIntegers, Value>();
  return (node, { data }, weight) => {
    if (!quantised.has(data)) quantised.set(data, g.ops('DynamicQuantizeLinear', [data], 3));
    if (!scaleOf.has(weight)) scaleOf.set(weight, g.constant(weight.scales, 'scale'));
    if (!matrixOf.has(weight)) {
      const isTurned = weight.form === 'looked-up';
      matrixOf.set(weight, isTurned ? g.transpose(weight.integers, [1, 0]) : weight.integers);
    }
    const [integers, scale, zero] = quantised.get(data) as readonly [Value, Value, Value];
    const sums = g.op('MatMulInteger', [integers, matrixOf.get(weight)!, zero]);
    const inputs = [g.op('Cast', [sums], { to: 1 }), g.mul(scale, scaleOf.get(weight)!)];
    const last = { name: node.name, domain: '', outputs: node.outputs, attrs: {} };
    const bias = node.op === 'Gemm' ? node.inputs[2] : null;
    if (!bias) return { ...last, op: 'Mul', inputs };
    return { ...last, op: 'Add', inputs: [g.op('Mul', inputs), bias] };
  };
}
