/** The ONNX project's node tests in float16: whatever the op, what comes out is a model that the runtime opens. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { chooseNodes } from '../../src/convert/half/choose-nodes.js';
import { wholeInHalf } from '../../src/convert/half/whole.js';
import type { Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { load } from '../../src/onnx/load.js';
import { save } from '../../src/onnx/save.js';
import { annotate } from '../../src/runtime/annotate.js';
import { openFile } from '../../src/runtime/open-file.js';
import { nodeTests, temporaryFolder } from '../helpers/onnx-files.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const files = nodeTests();

describe.skipIf(files.length === 0)('node tests', () => {
  test.each(['keep', 'convert'] as const)(
    'are opened by the runtime, inputs and outputs: %s',
    async (io) => {
      const out = join(folder, `${io}.onnx`);
      const failures: string[] = [];
      for (const file of files) {
        const model = load(file);
        const types = await annotate(model.graph);
        const typeOf = (value: Value) => types.get(value)?.dtype ?? value.type?.dtype;
        const choice = await chooseNodes(model.graph, { to: 'float16', isBold: true, isChosen: () => true, typeOf });
        try {
          const { model: made } = wholeInHalf(model, { to: 'float16', choice, io, typeOf });
          verify(made.graph);
          await save(made, out, { force: true });
          await openFile(out, 1);
        } catch (error) {
          failures.push(`${file}: ${(error as Error).message}`);
        }
      }
      expect(failures).toEqual([]);
    },
    120_000,
  );
});
