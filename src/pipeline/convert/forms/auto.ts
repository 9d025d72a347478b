/** `--to auto`: the settings of a comparison of forms, as a method of its own. */
import type { OptionSpecs } from '../../../settings/index.js';

/** What the form that is written has least of, by the word for it. */
export const measures = {
  bytes: 'bytes on disk',
  gzip: 'bytes through gzip -6',
  load: 'time to load',
  latency: 'median latency',
  p95: '95th percentile of latency',
  memory: 'peak memory',
} as const;

export type Measure = keyof typeof measures;

export const auto = {
  name: 'auto',
  summary: 'every form that fits, measured beside each other; the best one is written',
  options: {
    by: {
      default: 'bytes',
      choices: Object.keys(measures) as Measure[],
      about: 'what the form that is written has least of',
    },
    runs: { default: 100, about: 'rounds at most, in each of which every form is run once', from: 1, whole: true },
    seconds: { default: 3, about: 'that each form may take for its rounds', from: 0 },
    loads: { default: 5, about: 'fresh processes that load each form', from: 1, whole: true },
  },
} as const satisfies { readonly name: string; readonly summary: string; readonly options: OptionSpecs };
