/** Recurrent layers whose rows end at steps of their own: beyond its end Y is zero, and a row of no steps gives zeros only. */
import { attrs } from '../ir/node.js';
import type { Node, TensorType, Value } from '../ir/types.js';
import { dataOf } from '../tensor/tensor.js';
import { asInt64, span, upTo } from './sizes.js';
import type { Tape } from './tape.js';

/** Sequences are [steps, batch, ...]. */
export interface Lengths {
  /** Each row from its end to its start; what stands behind the end stays. */
  reversed(sequence: Value): Value;
  /** Zeros beyond each row's end. */
  within(sequence: Value): Value;
  /** What is [batch, hidden] at the last step of each row, and zeros elsewhere. */
  atEnd(value: Value): Value;
}

/** The lengths that a node is given as `sequence_lens`; null where all rows have all steps. */
export function lengthsOf(g: Tape, { inputs }: Node): Lengths | null {
  const x = inputs[0] as Value;
  const given = inputs[4];
  const stored = g.tensorOf(given);
  const steps = g.size(x, 0);
  if (!given || (stored && Array.from(dataOf(stored), Number).every((length) => length === steps))) return null;
  const lengths = asInt64(g, given);
  const turn = g.reshape(upTo(g, span(g, x, 0, 1)), [-1, 1, 1]);
  const counts = g.reshape(lengths, [1, -1, 1]);
  const chosen = (where: Value, value: Value): Value => g.op('Where', [where, value, g.scalar(0)]);
  return {
    reversed: (sequence) => reversed(g, sequence, lengths, sequence === x ? g.type(x) : undefined),
    within: (sequence) => chosen(g.op('Less', [turn, counts]), sequence),
    atEnd: (value) => chosen(g.op('Equal', [turn, g.sub(counts, g.ints([1]))]), g.unsqueeze(value, [0])),
  };
}

/** The type is given on, for rules that ask for sizes. */
function reversed(g: Tape, sequence: Value, lengths: Value, type: TensorType | undefined): Value {
  const made = g.value('reversed', type);
  g.nodes.push({
    name: made.name,
    op: 'ReverseSequence',
    domain: '',
    inputs: [sequence, lengths],
    outputs: [made],
    attrs: attrs({ time_axis: 0, batch_axis: 1 }),
  });
  return made;
}
