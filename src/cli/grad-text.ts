/** The document of `grad` as text for the terminal. */
import { printShape } from '../ir/print.js';
import type { GradDocument, GradValue } from '../pipeline/grad/request.js';
import { count, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

/** @param document of `grad`; the result has no line break at its end. */
export function gradText(document: GradDocument): string {
  const { of, loss, opset, nodes, inputs, outputs, gradients, unreached, notes, output } = document;
  const sections = [
    `${plural(gradients.length, 'gradient')} of ${loss ? `${loss} of ` : ''}${visible(of)} (opset ${opset}, ${count(nodes.written)} nodes, ${count(nodes.forward)} of the model)`,
    table('inputs', inputs),
    table('outputs', outputs),
    ...(unreached.length > 0 ? [`zeros, because nothing flows there: ${unreached.map(visible).join(', ')}`] : []),
    ...notes.map(visible),
    visible(output),
  ];
  return sections.join('\n\n');
}

const table = (title: string, values: readonly GradValue[]): string =>
  textTable(
    [{ title, maxWidth: 60 }, { title: 'type' }, { title: 'shape' }],
    values.map(({ name, dtype, shape }) => [name, dtype, printShape(shape)]),
  );
