/** The tables of the recovery study. */
import { markdownTable } from './markdown-table.mjs';

export const recoveryTables = (sets) => sets.map(section).join('\n\n');

function section({ name, dense, pruned, recovered }) {
  const blank = ['', ''];
  return `### ${name}

${markdownTable(
  ['network', 'accuracy', 'weighted AUC', 'zeros', 'of them held', 'rate'],
  [
    ['dense', percent(dense.accuracy), dense.auc.toFixed(3), count(dense.zerosAfter), ...blank],
    ['pruned', percent(pruned.accuracy), pruned.auc.toFixed(3), count(pruned.zerosAfter), ...blank],
    ...recovered.map(({ name: label, runs }) => {
      const zeros = runs.map(({ zerosAfter }) => zerosAfter);
      const held = runs.map(({ zerosKept }) => zerosKept);
      return [
        label,
        spread(
          runs.map(({ accuracy }) => 100 * accuracy),
          1,
          ' %',
        ),
        spread(
          runs.map(({ auc }) => auc),
          3,
        ),
        ...(zeros[0] === undefined ? blank : [same(zeros), same(held)]),
        `${runs[0].rate}`,
      ];
    }),
  ],
)}

Layers have ${count(dense.weights)} weights.`;
}

const percent = (value) => `${(100 * value).toFixed(1)} %`;
const count = (value) => value.toLocaleString('en');

/** One number where all seeds have the same. */
const same = (values) => [...new Set(values)].map(count).join(' · ');

/** Mean and standard deviation over draws of labels. */
function spread(values, digits, unit = '') {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}${unit}`;
}
