/** ladder: a decoder beside the network cleans what noise has done to each of its layers. */
import { unsupported } from '../../errors.js';
import type { Graph, Node, Value } from '../../ir/types.js';
import { stop } from '../../ops/stop.js';
import { call } from '../../rewrite/call.js';
import { substituteNode } from '../../rewrite/substitute.js';
import { choice, logUniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { utilisation } from '../parts/guesses.js';
import { type Block, ladderBlocks } from '../parts/ladder-blocks.js';
import { combinator, decode, deviationOver, standardised } from '../parts/ladder-decoder.js';
import { noiseFor } from '../parts/noise.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { joined, mean, rows, softmax } from '../parts/terms.js';
import type { NetForm } from '../step/net-form.js';
import type { Fed, Scope } from '../step/scope.js';

/**
 * Rasmus et al., Semi-supervised learning with ladder networks (arXiv 1507.02672), on convolutions in one dimension: noise on the input,
 * behind each BatchNormalization and on the logits; a decoder from the top down; the squared distance of what it cleans from what the
 * network says without noise, standardised. As in the paper, and otherwise than published code for series: noise is drawn for each
 * series apart, figures are taken by channel, and no softmax is taken twice. What is cleaned is compared in the standardised scale
 * at once (the combinator's own weights make that the same), and clean values are constants to the distance.
 */
export const ladder = algorithm({
  name: 'ladder',
  description: 'a decoder that undoes noise on every layer',
  paper: 'Rasmus et al., Semi-supervised learning with ladder networks (arXiv 1507.02672)',
  options: {
    noise: {
      default: 0.3,
      about: 'deviation of the noise on the input, on each layer and on the logits',
      from: 0,
      search: choice(0.1, 0.3, 0.45, 0.6),
    },
    weight: { default: 1, about: 'of the distance at each layer', from: 0, search: logUniform(0.1, 10) },
  },
  folded: 'refused: there is no BatchNormalization left whose outputs could be cleaned',
  async loss(scope, { noise, weight }, { augmented }) {
    const { g, sizes } = scope;
    const all = joined(g, [scope.labelled(augmented), scope.unlabelled(augmented)]);
    if (all.mask)
      throw unsupported(
        'ladder',
        'expected series of one length, got a network with a mask; pad or cut them to one length',
      );
    const form = await scope.formFor(all.size);
    const blocks = ladderBlocks(form.graph, form.types);
    const clean = passOn(scope, all, form, blocks);
    const noisy = passNoisily(scope, all, form, blocks, noise);
    scope.follow(clean);

    const distances: Value[] = [];
    const missed = (target: Value, found: Value): void => {
      const miss = g.sub(target, found);
      distances.push(mean(g, g.mul(miss, miss)));
    };
    // the logits, then each block from the last to the first, then the input
    const belief = softmax(g, noisy.logits);
    let cleaned = combinator(scope, 'ladder/logits', [sizes.classes])(noisy.logits, belief);
    missed(standardised(g, clean.logits, [0]), cleaned);
    let above: Value = g.op('Expand', [
      g.unsqueeze(cleaned, [2]),
      g.ints([all.size, sizes.classes, blocks.at(-1)!.length]),
    ]);
    let from = sizes.classes;
    let kernel: Pick<Block, 'kernel' | 'pads'> = { kernel: 1, pads: [0, 0] };
    for (const [i, block] of [...blocks.entries()].reverse()) {
      const down = decode(scope, `ladder/block${i + 1}`, above, { from, to: block.channels, ...kernel });
      cleaned = combinator(scope, `ladder/block${i + 1}`, [block.channels, block.length])(noisy.levels[i]!, down);
      missed(standardised(g, clean.levels[i]!, [0, 2]), cleaned);
      [above, from, kernel] = [cleaned, block.channels, block];
    }
    const down = decode(scope, 'ladder/input', above, { from, to: sizes.channels, ...kernel });
    const input = combinator(scope, 'ladder/input', [sizes.channels, sizes.length])(noisy.input, down);
    missed(all.x, input);

    utilisation(scope, rows(g, stop(g, softmax(g, clean.logits)), sizes.labelled, all.size));
    return {
      supervised: supervisedTerm(scope, rows(g, noisy.logits, 0, sizes.labelled), scope.labels),
      cleaning: g.mul(
        g.scalar(weight),
        distances.reduce((sum, distance) => g.add(sum, distance)),
      ),
    };
  },
});

interface Pass {
  readonly input: Value;
  /** Without noise what each BatchNormalization reads, else what it makes, noise and all. */
  readonly levels: readonly Value[];
  /** With noise in their own scale. */
  readonly logits: Value;
  readonly statistics: ReadonlyMap<Value, Value>;
}

/** Dropout is noise too, and has no part in this pass. */
function passOn(scope: Scope, { x }: Fed, { graph, dropouts }: NetForm, blocks: readonly Block[]): Pass {
  const levels = blocks.map(({ before }) => before);
  const kept = dropouts.map(() => scope.g.scalar(1));
  const outputs = call(scope.g, { ...graph, outputs: [...graph.outputs, ...levels] }, [x, ...kept]);
  const own = outputs.slice(graph.outputs.length);
  return { input: x, logits: outputs[0]!, levels: own, statistics: scope.statisticsOf(outputs) };
}

/** @param deviation of the noise, in the scale of each layer. */
function passNoisily(scope: Scope, { x, size }: Fed, form: NetForm, blocks: readonly Block[], deviation: number): Pass {
  const { graph } = form;
  const { g, sizes } = scope;
  const noise = noiseFor(scope);
  const drawn: typeof noise = (name, shape) => g.mul(noise(name, shape), g.scalar(deviation));
  const input = g.add(x, drawn('input', [size, sizes.channels, sizes.length]));
  const added = blocks.map(({ channels, length }, i) => drawn(`block${i + 1}`, [size, channels, length]));
  const { body, levels } = withNoise(graph, blocks);
  const outputs = call(g, { ...body, outputs: [...graph.outputs, ...levels] }, [
    input,
    ...scope.dropouts(form),
    ...added,
  ]);
  const logits = outputs[0]!;
  const spread = stop(g, deviationOver(g, logits, [0]));
  const onLogits = g.squeeze(drawn('logits', [size, 1, sizes.classes]), [1]);
  return {
    input,
    logits: g.add(logits, g.mul(onLogits, spread)),
    levels: outputs.slice(graph.outputs.length),
    statistics: scope.statisticsOf(outputs),
  };
}

/** One more input for each block, added to what its BatchNormalization makes. */
function withNoise(graph: Graph, blocks: readonly Block[]): { body: Graph; levels: readonly Value[] } {
  const noises = blocks.map(
    ({ after, channels, length }, i): Value => ({
      name: `ladder/noise${i + 1}/${after.name}`,
      type: { dtype: 'float32', shape: [null, channels, length] },
    }),
  );
  const sums = new Map(blocks.map(({ after }): [Value, Value] => [after, { name: `ladder/noisy/${after.name}` }]));
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const read = {
      ...node,
      inputs: substituteNode({ ...node, outputs: [] }, (value) => sums.get(value) ?? value).inputs,
    };
    const i = blocks.findIndex(({ after }) => node.outputs.includes(after));
    if (i < 0) return [read];
    const { after } = blocks[i]!;
    const sum = sums.get(after)!;
    return [read, { name: sum.name, op: 'Add', domain: '', inputs: [after, noises[i]!], outputs: [sum], attrs: {} }];
  });
  return { body: { ...graph, inputs: [...graph.inputs, ...noises], nodes }, levels: [...sums.values()] };
}
