/** What `scalpel compare` says. */
import type {
  CompareReport,
  OutputComparison,
  StructureDifference,
  WeightComparison,
  WeightDifference,
} from '../pipeline/compare-report.js';
import { grouped, textTable } from './text-table.js';

/** More differences than these are counted, not listed. */
const mostListed = 50;

export function compareText({ a, b, equal, structure, weights, fields, outputs }: CompareReport): string {
  const lines = [
    ...(structure ? [structureText(structure)] : []),
    ...(weights ? [weightsText(weights)] : []),
    ...(fields ? [fields.length === 0 ? 'other fields: the same' : `other fields differ: ${fields.join(', ')}`] : []),
    ...(outputs ? [outputsText(outputs)] : []),
  ];
  return `${a} and ${b} ${equal ? 'agree' : 'differ'}\n\n${lines.join('\n')}`;
}

function structureText(differences: readonly StructureDifference[]): string {
  if (differences.length === 0) return 'structure: the same';
  return listing(`structure: ${differences.length} differences`, differences, ({ where, change, details }) => [
    where,
    [change, ...details].join('; '),
  ]);
}

function weightsText({ same, different }: WeightComparison): string {
  if (different.length === 0) return `weights: all ${grouped(same)} tensors the same`;
  return listing(`weights: ${different.length} tensors differ, ${grouped(same)} are the same`, different, weightRow);
}

const weightRow = ({ name, change, changed, maxAbsolute, before, after }: WeightDifference): string[] => [
  name,
  changed === undefined ? change : `${grouped(changed)} elements`,
  typeof maxAbsolute !== 'number' ? '' : `by at most ${maxAbsolute.toPrecision(3)}`,
  before?.zeros === undefined || after?.zeros === undefined
    ? ''
    : `zeros ${grouped(before.zeros)}, then ${grouped(after.zeros)}`,
];

function outputsText({ outputs, tolerance, inputs, failure }: OutputComparison): string {
  if (failure !== undefined) return `outputs: ${failure}`;
  const all = outputs.every(({ isWithin }) => isWithin) ? 'all' : 'not all';
  const title = `outputs: ${all} within ${tolerance.toExponential()} on ${inputs.description}`;
  return listing(title, outputs, ({ name, maxAbsolute, relative, isWithin }) => [
    name,
    isWithin ? '' : 'differs',
    `at most ${maxAbsolute?.toPrecision(3) ?? 'not a number'}`,
    `relative ${relative?.toPrecision(3) ?? 'not a number'}`,
  ]);
}

function listing<T>(title: string, items: readonly T[], row: (item: T) => string[]): string {
  const table = textTable(items.slice(0, mostListed).map(row), ['left', 'left', 'left', 'left']);
  const rest = items.length > mostListed ? `\n  and ${items.length - mostListed} more` : '';
  return `${title}\n${table.replace(/^/gm, '  ')}${rest}`;
}
