/** Requests for attacks on the bundled network of irises, and on a linear network of images. */
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '../../src/onnx/encode.js';
import { run } from '../../src/pipeline/attack/job.js';
import type { AttackRequest } from '../../src/pipeline/attack/request.js';
import type { AttackReport } from '../../src/report/attack-report.js';
import type { JobContext } from '../../src/runtime/job-protocol.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64 } from '../../src/tensor/tensor.js';
import { linearCase } from '../attack/linear.js';
import { jobHere } from '../helpers/job-here.js';

export const home = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'scalpel-attack-')));

export const irisRequest = (folder: string, changes: Partial<AttackRequest> = {}): AttackRequest => ({
  model: home('models/iris/model.onnx'),
  data: { files: [home('calibration/iris-heldout.csv')], label: 'species' },
  attacks: [{ name: 'gse', given: { steps: 40, searchSteps: 4 } }],
  wish: [{ kind: 'untargeted' }],
  limits: {},
  bisect: false,
  seed: 0,
  engine: { provider: 'cpu', threads: 1, batch: 7 },
  output: { folder: join(folder, 'out'), run: join(folder, 'out.run'), keepRun: false, force: false },
  commandLine: ['scalpel', 'attack'],
  ...changes,
});

/** Writes a linear network of colour images and its data. */
export function imageRequest(folder: string, changes: Partial<AttackRequest> = {}): AttackRequest {
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
        ['labels', int64([10], new Array(10).fill(0))],
      ]),
    ),
  );
  return irisRequest(folder, { model, data: { files: [data] }, input: 'x', ...changes });
}

export const attack = (request: AttackRequest, context: JobContext = jobHere()): Promise<AttackReport> =>
  run(request, context) as Promise<AttackReport>;
