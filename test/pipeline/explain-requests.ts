/** Requests for explanations of the bundled network of irises, of a linear network of images, and of a linear regressor. */
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '../../src/onnx/encode.js';
import { run } from '../../src/pipeline/explain/job.js';
import type { ExplainRequest } from '../../src/pipeline/explain/request.js';
import type { ExplainReport } from '../../src/report/explain-report.js';
import type { JobContext } from '../../src/runtime/job-protocol.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32 } from '../../src/tensor/tensor.js';
import { linearCase } from '../attack/linear.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { jobHere } from '../helpers/job-here.js';

export const home = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'scalpel-explain-')));

/** Without plausibility a search is over sooner. */
const soon = { name: 'scfe', given: { steps: 30, rounds: 5 } } as const;

export const irisRequest = (folder: string, changes: Partial<ExplainRequest> = {}): ExplainRequest => ({
  model: home('models/iris/model.onnx'),
  data: { files: [home('calibration/iris-heldout.csv')], label: 'species' },
  reference: { files: [home('calibration/iris.csv')], label: 'species' },
  referenceSamples: 5000,
  schema: home('calibration/iris.schema.yaml'),
  goal: { kind: 'other' },
  methods: [soon],
  companions: {},
  limits: { seconds: 60 },
  seed: 0,
  engine: { provider: 'cpu', threads: 1, batch: 7 },
  output: { folder: join(folder, 'out'), run: join(folder, 'out.run'), keepRun: false, force: false },
  commandLine: ['scalpel', 'explain'],
  ...changes,
});

/** Of a table without a schema. */
export function plainRequest(folder: string, changes: Partial<ExplainRequest> = {}): ExplainRequest {
  const { schema: _, reference: __, ...request } = irisRequest(folder, changes);
  return request;
}

/** Writes a linear network of colour images and its data. */
export function imageRequest(folder: string, changes: Partial<ExplainRequest> = {}): ExplainRequest {
  const { graph, samples } = linearCase(9, [3, 9, 9], 10);
  const [model, data] = [join(folder, 'net.onnx'), join(folder, 'data.npz')];
  writeFileSync(model, encode(graph));
  const fed = new Map([...samples.batch(0, 10)].map(([{ name }, array]) => [name, array]));
  const x = float32([10, 3, 9, 9], floatsOf(fed.get('x')!));
  writeFileSync(
    data,
    encodeNpz(
      new Map([
        ['x', x],
        ['bias', fed.get('bias')!],
      ]),
    ),
  );
  return plainRequest(folder, { model, data: { files: [data] }, input: 'x', ...changes });
}

/** Writes a regressor that gives 10 a + b of its two columns, and a table of them. */
export function priceRequest(folder: string, changes: Partial<ExplainRequest> = {}): ExplainRequest {
  const [x, w, y] = [typed('x', ['batch', 2]), typed('w', [2, 1]), typed('y', ['batch', 1])];
  const graph = graphOf({
    inputs: [x],
    outputs: [y],
    nodes: [node('MatMul', [x, w], [y])],
    initializers: new Map([[w, float32([2, 1], Float32Array.of(10, 1))]]),
  });
  const [model, data] = [join(folder, 'price.onnx'), join(folder, 'price.csv')];
  writeFileSync(model, encode(graph));
  const lines = Array.from({ length: 20 }, (_, i) => `${(i % 5) / 10},${i / 2}`);
  writeFileSync(data, `a,b\n${lines.join('\n')}\n`);
  return plainRequest(folder, {
    model,
    data: { files: [data] },
    goal: { kind: 'range', low: 12, high: Number.POSITIVE_INFINITY },
    ...changes,
  });
}

export const explain = (request: ExplainRequest, context: JobContext = jobHere()): Promise<ExplainReport> =>
  run(request, context) as Promise<ExplainReport>;
