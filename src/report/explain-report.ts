/** The document of one run of explanations: plain JSON data, filled by the pipeline and read by people, pages and scripts. */
import type { z } from 'zod';
import type { explainForm } from './explain-form.js';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

export type ExplainReport = DeepReadonly<z.infer<typeof explainForm>>;
export type ExplainedMethod = ExplainReport['methods'][number];
export type ExplainedInstance = ExplainedMethod['instances'][number];
export type Counterfactual = ExplainedInstance['counterfactuals'][number];
export type FeatureChange = NonNullable<Counterfactual['changes']>[number];
export type Says = ExplainedInstance['says'];
