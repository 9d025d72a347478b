/** Regions as tables for the terminal. */
import { printShape } from '../ir/print.js';
import type { InspectedRegion, InspectedValue, LayerWithReason } from '../pipeline/inspect/report.js';
import { count } from '../report/format.js';
import { textTable } from '../report/table.js';

/** One line for each layer, input and output of a region. */
export const regionTable = (regions: readonly InspectedRegion[]): string =>
  textTable(
    [
      { title: 'region', maxWidth: 48 },
      { title: 'kind' },
      { title: 'weights', align: 'right' },
      { title: 'parameters', align: 'right' },
      { title: 'layers', maxWidth: 48 },
      { title: 'left by default' },
      { title: 'inputs', maxWidth: 64 },
      { title: 'outputs', maxWidth: 64 },
    ],
    regions.flatMap(rowsOf),
  );

function rowsOf({
  name,
  kind,
  weights,
  parameters,
  layers,
  leftByDefault,
  inputs,
  outputs,
}: InspectedRegion): string[][] {
  const reasons = new Map(leftByDefault.map(({ layer, reason }) => [layer, reason]));
  const height = Math.max(1, layers.length, inputs.length, outputs.length);
  return Array.from({ length: height }, (_, i) => [
    ...(i === 0 ? [name, kind, count(weights), count(parameters)] : ['', '', '', '']),
    layers[i] ?? '',
    reasons.get(layers[i] ?? '') ?? '',
    valueText(inputs[i]),
    valueText(outputs[i]),
  ]);
}

const valueText = (value: InspectedValue | undefined): string =>
  value ? `${value.name} ${value.dtype ?? '?'}${value.shape ? printShape(value.shape) : ''}` : '';

export const outsideTable = (outside: readonly LayerWithReason[]): string =>
  textTable(
    [{ title: 'layer in no region', maxWidth: 48 }, { title: 'reason' }],
    outside.map(({ layer, reason }) => [layer, reason]),
  );
