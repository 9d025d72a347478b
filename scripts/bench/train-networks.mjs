/** Convolutional networks over series, in the form that is trained (with a loss) and the one that is served. */
import { losses } from '../../dist/autodiff/losses.js';
import { emptyGraph } from '../../dist/ir/graph.js';
import { builderFor } from '../../dist/ops/builder.js';
import { simplify } from '../../dist/rewrite/simplify.js';
import { random } from '../../dist/tensor/random.js';
import { float32 } from '../../dist/tensor/tensor.js';

/** Wang, Yan, Oates, Time series classification from scratch (arXiv 1611.06455): three convolutions. */
const fcn = (n) => {
  const hidden = [
    [128, 7],
    [256, 5],
    [128, 3],
  ].reduce((x, [channels, kernel]) => n.relu(n.norm(n.conv(x, channels, kernel))), n.x);
  return n.head(hidden);
};

/** The same paper: three blocks of three convolutions with a way around. */
const resnet = (n) => {
  const block = (x, channels) => {
    const inner = [8, 5].reduce((h, kernel) => n.relu(n.norm(n.conv(h, channels, kernel))), x);
    const around = n.channels(x) === channels ? x : n.conv(x, channels, 1);
    return n.relu(n.add(n.norm(n.conv(inner, channels, 3)), n.norm(around)));
  };
  return n.head([64, 128, 128].reduce(block, n.x));
};

/** Ismail Fawaz et al., InceptionTime (arXiv 1909.04939): six modules, one network of the five. */
const inception = (n) => {
  const module = (x) => {
    const narrow = n.channels(x) > 1 ? n.conv(x, 32, 1) : x;
    const wide = [40, 20, 10].map((kernel) => n.conv(narrow, 32, kernel));
    const pooled = n.conv(n.maxPool(x, 3), 32, 1);
    return n.relu(n.norm(n.concat([...wide, pooled])));
  };
  let [x, way] = [n.x, n.x];
  for (let depth = 0; depth < 6; depth++) {
    x = module(x);
    if (depth % 3 === 2) {
      x = n.relu(n.add(x, n.norm(n.conv(way, 128, 1))));
      way = x;
    }
  }
  return n.head(x);
};

const emitted =
  (network) =>
  ({ batch, length, classes }, form) => {
    const x = { name: 'x', type: { dtype: 'float32', shape: [batch, 1, length] } };
    const n = layers(x, classes, form === 'train');
    const logits = network(n);
    if (form === 'serve') return { graph: { ...n.graph(), outputs: [logits] } };
    const target = { name: 'target', type: { dtype: 'int64', shape: [batch] } };
    const type = { dtype: 'float32', shape: [batch, classes] };
    const loss = losses['cross-entropy'].emit(n.g, logits, type, target, {});
    return { graph: simplify({ ...n.graph(), inputs: [x, target], outputs: [loss] }), loss, weights: n.weights };
  };

/** Emits layers, and keeps their weights. */
function layers(x, classes, isTraining) {
  const empty = emptyGraph('network', [x]);
  const g = builderFor(empty, 'net');
  const weights = [];
  const widths = new Map([[x, 1]]);
  const weight = (shape, deviation, mean = 0) => {
    const draw = random(1, `weight ${weights.length}`).normals(shape.reduce((a, b) => a * b, 1));
    const value = { name: `w${weights.length}`, type: { dtype: 'float32', shape } };
    g.initializers.set(
      value,
      float32(
        shape,
        draw.map((each) => mean + deviation * each),
      ),
    );
    weights.push(value);
    return value;
  };
  const wide = (y, channels) => {
    widths.set(y, channels);
    return y;
  };
  const like = (y, of) => wide(y, widths.get(of));
  return {
    g,
    x,
    weights,
    graph: () => g.appendTo(empty),
    channels: (y) => widths.get(y),
    conv(y, channels, kernel) {
      const inputs = widths.get(y);
      const w = weight([channels, inputs, kernel], 1 / Math.sqrt(inputs * kernel));
      return wide(g.op('Conv', [y, w], { pads: [(kernel - 1) >> 1, kernel >> 1] }), channels);
    },
    norm(y) {
      const channels = widths.get(y);
      const parameters = [weight([channels], 0.1, 1), weight([channels], 0.1)];
      const statistics = [0, 1].map((value) => g.floats(new Float32Array(channels).fill(value)));
      const mode = isTraining ? { training_mode: 1 } : {};
      return like(g.ops('BatchNormalization', [y, ...parameters, ...statistics], isTraining ? 3 : 1, mode)[0], y);
    },
    relu: (y) => like(g.op('Relu', [y]), y),
    add: (a, b) => like(g.add(a, b), a),
    maxPool: (y, kernel) => like(g.op('MaxPool', [y], { kernel_shape: [kernel], pads: [kernel >> 1, kernel >> 1] }), y),
    concat: (ys) =>
      wide(
        g.concat(ys, 1),
        ys.reduce((sum, y) => sum + widths.get(y), 0),
      ),
    head(y) {
      const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [y])]);
      return g.op('Gemm', [pooled, weight([classes, widths.get(y)], 0.1), weight([classes], 0.1)], { transB: 1 });
    },
  };
}

export const networks = {
  FCN: { network: emitted(fcn), lengths: [46, 96, 500] },
  ResNet: { network: emitted(resnet), lengths: [96] },
  InceptionTime: { network: emitted(inception), lengths: [96] },
};
