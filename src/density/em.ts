/** Steps of expectation and maximisation: Dempster, Laird and Rubin, Maximum likelihood from incomplete data (1977). */
import type { Graph, Value } from '../ir/types.js';
import { Builder } from '../ops/builder.js';
import { compile } from '../runtime/program.js';
import { dataOf, type Tensor, tensor } from '../tensor/tensor.js';
import { type Component, type CovarianceKind, component } from './component.js';
import { floored } from './floor.js';
import { emitMixture, type Parameters, parametersOf } from './mixture.js';

/** What points say about components, by the share that each has in each point. */
export interface Expectation {
  /** log p of all points, summed. */
  readonly logLikelihood: number;
  /** [k]: shares summed. */
  readonly counts: Float64Array;
  /** [k, d]: differences from the mean, weighted by shares and summed. */
  readonly firsts: Float64Array;
  /** [k, d, d], or [k, d] where covariances are diagonal: their products, likewise. */
  readonly seconds: Float64Array;
}

export interface Em {
  expect(components: readonly Component[]): Promise<Expectation>;
  release(): Promise<void>;
}

/** Elements of an inner value in one run: more gain no time, and hold the event loop. */
const most = 2 ** 21;

/** Expectations over `points`, [rows, d]. Release it when done. */
export async function openEm(points: Float64Array, d: number, kind: CovarianceKind): Promise<Em> {
  const { graph, x, parameters } = expectationGraph(d, kind);
  const program = await compile(graph);
  const rows = points.length / d;
  return {
    async expect(components) {
      const given = parametersOf(components, kind, 'float64');
      const fed = feedsOf(parameters, given);
      const sums = sumsFor(components.length, d, kind);
      const chunk = Math.max(1, Math.floor(most / (components.length * d)));
      for (let from = 0; from < rows; from += chunk) {
        const part = points.subarray(from * d, Math.min(rows, from + chunk) * d);
        const results = await program.run(new Map([...fed, [x, tensor('float64', [part.length / d, d], part)]]));
        graph.outputs.forEach((output, i) => void addTo(sums[i]!, dataOf(results.get(output)!) as Float64Array));
      }
      const [total, counts, firsts, seconds] = sums as [Float64Array, Float64Array, Float64Array, Float64Array];
      return { logLikelihood: total[0] as number, counts, firsts, seconds };
    },
    release: () => program.release(),
  };
}

/** The likeliest components for these shares. Those that have lost all their points are left out. */
export function maximise(
  components: readonly Component[],
  { counts, firsts, seconds }: Expectation,
  kind: CovarianceKind,
  floor: number,
): Component[] {
  const kept = components.map((_, k) => k).filter((k) => (counts[k] as number) > negligible);
  const total = kept.reduce((sum, k) => sum + (counts[k] as number), 0);
  return kept.map((k) => {
    const count = counts[k] as number;
    const old = components[k] as Component;
    const d = old.mean.length;
    const step = firsts.subarray(k * d, (k + 1) * d).map((sum) => sum / count);
    const width = old.covariance.length;
    const raw = seconds.subarray(k * width, (k + 1) * width).map((sum) => sum / count);
    return component(
      count / total,
      old.mean.map((m, i) => m + (step[i] as number)),
      floored(aboutMean(raw, step, kind), d, kind, floor),
      kind,
    );
  });
}

/** Of a point. */
const negligible = 1e-9;

/** Products about the old mean to those about the new one, which lies `step` away; symmetric to the bit. */
function aboutMean(products: Float64Array, step: Float64Array, kind: CovarianceKind): Float64Array {
  if (kind === 'diagonal') return products.map((p, i) => p - (step[i] as number) ** 2);
  const d = step.length;
  for (let i = 0; i < d; i++) {
    for (let j = i; j < d; j++) {
      products[i * d + j]! -= (step[i] as number) * (step[j] as number);
      products[j * d + i] = products[i * d + j] as number;
    }
  }
  return products;
}

/** Batch and number of components are free: one program serves all mixtures of a kind. */
function expectationGraph(d: number, kind: CovarianceKind): { graph: Graph; x: Value; parameters: Parameters<Value> } {
  const input = (name: string, shape: readonly (string | number)[]): Value => ({
    name,
    type: { dtype: 'float64', shape },
  });
  const x = input('x', ['rows', d]);
  const parameters = {
    means: input('means', ['k', 1, d]),
    whiteners: input('whiteners', ['k', kind === 'full' ? d : 1, d]),
    offsets: input('offsets', ['k', 1]),
  };
  const g = new Builder(['x', 'means', 'whiteners', 'offsets']);
  const { differences, joint, total } = emitMixture(g, x, parameters, kind, 'float64');
  const shares = g.unsqueeze(g.op('Exp', [g.sub(joint, total)]), [1]);
  const squares =
    kind === 'full'
      ? g.matmul(g.mul(g.transpose(differences, [0, 2, 1]), shares), differences)
      : g.matmul(shares, g.mul(differences, differences));
  const outputs = [g.reduceSum(total, [0]), g.reduceSum(shares, [1, 2]), g.matmul(shares, differences), squares];
  const empty = { name: 'expectation', outputs: [], nodes: [], initializers: new Map(), opsets: new Map([['', 21]]) };
  const graph = g.appendTo({ ...empty, functions: [], inputs: [x, ...Object.values(parameters)] }, outputs);
  return { graph, x, parameters };
}

const feedsOf = (inputs: Parameters<Value>, given: Parameters<Tensor>): Map<Value, Tensor> =>
  new Map([
    [inputs.means, given.means],
    [inputs.whiteners, given.whiteners],
    [inputs.offsets, given.offsets],
  ]);

const sumsFor = (k: number, d: number, kind: CovarianceKind): Float64Array[] =>
  [1, k, k * d, kind === 'full' ? k * d * d : k * d].map((size) => new Float64Array(size));

function addTo(sum: Float64Array, part: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i] as number;
}
