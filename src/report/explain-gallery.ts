/** What a page of explanations needs to show instances and their counterfactuals, besides the document. */
import type { Frame, Pair } from './pair.js';

export interface ExplainGallery extends Frame {
  /** By method. Of tables too: which instances are told one by one. */
  readonly shown: ReadonlyMap<string, readonly Pick<Pair, 'sample' | 'before' | 'after'>[]>;
}
