/** How prune runs end badly, and what the same command makes of it. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/pipeline/prune/job.js';
import type { PruneRequest } from '../../src/pipeline/prune/request.js';
import type { PruneReport } from '../../src/report/prune-report.js';
import { withExternalData } from '../helpers/external-copy.js';
import { gpt, jobContext, newFolder, outputIn, pruneRequest, sotu } from './prune-requests.js';

const prune = async (request: PruneRequest, context = jobContext()): Promise<PruneReport> =>
  (await run(request, context)) as PruneReport;

/** Magnitude on a model of its own, so that its files can be harmed. */
function ownModel(folder = newFolder()): PruneRequest {
  copyFileSync(join(dirname(gpt), 'tokenizer.json'), join(folder, 'tokenizer.json'));
  const model = withExternalData(gpt, join(folder, 'model.onnx'));
  return pruneRequest({ model, method: 'magnitude', calibration: undefined as never }, folder);
}

const outputs = ({ output }: PruneRequest): Buffer[] =>
  ['', '.data'].map((end) => readFileSync(`${output?.model}${end}`));

/** Does `harm` once two regions are done. */
const afterTwo = (harm: () => void) =>
  jobContext((event) => {
    if (event.type === 'progress' && event.stage === 'prune' && event.done === 2) harm();
  });

describe('inputs that change during a run', () => {
  let expected: Buffer[] = [];
  beforeAll(async () => {
    const request = ownModel();
    await prune(request);
    expected = outputs(request);
  });

  const harms: [string, string, (path: string) => void, RegExp][] = [
    ['the model is removed', 'model.onnx', (path) => rmSync(path), /model\.onnx: the file was removed during the run/],
    ['the model is cut short', 'model.onnx', (path) => truncateSync(path, 100), /model\.onnx: the file was changed/],
    [
      'the external data is swapped',
      'model.onnx.data',
      (path) => {
        const bytes = readFileSync(path);
        bytes[1000]! ^= 1;
        rmSync(path);
        writeFileSync(path, bytes);
      },
      /model\.onnx\.data: the file was changed/,
    ],
  ];
  test.each(harms)(
    '%s: said clearly, nothing written, and the run goes on once it is back',
    async (_n, name, harm, message) => {
      const request = ownModel();
      const path = join(dirname(request.model), name);
      copyFileSync(path, `${path}.kept`);
      await expect(
        prune(
          request,
          afterTwo(() => harm(path)),
        ),
      ).rejects.toThrow(message);
      expect(existsSync(request.output?.model as string)).toBe(false);
      renameSync(`${path}.kept`, path);
      const resumed = jobContext();
      await prune(request, resumed);
      expect(resumed.said.join()).toContain('resuming the run');
      expect(outputs(request).every((bytes, i) => bytes.equals(expected[i] as Buffer))).toBe(true);
    },
  );

  test('another external data file is another run', async () => {
    const request = ownModel();
    await expect(
      prune(
        request,
        jobContext((event, abort) => {
          if (event.type === 'progress' && event.stage === 'prune' && event.done === 2) abort();
        }),
      ),
    ).rejects.toThrow();
    const data = `${request.model}.data`;
    const bytes = readFileSync(data);
    bytes[1000]! ^= 1;
    writeFileSync(data, bytes);
    await expect(prune(request)).rejects.toThrow(/run: belongs to a run with other settings \(files/);
  });
});

describe('outputs that have appeared', () => {
  test('are known to the run that made them, and nobody else overwrites them', async () => {
    const folder = newFolder();
    const request = { ...ownModel(folder), output: { ...outputIn(folder), keepRun: true } };
    await prune(request);
    // as if it had been killed between two renames
    rmSync(join(folder, 'report/report.html'));
    await prune(request);
    expect(readdirSync(join(folder, 'report')).sort()).toEqual(['report.html', 'report.json']);
    writeFileSync(join(folder, 'pruned.onnx'), 'mine');
    await expect(prune(request)).rejects.toThrow(/pruned\.onnx: already exists; add --force/);
    expect(readFileSync(join(folder, 'pruned.onnx'), 'utf8')).toBe('mine');
  });

  test('during the run are not overwritten', async () => {
    const request = ownModel();
    const path = request.output?.model as string;
    const meddling = afterTwo(() => writeFileSync(path, 'mine'));
    await expect(prune(request, meddling)).rejects.toThrow(/pruned\.onnx: was made by somebody else during the run/);
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});

describe('places that cannot be written to', () => {
  const at = (request: PruneRequest, model: string): PruneRequest => ({
    ...request,
    output: { ...outputIn(newFolder()), model, force: true },
  });

  test('a file that the command reads, under any name, with or without force', async () => {
    const request = ownModel();
    const alias = join(dirname(request.model), 'alias.onnx');
    linkSync(request.model, alias);
    await expect(prune(at(request, alias))).rejects.toThrow(/alias\.onnx: is a file that the command reads/);
    // its data would go to the name that the model's data has
    renameSync(`${request.model}.data`, join(dirname(request.model), 'other.onnx.data'));
    const other = join(dirname(request.model), 'other.onnx');
    const bytes = readFileSync(request.model);
    writeFileSync(
      request.model,
      Buffer.from(bytes.toString('latin1').replaceAll('model.onnx.data', 'other.onnx.data'), 'latin1'),
    );
    await expect(prune(at(request, other))).rejects.toThrow(/other\.onnx\.data: is a file that the command reads/);
  });

  test.runIf(process.platform === 'linux')('a device', async () => {
    await expect(prune(at(pruneRequest({ method: 'magnitude' }), '/dev/full'))).rejects.toThrow(
      '/dev/full: expected the name of a file, got a device; name a file',
    );
  });
});

test('a damaged region is done again, to the same bytes', async () => {
  const whole = pruneRequest({ calibration: sotu });
  await prune(whole);
  const folder = newFolder();
  const halted = pruneRequest({ calibration: sotu }, folder);
  const stopping = jobContext((event, abort) => {
    if (event.type === 'progress' && event.stage === 'prune' && event.done === 3) abort();
  });
  await expect(prune(halted, stopping)).rejects.toThrow();
  truncateSync(join(folder, 'run/region-0001.safetensors'), 4096);
  mkdirSync(join(folder, 'run/activations'), { recursive: true });
  const resumed = jobContext();
  await prune(halted, resumed);
  expect(resumed.said).toContain('the files of step region-0001 are damaged: it is done again');
  const model = (request: PruneRequest) => readFileSync(request.output?.model as string);
  expect(model(halted).equals(model(whole))).toBe(true);
});
