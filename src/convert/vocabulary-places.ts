/** vocabularyOf: where a language model holds its vocabulary: the tables that token ids are looked up in, and the outputs that have a number for each token. */
import { type Atom, type Axis, atomsOf, found } from '../axes/axis.js';
import { languageInputs } from '../data/language-inputs.js';
import { unsupported } from '../errors.js';
import { type Flows, flowsOf } from '../groups/flows.js';
import { consumers } from '../ir/graph.js';
import { describe, intAttr, isDefaultDomain } from '../ir/node.js';
import type { Graph, Node, Value } from '../ir/types.js';
import type { CompileOptions } from '../runtime/program.js';

export interface Vocabulary {
  readonly flows: Flows;
  /** How many tokens there are. */
  readonly rows: number;
  /** The rows of the tables, and what is made of them or like them: cut together. */
  readonly axes: readonly Atom[];
  /** Places of outputs whose last axis is the vocabulary. */
  readonly outputs: readonly number[];
}

const where = 'trim-vocabulary';

/**
 * @param copy of the model, in float32.
 * @throws UserError (exit 3) where ids are read in another way than to look rows up, or a head is not stored as a matrix.
 */
export async function vocabularyOf(copy: Graph, options: CompileOptions): Promise<Vocabulary> {
  const flows = await flowsOf(copy, {}, options);
  const { graph, axes } = flows;
  const ids = languageInputs(graph)?.ids;
  if (!ids)
    throw unsupported(where, 'expected a model that takes token ids, found no such input; name a language model');
  const tables = tablesFor(graph, ids);
  const [first] = tables;
  const rows = first && graph.initializers.get(first)!.shape[0]!;
  if (!rows) {
    throw unsupported(
      where,
      `expected a stored table that '${ids.name}' is looked up in, found none; a quantised model has to be trimmed before it is quantised`,
    );
  }
  const ofTables = tables.map((table) => axes.get(table)![0]!);
  const heads = graph.outputs.flatMap((value, i) => {
    const last = axes.get(value)?.at(-1);
    return last?.size === rows ? [{ i, axis: last, name: value.name }] : [];
  });
  for (const { axis, name } of heads) {
    const isStored = [...graph.initializers].some(
      ([value, { shape }]) => shape.length > 1 && axes.get(value)?.some((own) => found(own) === found(axis)),
    );
    if (found(axis).form.kind !== 'atom' || !isStored) {
      throw unsupported(
        where,
        `expected the numbers that '${name}' has for each token to be made by a stored matrix, found none; a quantised model has to be trimmed before it is quantised`,
      );
    }
  }
  const cut: readonly Axis[] = [...ofTables, ...heads.map(({ axis }) => axis)];
  return { flows, rows, axes: [...new Set(cut.flatMap(atomsOf))], outputs: heads.map(({ i }) => i) };
}

/** Ops that pass ids on as they are. */
const transparent = new Set(['Cast', 'Flatten', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand']);

/** Of all nodes that ids reach, tables that rows are looked up in. */
function tablesFor(graph: Graph, ids: Value): Value[] {
  const readers = consumers(graph);
  const tables = new Set<Value>();
  const reached = new Set([ids]);
  for (const value of reached) {
    for (const node of readers.get(value) ?? []) {
      const table = tableOf(node, value, graph);
      if (table) tables.add(table);
      else if (isDefaultDomain(node.domain) && transparent.has(node.op) && node.inputs[0] === value) {
        for (const output of node.outputs) if (output) reached.add(output);
      } else if (!isSizeOnly(node)) {
        throw unsupported(
          describe(node),
          'reads token ids as numbers, which would be those of other tokens; only a model that looks them up in a stored table can be trimmed',
        );
      }
    }
  }
  for (const table of tables) checkReaders(table, readers.get(table) ?? [], reached);
  return [...tables];
}

const isSizeOnly = ({ op }: Node): boolean => op === 'Shape' || op === 'Size';

function tableOf(node: Node, ids: Value, { initializers }: Graph): Value | undefined {
  const [table, indices] = node.inputs;
  const isLookUp =
    isDefaultDomain(node.domain) && node.op === 'Gather' && indices === ids && intAttr(node, 'axis', 0) === 0;
  return isLookUp && table && initializers.has(table) ? table : undefined;
}

/** Rows that are looked up by anything but token ids would be others. */
function checkReaders(table: Value, readers: readonly Node[], ids: ReadonlySet<Value>): void {
  for (const node of readers) {
    const isByOthers = /^Gather/.test(node.op) && node.inputs[0] === table && !ids.has(node.inputs[1]!);
    if (isByOthers)
      throw unsupported(describe(node), `looks rows of '${table.name}' up by other numbers than token ids`);
  }
}
