/** What `scalpel eval` says at its end. */
import type { EvalDocument } from '../pipeline/eval-request.js';
import { grouped, percent, textTable } from './text-table.js';

export const evalText = (document: EvalDocument): string =>
  [`${document.model} on ${document.data.description}`, textTable([...rows(document)], ['left', 'right'])].join('\n\n');

function* rows(document: EvalDocument): Generator<readonly string[]> {
  if (document.metric === 'perplexity') {
    yield ['perplexity', document.perplexity.toFixed(3)];
    yield ['loss per token', `${document.nll.toFixed(4)} nats`];
    yield ['tokens', grouped(document.tokens)];
    yield ['windows', `${grouped(document.windows)} of ${grouped(document.seqLen)} tokens`];
  } else {
    yield ['top-1', percent(document.top1)];
    if (document.top5 !== undefined) yield ['top-5', percent(document.top5)];
    yield ['samples', grouped(document.samples)];
  }
  yield ['provider', document.provider];
}
