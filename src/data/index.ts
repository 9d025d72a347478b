/** Data sets: from files to what a model is fed. */
export { type Descriptor, loadDescriptor } from './descriptor.js';
export { type LanguageInputs, languageInputs, type Role } from './language-inputs.js';
export { openSamples, type SampleDefaults, type SampleOptions } from './open.js';
export { type PresetName, presets } from './preprocess/presets.js';
export type { Preprocess } from './preprocess/steps.js';
export { identify } from './provenance.js';
export type { Column, Picture, Pictures, Reader, Records } from './reader.js';
export { type ReaderName, readers } from './readers/index.js';
export { batchesOf, feedsFor, type Provenance, type Samples } from './samples.js';
export { type LabelledSeries, rowsOf, type Series } from './series.js';
export { missingClasses } from './series-sets/classes.js';
export {
  openSeriesSets,
  type SeriesSet,
  type SeriesSetOptions,
  type SeriesSets,
  type SeriesSources,
} from './series-sets/open.js';
export {
  readTrainingStandardise,
  type Scaling,
  scaled,
  scalesOf,
  type TrainingStandardise,
} from './series-sets/scaling.js';
export type { DataSource } from './source.js';
export { findTokenizer, loadTokenizer, type Tokenizer } from './tokenizer.js';
