/** Series under the name that trainers know: they are read, and so made, by `data`. */
export { type LabelledSeries, rowsOf, type Series } from '../data/series.js';
