/** `scalpel grad`: a model in, a model of its gradients out. */
import { type LossName, losses } from '../../autodiff/losses.js';
import { exitCodes, UserError } from '../../errors.js';
import type { Differentiation, GradDocument, GradRequest } from '../../pipeline/grad/request.js';
import { command } from '../command.js';
import { dryRun } from '../dry-run.js';
import { gradText } from '../grad-text.js';
import { dryRunOption } from '../options.js';
import { present } from '../present.js';
import { integer, number, oneOf, optional, required, someOf, toggle, type ValuesOf, word } from '../values.js';

const what = { group: 'What is differentiated:' };
const output = { group: 'Output:' };

const names = Object.keys(losses) as LossName[];

/** What is differentiated, for `gradcheck` too. */
export const differentiationOptions = {
  of: optional('value that is differentiated, or that the loss is of; default: the logits', word, what),
  loss: optional(`loss of it: ${names.join(', ')}`, oneOf(names), what),
  wrt: someOf('with respect to: inputs, weights, all, or names of values', word, what),
  sum: toggle('without a loss: the gradient of the sum, instead of one weighted by an input seed/NAME', what),
  ignore: optional('cross-entropy: class id that counts for nothing; default: -100', integer(), what),
  confidence: optional('margin: not pushed below minus this; default: without end', number({ from: 0 }), what),
};

/** @throws UserError when options exclude each other. */
export function differentiation(
  name: string,
  args: ValuesOf<typeof differentiationOptions> & { readonly model: string },
  weightsAsInputs: boolean,
): Differentiation {
  const { model, of, loss, wrt, sum, ignore, confidence } = args;
  if (loss === undefined && of === undefined)
    throw new UserError(name, 'expected --loss or --of, got nothing; say what is differentiated');
  if (loss !== undefined && sum)
    throw new UserError(name, '--sum expected no --loss, which is a single number already; leave it out');
  if (ignore !== undefined && loss !== 'cross-entropy')
    throw new UserError(name, `--ignore expected --loss cross-entropy, got ${loss ?? 'none'}; leave it out`);
  if (confidence !== undefined && loss !== 'margin')
    throw new UserError(name, `--confidence expected --loss margin, got ${loss ?? 'none'}; leave it out`);
  return present({ model, of, loss, wrt, sum, ignore, confidence, weightsAsInputs });
}

export const grad = command({
  positionals: { model: 'the ONNX model to differentiate' },
  options: {
    ...differentiationOptions,
    weightsAsInputs: toggle('weights among --wrt become inputs, to be fed anew at every run', output),
    output: required('the model of loss and gradients', word, { ...output, alias: 'o' }),
    force: toggle('overwrite what exists', output),
    ...dryRunOption,
    json: toggle('print one JSON document on stdout', output),
    quiet: toggle('no progress', output),
  },
  examples: [
    ['grad net.onnx --loss cross-entropy --wrt weights -o grad.onnx', 'inputs: those of the model and target'],
    ['grad net.onnx --of logits --wrt inputs --sum -o grad.onnx', 'of the sum of an output, or of any value inside'],
  ],
  async run(args, context) {
    const { output: path, force, weightsAsInputs } = args;
    const request: GradRequest = { ...differentiation('grad', args, weightsAsInputs), output: path, force };
    if (args.dryRun) return dryRun('grad', request, args, context);
    const document = await context.job<GradDocument>(new URL('../../pipeline/grad/job.js', import.meta.url), request);
    if (args.json) context.print(document);
    else context.say(gradText(document));
    return exitCodes.done;
  },
});
