/** Small classifiers of examples fed as they are, opened as grounds. */

import { type OpenGround, openGround } from '../../../src/attack/ground.js';
import type { Samples } from '../../../src/data/samples.js';
import type { Graph } from '../../../src/ir/types.js';
import { boundsOf, type Range } from '../../../src/oracle/bounds.js';
import { float32 } from '../../../src/tensor/tensor.js';
import { typed } from '../../helpers/graphs.js';

/** Without labels, so that what the model says is right. @param graph with an input `x`. */
export function openExamples(
  graph: Graph,
  shape: readonly number[],
  x: readonly number[],
  range: Range = [-10, 10],
  fixedBatch?: number,
): Promise<OpenGround> {
  const size = shape.reduce((a, b) => a * b, 1);
  const count = x.length / size;
  const values = Float32Array.from(x);
  const samples: Samples = {
    count,
    ...(fixedBatch !== undefined && { fixedBatch }),
    batch: (from, to) =>
      new Map([
        [typed('x', ['batch', ...shape]), float32([to - from, ...shape], values.slice(from * size, to * size))],
      ]),
    provenance: { files: [], description: 'test' },
  };
  return openGround(graph, samples, ({ space }) => boundsOf([range], space, 'test'), { batch: 16, threads: 1 });
}
