/** Axes of recurrent layers: gates times units, and units that feed back. */
import { same } from '../axes/arrange.js';
import { pin, pinnedAxis, product } from '../axes/axis.js';
import { type FlowRule, reads } from './flow.js';

/** @param gates of the cell. Layout 0: x is [steps, batch, features], Y [steps, directions, batch, units], the states [directions, batch, units]. */
export const recurrent =
  (gates: number): FlowRule =>
  (f, node) => {
    const [x, w, r] = [0, 1, 2].map((i) => f.axes(reads(node, i)));
    const [directions, , units] = r!;
    const perGate = (count: number) => product([pinnedAxis(count, 'gates are numbered'), units!]);
    same(x![2]!, w![2]!);
    same(w![1]!, perGate(gates));
    same(r![1]!, perGate(gates));
    f.sums(1, 2);
    f.sums(2, 2);
    for (const inner of [x![2]!, units!]) f.multiplies([x![0]!, x![1]!, w![0]!, w![1]!, inner]);
    const [bias, lengths, ...states] = node.inputs.slice(3);
    const peepholes = states.splice(2, 1)[0];
    if (bias) same(f.axes(bias)[1]!, perGate(2 * gates));
    if (peepholes) same(f.axes(peepholes)[1]!, perGate(3));
    if (lengths) same(f.axes(lengths)[0]!, x![1]!);
    const [all, ...last] = node.outputs;
    const rows = [...states, ...last].filter((each) => each !== null && each !== undefined).map((each) => f.axes(each));
    if (all) {
      const ys = f.axes(all);
      same(ys[0]!, x![0]!);
      rows.push(ys.slice(1));
    }
    for (const [d, batch, own] of rows) {
      same(d!, directions!);
      same(batch!, x![1]!);
      same(own!, units!);
    }
    pin(directions!, 'directions are numbered');
    pin(x![0]!, 'steps follow one another');
    f.holds({ attr: 'hidden_size' }, [[units!]]);
  };
