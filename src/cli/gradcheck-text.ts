/** The document of `gradcheck` as text for the terminal. */
import type { CheckedEntry, GradcheckDocument } from '../pipeline/gradcheck/request.js';
import { figure, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @param document of `gradcheck`; the result has no line break at its end. */
export function gradcheckText(document: GradcheckDocument): string {
  const { of, loss, value, dtype, checked, worst } = document;
  return [
    `${loss ? `${loss} of ` : ''}${visible(of)} = ${figure(value)}, ${plural(checked, 'difference')} in ${dtype}${leftOut(document)}`,
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
    verdict(document),
  ].join('\n\n');
}

function leftOut({ kinks, unclear }: GradcheckDocument): string {
  const reasons = [
    kinks > 0 ? `${kinks} where the function has a kink` : '',
    unclear > 0 ? `${unclear} that no step makes sharp` : '',
  ].filter((reason) => reason !== '');
  return reasons.length > 0 ? `; left out: ${reasons.join(', ')}` : '';
}

function verdict({ passed, checked, tolerance, dtype, float32Error }: GradcheckDocument): string {
  const said = passed ? `agree within ${figure(tolerance)}` : `differ by more than ${figure(tolerance)}`;
  const single = dtype === 'float64' ? `; as written, in float32, within ${figure(float32Error)} of float64` : '';
  return checked === 0 ? 'nothing could be compared' : `${said}${single}`;
}

const along = ({ indices, along: kind }: CheckedEntry): string =>
  indices ? `[${indices.join(', ')}]` : kind === 'gradient' ? 'the gradient, drawn out' : 'a random direction';
