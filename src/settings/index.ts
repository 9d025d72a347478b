/** What methods can be set to, and how words of a command line become settings. */
export { choice, type Distribution, logUniform, quantile, quantised, uniform } from './distributions.js';
export type { OptionSpec, OptionSpecs, OptionValues } from './option-specs.js';
export { type GivenOptions, type Settable, settle } from './settle.js';
