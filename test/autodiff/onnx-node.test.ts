/** Gradients of the ONNX project's node tests against differences: every float-in, float-out one. */
import { basename, dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { nodeTests } from '../helpers/onnx-files.js';
import { isGradientTest, type Outcome, runNodeTest } from './node-tests.js';
import { writeReport } from './report.js';

const files = nodeTests().filter((path) => basename(path) === 'model.onnx' && isGradientTest(load(path).graph));
const nameOf = (file: string): string => basename(dirname(file));

const outcomes: Outcome[] = [];

describe.skipIf(files.length === 0)('gradients of the node tests', () => {
  test.each(files.map((file) => [nameOf(file), file]))('%s', async (_, file) => {
    const outcome = await runNodeTest(file);
    outcomes.push(outcome);
    expect(['passes', 'left out'], `${outcome.result}: ${outcome.reason}`).toContain(outcome.result);
  });

  afterAll(() => writeReport('node-tests', outcomes));
});
