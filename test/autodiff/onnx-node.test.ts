/** Gradients of the ONNX project's node tests against central differences: every float-in, float-out one. */
import { basename, dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { nodeTests } from '../helpers/onnx-files.js';
import { isGradientTest, type Outcome, runNodeTest } from './node-tests.js';
import { writeReport } from './report.js';

const files = nodeTests().filter((path) => basename(path) === 'model.onnx' && isGradientTest(load(path).graph));
const nameOf = (file: string): string => basename(dirname(file));

/** Not differentiated yet: what each is refused for. One that begins to pass has to leave this table. */
const missing: readonly (readonly [RegExp, RegExp])[] = [
  [/^test_affine_grid_.*_expanded$/, /expected a known rank/],
  [/^test_scan_sum$/, /Scan took its sequences in another form/],
];

const refusalOf = (file: string): RegExp | undefined => missing.find(([pattern]) => pattern.test(nameOf(file)))?.[1];

const outcomes: Outcome[] = [];

describe.skipIf(files.length === 0)('gradients of the node tests', () => {
  test.each(files.map((file) => [nameOf(file), file]))('%s', async (_, file) => {
    const outcome = (await runNodeTest(file))!;
    outcomes.push(outcome);
    const refusal = refusalOf(file);
    if (refusal) {
      expect(outcome.result).toBe('refused');
      expect(outcome.reason).toMatch(refusal);
    } else {
      expect(['passes', 'left out'], `${outcome.result}: ${outcome.reason}`).toContain(outcome.result);
    }
  });

  afterAll(() => writeReport('node-tests', outcomes));
});
