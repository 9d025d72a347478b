/** The document of `gradcheck` as text for the terminal. */
import type { CheckedEntry, GradcheckDocument } from '../pipeline/gradcheck-request.js';
import { figure, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @param document of `gradcheck`; the result has no line break at its end. */
export function gradcheckText(document: GradcheckDocument): string {
  const { of, loss, value, dtype, tolerance, passed, checked, kinks, worst } = document;
  const left = kinks > 0 ? `; ${plural(kinks, 'difference')} left out, where the function has a kink` : '';
  return [
    `${loss ? `${loss} of ` : ''}${visible(of)} = ${figure(value)}, ${plural(checked, 'difference')} in ${dtype}${left}`,
    textTable(
      [
        { title: 'worst', maxWidth: 60 },
        { title: 'along' },
        { title: 'gradient', align: 'right' },
        { title: 'difference', align: 'right' },
        { title: 'relative error', align: 'right' },
      ],
      worst.map((each) => [each.of, along(each), figure(each.gradient), figure(each.difference), figure(each.error)]),
    ),
    passed ? `agree within ${figure(tolerance)}` : `differ by more than ${figure(tolerance)}`,
  ].join('\n\n');
}

const along = ({ indices, along: kind }: CheckedEntry): string =>
  indices ? `[${indices.join(', ')}]` : kind === 'gradient' ? 'the gradient, drawn out' : 'a random direction';
