/** All rows of the gradient tables: one op on small inputs each. */
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import type { Case } from './case.js';
import { convolutions } from './convolutions.js';
import { flat } from './flat.js';
import { fourier } from './fourier.js';
import { indexing, scatter } from './indexing.js';
import { losses } from './losses.js';
import { normalisation } from './normalisation.js';
import { passing } from './passing.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { recurrent } from './recurrent.js';
import { reductions } from './reductions.js';
import { sampling } from './sampling.js';
import { selection } from './selection.js';
import { shape } from './shape.js';
import { slicing } from './slicing.js';
import { trigonometry } from './trigonometry.js';

export const tables: Readonly<Record<string, readonly Case[]>> = {
  activations,
  arithmetic,
  convolutions,
  flat,
  fourier,
  losses,
  normalisation,
  passing,
  pooling,
  products,
  recurrent,
  reductions,
  selection,
  shape,
  trigonometry,
  indexing,
  scatter,
  slicing,
  sampling,
};
