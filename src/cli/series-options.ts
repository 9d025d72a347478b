/** Options of time series and of the features of tables. */
import { readStandardise, type Standardise } from '../data/preprocess/standardise.js';
import { optional, type Reader, toggle, type ValuesOf } from './values.js';

const group = { group: 'Series and features:' };

const standardise: Reader<Standardise | undefined> = (text, refuse) => {
  const found = readStandardise(text);
  return typeof found === 'string' ? refuse(found) : found;
};

export const seriesOptions = {
  standardise: optional(
    'none, min-max or z; alone: each series by itself; with :FILE: as all of that file; or :LOW,HIGH, :MEAN,DEVIATION',
    standardise,
    group,
  ),
  cutSeries: toggle("cut series that are longer than the model's input", group),
};

export const seriesRequest = ({ standardise, cutSeries }: ValuesOf<typeof seriesOptions>) => ({
  standardise,
  cutSeries: cutSeries || undefined,
});
