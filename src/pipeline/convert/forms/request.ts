/** What a comparison of forms asks for, as plain data. */
import type { GivenOptions } from '../../../settings/index.js';
import type { ConvertInputs, FormRequest } from '../request.js';

export interface FormsRequest extends Omit<ConvertInputs, 'weights'> {
  readonly forms: readonly FormRequest[];
  /** What differs from the usual settings of `auto`. */
  readonly given: GivenOptions;
  readonly output?: FormsOutput;
}

export interface FormsOutput {
  /** Where the best form is written; absent: none is. */
  readonly file?: string;
  /** Folder of report.json and report.html. */
  readonly report: string;
  readonly force: boolean;
}
