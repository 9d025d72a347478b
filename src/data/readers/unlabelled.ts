/** How files say that a record has no label. */
import type { Label } from '../reader.js';

/** An empty cell, `?` or NaN; not `NA`, which is a name that classes have. */
export const isUnlabelled = (label: Label): boolean =>
  typeof label === 'number' ? Number.isNaN(label) : /^\s*(\?|nan)?\s*$/i.test(label);
