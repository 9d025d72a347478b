/** The document of one run of training: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { z } from 'zod';
import type { trainForm } from './train-form.js';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

export type TrainReport = DeepReadonly<z.infer<typeof trainForm>>;
/** One training: some labels, one seed. */
export type TrainCell = TrainReport['cells'][number];
export type CurvePoint = TrainCell['curves'][number];
export type TrainBudget = TrainReport['budgets'][number];
export type ChosenCell = NonNullable<TrainReport['chosen']>;
export type ClassRow = ChosenCell['perClass'][number];
export type Baseline = NonNullable<TrainReport['baselines']>[number];
export type Search = NonNullable<TrainReport['search']>;
/** What a classifier came to on labelled series. */
export type TrainFigures = NonNullable<TrainCell['test']>;
/** Mean and deviation over seeds. */
export type FigureSpread = TrainBudget['figures'][string];
