/** Companions: models that are given beside the one that is explained. */
import type { Embedded } from './embedded.js';

export interface Companions {
  /** An example to its reconstruction. */
  readonly autoencoder?: Embedded;
  /** The same, each learned from the examples of one class alone, by its label. */
  readonly perClass?: ReadonlyMap<number, Embedded>;
  /** An example to the mean of its latent numbers. */
  readonly encoder?: Embedded;
  /** Latent numbers to an example. */
  readonly decoder?: Embedded;
  /** An example to its log density. */
  readonly flow?: Embedded;
}
