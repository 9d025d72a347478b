/** A model without gradients: attacks that ask for scores alone work, the others name the op that stands in their way. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { encode } from '../../src/onnx/encode.js';
import { load } from '../../src/onnx/load.js';
import { attack, imageRequest, newFolder } from './attack-requests.js';

/** The linear network behind a Scaler of ONNX's own domain of classical learning, which has no gradient rule. */
function withoutGradients() {
  const request = imageRequest(newFolder());
  const { graph } = load(request.model);
  const [flatten, ...rest] = graph.nodes as [(typeof graph.nodes)[number], ...typeof graph.nodes];
  const scaled = { name: 'scaled' };
  const scaler = {
    ...{ name: 'scaler', op: 'Scaler', domain: 'ai.onnx.ml', inputs: flatten.outputs, outputs: [scaled] },
    attrs: { offset: { kind: 'floats', value: [0] }, scale: { kind: 'floats', value: [1] } } as const,
  };
  const moved = rest.map((node) => ({
    ...node,
    inputs: node.inputs.map((value) => (value === flatten.outputs[0] ? scaled : value)),
  }));
  const opsets = new Map([...graph.opsets, ['ai.onnx.ml', 3] as const]);
  writeFileSync(request.model, encode({ ...graph, nodes: [flatten, scaler, ...moved], opsets }));
  return request;
}

test('sparse-rs finds examples, and what needs gradients is left out with a warning', async () => {
  const request = withoutGradients();
  const report = await attack({ ...request, attacks: [{ name: 'sparse-rs', given: { k: 12, queries: 200 } }] });
  expect(report.found).toBe(10);
  expect(report.attacks[0]!.summary.passes[0]!.backwards.mean).toBe(0);
  expect(report.warnings.join('\n')).toContain('Scaler');
});

test('gse names the op', async () => {
  await expect(attack(withoutGradients())).rejects.toThrow(/Scaler/);
});
