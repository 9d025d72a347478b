/** `scalpel inspect`: what a model is made of, without running it. */
import { exitCodes } from '../../errors.js';
import { load } from '../../onnx/load.js';
import { inspect as inspectModel } from '../../pipeline/inspect.js';
import type { findRefusals } from '../../pipeline/inspect-gradients.js';
import { type GranularityName, granularities } from '../../regions/granularity.js';
import { command } from '../command.js';
import { inspectText } from '../inspect-text.js';
import { oneOf, optional, toggle } from '../values.js';

const names = Object.keys(granularities) as GranularityName[];

/** Without a word it means the granularity that prune works at. */
const regions = optional(`list the regions: ${names.join(', ')}; block when none is named`, oneOf(names), {
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
    noSparsity: toggle('do not count zeros, which reads every weight once'),
    differentiable: toggle('list the ops without a gradient rule that a gradient of the outputs would reach'),
    json: toggle('print one JSON document on stdout'),
  },
  examples: [
    ['inspect gpt.onnx', 'inputs, outputs, ops, parameters, prunable layers'],
    ['inspect gpt.onnx --regions half --json', 'also the parts that are worked on one at a time, as JSON'],
  ],
  async run({ model, regions: granularity, noSparsity, differentiable, json }, context) {
    const loaded = load(model);
    const described = inspectModel(loaded, {
      regions: granularity && granularities[granularity],
      zeros: !noSparsity,
    });
    const report = differentiable ? { ...described, undifferentiable: await listRefusals(loaded.graph) } : described;
    if (json) context.print(report);
    else context.say(inspectText(report));
    return exitCodes.done;
  },
});

/** Types are the runtime's to tell, so it is loaded for this option alone. */
const listRefusals: typeof findRefusals = async (graph) =>
  (await import('../../pipeline/inspect-gradients.js')).findRefusals(graph);
