/** deadUnits: units that zeros in weights seem to make useless. Whether they are is for outputs to say. */
import type { Flows } from '../groups/flows.js';
import type { Group } from '../groups/groups.js';
import type { Holding, Holdings } from '../groups/holdings.js';
import type { Value } from '../ir/types.js';
import { readMatrices } from '../ops/matrices.js';
import { floatsOf } from '../tensor/convert.js';

/**
 * 1 where every matrix that reads a unit has zeros for it; or every matrix and bias that makes it; or the scale and the shift of a
 * BatchNormalization that it goes through.
 */
export function deadUnits({ graph }: Flows, { units }: Group, { reads, makes, others }: Holdings): Uint8Array {
  const count = units.size;
  const unread =
    reads.length > 0
      ? allZero(
          count,
          reads.map((each) => zeroColumns(count, each)),
        )
      : none(count);
  const roles = normRoles(graph);
  const zeroOf = ({ value, unitOf }: Holdings['others'][number]): Uint8Array => {
    const tensor = graph.initializers.get(value);
    return tensor ? zeroLines(count, unitOf, floatsOf(tensor)) : none(count);
  };
  const ofNorms = others.filter(({ value }) => roles.has(value));
  const biases = others.filter(({ value }) => !roles.has(value));
  const made = [...makes.map((each) => zeroRows(count, each)), ...biases.map(zeroOf)];
  const unmade = makes.length > 0 && ofNorms.length === 0 ? allZero(count, made) : none(count);
  const scales = ofNorms.filter(({ value }) => roles.get(value)! <= 2);
  const unscaled = scales.length > 0 ? allZero(count, scales.map(zeroOf)) : none(count);
  return unread.map((dead, unit) => dead | unmade[unit]! | unscaled[unit]!);
}

const none = (count: number): Uint8Array => new Uint8Array(count);

const allZero = (count: number, zeros: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from({ length: count }, (_, unit) => Number(zeros.every((each) => each[unit] === 1)));

/** Which input of a BatchNormalization a value is: 1 scale, 2 shift, 3 mean, 4 variance. */
const normRoles = ({ nodes }: Flows['graph']): Map<Value, number> =>
  new Map(
    nodes
      .filter(({ op }) => op === 'BatchNormalization')
      .flatMap(({ inputs }) => inputs.flatMap((value, i) => (value && i > 0 ? [[value, i] as const] : []))),
  );

function zeroLines(count: number, unitOf: Int32Array, values: Float32Array): Uint8Array {
  const zero = new Uint8Array(count).fill(1);
  for (const [line, unit] of unitOf.entries()) if (unit >= 0 && values[line] !== 0) zero[unit] = 0;
  return zero;
}

function zeroColumns(count: number, { layer, unitOf }: Holding): Uint8Array {
  const { rows, columns } = layer.layout;
  const lines = new Float32Array(unitOf.length);
  const weights = readMatrices(layer);
  for (let at = 0; at < weights.length; at++) {
    const row = Math.floor(at / columns);
    if (weights[at] !== 0) lines[Math.floor(row / rows) * columns + (at % columns)] = 1;
  }
  return zeroLines(count, unitOf, lines);
}

function zeroRows(count: number, { layer, unitOf }: Holding): Uint8Array {
  const lines = new Float32Array(unitOf.length);
  const weights = readMatrices(layer);
  for (let at = 0; at < weights.length; at++) {
    if (weights[at] !== 0) lines[Math.floor(at / layer.layout.columns)] = 1;
  }
  return zeroLines(count, unitOf, lines);
}
