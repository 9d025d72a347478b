/** Search for settings: what is drawn, what is tried for how long, and what is the best. */
export { type Bracket, type HyperbandOptions, hyperband, type Rung, rounds } from './hyperband.js';
export type { SearchProgress, SearchResult } from './ledger.js';
export { sampler } from './sampler.js';
export { type RungEnd, type SearchOptions, search } from './search.js';
export {
  defaultsOf,
  type Held,
  type Settings,
  type Space,
  type Spaces,
  spacesFor,
  type TrainerOption,
  withSettings,
} from './spaces.js';
export type { KeptOutcome, Outcome, Trial, TrialRecord, TrialStatus } from './trial.js';
export { type Work, workOf } from './work.js';
