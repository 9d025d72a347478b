/** candidatesOf: the forms that are tried, each with settings and a name of its own. */
import { type Target, type TargetName, targetNamed, targets } from '../../../convert/index.js';
import type { GivenOptions, OptionSpecs } from '../../../settings/index.js';
import type { ConvertInputs, FormRequest } from '../request.js';

export interface Candidate extends FormRequest {
  /** Such as `int8 activations=static`. */
  readonly name: string;
  /** What it would need, where that was not given. */
  readonly lacks?: string;
}

/** Every target, with those of its settings that it is tried with. */
export const allForms = (): FormRequest[] =>
  (Object.keys(targets) as TargetName[]).flatMap((target) =>
    (targetNamed(target).trials ?? [{}]).map((given) => ({ target, given })),
  );

export const candidatesOf = (forms: readonly FormRequest[], inputs: Omit<ConvertInputs, 'weights'>): Candidate[] =>
  forms.map(({ target, given }) => {
    const lacks = lacking(targetNamed(target), inputs);
    return { target, given, name: nameOf(target, given), ...(lacks !== undefined && { lacks }) };
  });

const nameOf = (target: TargetName, given: GivenOptions): string =>
  [target, ...Object.entries(given).map(([option, value]) => `${option}=${value}`)].join(' ');

function lacking(
  { needsData, takesTokens }: Target<OptionSpecs>,
  { calibration, tokens, tokensFrom }: Omit<ConvertInputs, 'weights'>,
): string | undefined {
  if (takesTokens && tokens === undefined && !tokensFrom)
    return 'no tokens to keep; --tokens or --tokens-from name them';
  if (needsData && !calibration) return 'no calibration data; --calibration names them';
  return undefined;
}
