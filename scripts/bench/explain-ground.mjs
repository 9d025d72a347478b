/** Made-up instances: 30 features that hang on six causes, and a network of two layers of 50 that splits them in halves. */
import { openGround } from '../../dist/counterfactual/ground/ground.js';
import { Builder } from '../../dist/ops/builder.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';

const [features, causes, examples] = [30, 6, 450];
const layers = [features, 50, 50, 2];

/** The first `count` instances that the network says class 0 of, with 450 other examples that say what class 1 is like. */
export function groundOf(count, runs) {
  const graph = model();
  // about half are of class 0
  const instances = samplesOf(graph, drawn('instances', 3 * count + 50));
  return openGround(graph, instances, { goal: { kind: 'class', label: 1 } }, runs, {
    ...{ from: 0, most: count },
    reference: samplesOf(graph, drawn('examples', examples)),
  });
}

function model() {
  const g = new Builder(['x', 'logits']);
  const x = { name: 'x', type: { dtype: 'float32', shape: ['batch', features] } };
  const logits = { name: 'logits', type: { dtype: 'float32', shape: ['batch', layers.at(-1)] } };
  let last = x;
  for (const [i, width] of layers.slice(1).entries()) {
    const inside = i === 0 ? x : g.op('Relu', [last]);
    const scale = Math.sqrt(2 / layers[i]);
    const draws = random(i, 'weights').normals(layers[i] * width);
    const weights = g.floats(
      draws.map((draw) => draw * scale),
      [layers[i], width],
    );
    last = g.add(g.matmul(inside, weights), g.floats(new Float32Array(width)));
  }
  const nodes = g.nodes.map((node) => (node.outputs[0] === last ? { ...node, outputs: [logits] } : node));
  const opsets = new Map([['', 21]]);
  return { name: 'mlp', inputs: [x], outputs: [logits], nodes, initializers: g.initializers, opsets, functions: [] };
}

function drawn(name, rows) {
  const mixing = random(0, 'mixing').normals(features * causes);
  const own = random(0, `${name} noise`).normals(rows * features);
  const shared = random(0, `${name} causes`).normals(rows * causes);
  return own.map((noise, at) => {
    const [row, feature] = [Math.floor(at / features), at % features];
    let sum = 0.5 * noise;
    for (let c = 0; c < causes; c++) sum += mixing[feature * causes + c] * shared[row * causes + c];
    return sum;
  });
}

const samplesOf = ({ inputs: [x] }, values) => ({
  count: values.length / features,
  provenance: { files: [], description: 'made up' },
  batch: (from, to) => new Map([[x, float32([to - from, features], values.slice(from * features, to * features))]]),
});
