/** trainableOf: the weights that training moves. */
import { weightsOf } from '../../autodiff/weights.js';
import type { Graph, Value } from '../../ir/types.js';
import { standardisePrefix } from '../serve/standardise.js';

/** The weights of a graph, but for what its input is standardised by: a served model may be trained on. */
export const trainableOf = (graph: Graph): Value[] =>
  weightsOf(graph).filter(({ name }) => !name.startsWith(`${standardisePrefix}/`));
