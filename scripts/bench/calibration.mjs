/** What observing costs: a calibration run of the bundled GPT against its plain forward pass. */
import { fileURLToPath } from 'node:url';
import { observe } from '../../dist/calibrate/observe.js';
import { feeds } from '../../dist/ir/graph.js';
import { load } from '../../dist/onnx/load.js';
import { findLayers } from '../../dist/ops/layers.js';
import { findRegions } from '../../dist/regions/index.js';
import { withProgram } from '../../dist/runtime/program.js';
import { int64 } from '../../dist/tensor/tensor.js';
import { inTurn, machine, rounded, threads } from './measure.mjs';

const [batches, windows, length] = [8, 16, 128];

export async function* calibration() {
  const { graph } = load(fileURLToPath(new URL('../../models/gpt-sotu/model.onnx', import.meta.url)));
  const found = findLayers(graph).layers;
  const { leftByDefault } = findRegions(graph, found);
  const layers = found.filter((layer) => !leftByDefault.has(layer));
  const [ids] = feeds(graph);
  const batch = new Map([
    [
      ids,
      int64(
        [windows, length],
        Array.from({ length: windows * length }, (_, i) => (i * 37) % 2048),
      ),
    ],
  ]);
  const samples = Array.from({ length: batches }, () => batch);

  const plain = () =>
    withProgram(graph, { threads }, async (program) => {
      for (const feed of samples) await program.run(feed);
    });
  const statistic = (name) => () => observe(graph, layers, [name], samples, { threads });
  const [forward, norms, grams] = await inTurn([plain, statistic('columnNorm'), statistic('gram')], 5);
  const context = `${layers.length} matrices, ${batches} runs of ${windows} x ${length} tokens, session included; the forward takes ${rounded(forward)} ms; median of 5 in turn; ${machine}`;
  yield { name: 'column norms / forward', value: rounded(norms / forward), unit: 'ratio', context };
  yield { name: 'Gram matrices / forward', value: rounded(grams / forward), unit: 'ratio', context };
}
