/** `scalpel inspect`: what a model is made of, without running it. */
import { exitCodes, UserError } from '../../errors.js';
import { load } from '../../onnx/load.js';
import type { findRefusals } from '../../pipeline/inspect/gradients.js';
import type { innerTypes } from '../../pipeline/inspect/inner-types.js';
import { inspect as inspectModel } from '../../pipeline/inspect/inspect.js';
import { command } from '../command.js';
import { inspectText } from '../inspect-text.js';
import { regionChoice, regionWords } from '../region-choice.js';
import { optional, toggle, word } from '../values.js';

/** Without a word it means the granularity that prune works at. */
const regions = optional(`list the regions: ${regionWords}; block when none is named`, regionChoice, {
  requiresArg: false,
});

export const inspect = command({
  positionals: { model: 'the ONNX model to look at' },
  options: {
    regions: {
      ...regions,
      read: (given, refuse) =>
        regions.read(
          given?.map((name) => name || 'block'),
          refuse,
        ),
    },
    saveRegions: optional('a new file for the regions, YAML or .json, to edit and to give to --regions', word),
    noSparsity: toggle('do not count zeros, which reads every weight once'),
    differentiable: toggle('list what keeps the outputs from being differentiated, with reasons'),
    dryRun: toggle('changes nothing: inspect only looks'),
    json: toggle('print one JSON document on stdout'),
  },
  examples: [
    ['inspect gpt.onnx', 'inputs, outputs, ops, parameters, prunable layers'],
    ['inspect gpt.onnx --regions half --json', 'also the parts that are worked on one at a time, as JSON'],
    ['inspect gpt.onnx --regions half --save-regions regions.yaml', 'the same written down'],
  ],
  async run({ model, regions: choice, saveRegions, noSparsity, differentiable, json }, context) {
    if (saveRegions !== undefined && choice === undefined)
      throw new UserError('inspect', '--save-regions expected --regions, got none; say which regions are meant');
    const loaded = load(model);
    const types = choice === undefined ? undefined : await typesOf(loaded.graph);
    const described = inspectModel(loaded, { regions: choice, saveRegions, types, zeros: !noSparsity });
    const report = differentiable ? { ...described, undifferentiable: await listRefusals(loaded.graph) } : described;
    if (json) context.print(report);
    else context.say(inspectText(report));
    return exitCodes.done;
  },
});

/** Types are the runtime's to tell, so it is loaded for these options alone. */
const typesOf: typeof innerTypes = async (graph) =>
  (await import('../../pipeline/inspect/inner-types.js')).innerTypes(graph);

const listRefusals: typeof findRefusals = async (graph) =>
  (await import('../../pipeline/inspect/gradients.js')).findRefusals(graph);
