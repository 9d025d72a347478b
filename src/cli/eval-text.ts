/** The document of `eval` as text for the terminal. */
import type { EvalDocument } from '../pipeline/eval-request.js';
import { count, figure, percent } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';

export const evalText = (document: EvalDocument): string =>
  [
    visible(`${document.model} on ${document.data.description}`),
    textTable([{ title: 'figure' }, { title: 'value', align: 'right' }], [...rows(document)]),
  ].join('\n\n');

function* rows(document: EvalDocument): Generator<readonly string[]> {
  if (document.metric === 'perplexity') {
    yield ['perplexity', figure(document.perplexity)];
    yield ['loss per token (nats)', figure(document.nll)];
    yield ['tokens', count(document.tokens)];
    yield ['windows', count(document.windows)];
    yield ['tokens per window', count(document.seqLen)];
  } else {
    yield ['top-1', percent(document.top1, 2)];
    if (document.top5 !== undefined) yield ['top-5', percent(document.top5, 2)];
    yield ['samples', count(document.samples)];
  }
  yield ['provider', document.provider];
}
