/** The document of `compare` as text for the terminal. */
import { printShape } from '../ir/print.js';
import type {
  CompareReport,
  OutputComparison,
  WeightComparison,
  WeightDifference,
} from '../pipeline/compare/report.js';
import { count, figure, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @param report from `compare`; the result has no line break at its end. */
export function compareText({ a, b, equal, structure, isReordered, weights, fields, outputs }: CompareReport): string {
  const sections = [
    `a  ${visible(a)}\nb  ${visible(b)}`,
    structure &&
      listed(
        'structure',
        structure.map(({ where, change, details }) => [`${change} ${where}`, ...details].join('\n  ')),
      ),
    isReordered && 'units stand in another order (prune --permute): weights of one name are not of the same units',
    weights && weightText(weights),
    fields && listed('other fields', fields),
    outputs && outputText(outputs),
    equal ? 'equal' : 'different',
  ];
  return sections.filter((section) => section !== undefined).join('\n\n');
}

const listed = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? `${title}: equal`
    : [title, ...lines.map((line) => `  ${line.split('\n').map(visible).join('\n  ')}`)].join('\n');

function weightText({ same, different }: WeightComparison): string {
  const summary = `weights: ${plural(same, 'tensor')} equal to the bit, ${count(different.length)} different`;
  if (different.length === 0) return summary;
  const table = textTable(
    [
      { title: 'weight', maxWidth: 60 },
      { title: 'change' },
      { title: 'changed', align: 'right' },
      { title: 'max |Δ|', align: 'right' },
      { title: 'zeros before', align: 'right' },
      { title: 'after', align: 'right' },
    ],
    different.map((difference) => [
      difference.name,
      changeText(difference),
      difference.changed === undefined ? '' : count(difference.changed),
      difference.maxAbsolute === undefined ? '' : cell(difference.maxAbsolute),
      difference.before?.zeros === undefined ? '' : count(difference.before.zeros),
      difference.after?.zeros === undefined ? '' : count(difference.after.zeros),
    ]),
  );
  return `${summary}\n${table}`;
}

function changeText({ change, before, after }: WeightDifference): string {
  const type = (side: WeightDifference['before']): string => (side ? `${side.dtype}${printShape(side.shape)}` : '');
  return change === 'retyped' ? `${type(before)} became ${type(after)}` : `${change} ${type(after ?? before)}`;
}

function outputText({ inputs, tolerance, computedIn, outputs, failure }: OutputComparison): string {
  const precision = computedIn ? `, computed in ${computedIn}` : '';
  const title = `outputs on ${visible(inputs.description)}, tolerance ${tolerance}${precision}`;
  if (failure !== undefined) return `${title}: not comparable\n  ${visible(failure)}`;
  const table = textTable(
    [
      { title: 'output' },
      { title: 'max |Δ|', align: 'right' },
      { title: 'relative', align: 'right' },
      { title: 'within' },
    ],
    outputs.map(({ name, maxAbsolute, relative, isWithin }) => [
      name,
      cell(maxAbsolute),
      cell(relative),
      isWithin ? 'yes' : 'no',
    ]),
  );
  return `${title}\n${table}`;
}

const cell = (value: number | null): string => (value === null ? 'not a number' : figure(value));
