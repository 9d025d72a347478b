/** Foreign models that make the runtime crash: the command outlives them and says which model and which op. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FormsReport } from '../../src/report/forms-report.js';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, int64 } from '../../src/tensor/tensor.js';
import { crashingModel } from './crashing-model.js';

const scalpel = fileURLToPath(new URL('../../bin/scalpel.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scalpel-crashes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  writeFileSync(join(folder, 'model.onnx'), crashingModel());
  copyFileSync(join(folder, 'model.onnx'), join(folder, 'same.onnx'));
  const arrays = { x: float32([2, 4, 8], new Float32Array(64).fill(0.5)), labels: int64([2], [0, 1]) };
  writeFileSync(join(folder, 'data.npz'), encodeNpz(new Map(Object.entries(arrays))));
});

describe('a model that the runtime breaks down on', () => {
  test.each([
    [['eval', '--json', 'model.onnx', '--data', 'data.npz'], 'eval model.onnx'],
    [['compare', 'model.onnx', 'same.onnx', '--data', 'data.npz'], 'compare model.onnx same.onnx'],
  ])('%j', (argv, name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [scalpel, ...argv, '--provider', 'cpu'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr.trim().split('\n').at(-1)).toMatch(
      new RegExp(
        `^${name}: its process was ended by SIG\\w+ in stage '\\w+' \\(0 of 2\\), while ONNX Runtime ran graph 'main' of 3 nodes \\(Attention, Relu, Tanh\\) and came to com\\.microsoft\\.Attention 'scalpel/Attention'; the runtime breaks down on this op`,
      ),
    );
  });

  test('has other forms all the same, which are neither compared nor timed', () => {
    const argv = ['convert', 'model.onnx', '--to', 'external,low-rank', '--set', 'external.threshold=1', '--json'];
    const { status, stdout } = spawnSync(process.execPath, [scalpel, ...argv, '--provider', 'cpu'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    const { original, forms, warnings }: FormsReport = JSON.parse(stdout);
    const moved = forms.find(({ target }) => target === 'external')!;
    expect(moved.notRun).toMatch(/^ONNX Runtime does not run it: .*its process was ended by SIG/);
    expect(moved.outputs.failure).toBe('ONNX Runtime breaks down on it');
    expect([original, moved.figures, moved.isWithin]).toEqual([undefined, undefined, false]);
    expect(warnings).toEqual([expect.stringMatching(/^nothing was timed; of the model, ONNX Runtime does not run it/)]);
  });
});
