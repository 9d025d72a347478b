/** The weights that a target is asked to convert, and the reasons of those that it leaves. */
import { UserError } from '../errors.js';
import type { Graph, Node } from '../ir/types.js';
import { findLayers, type Layer } from '../ops/layers.js';
import type { ConvertTask } from './target.js';

export interface Chosen {
  readonly layers: readonly Layer[];
  readonly left: Left;
}

/** Layers of `graph` that the task chooses by their own name or by a node that uses them; others that it would have chosen are left. */
export function chosenLayers(graph: Graph, task: Pick<ConvertTask, 'isChosen'>): Chosen {
  const { layers, skipped } = findLayers(graph);
  const left = leftByReason();
  const isChosen = (names: readonly string[], nodes: readonly Node[]): boolean =>
    task.isChosen(...names, ...nodes.flatMap(({ name, op }) => [name, op]));
  for (const { node, reason } of skipped) if (isChosen([], [node])) left.add(node.name || node.op, reason);
  const chosen = layers.filter(({ name, uses }) =>
    isChosen(
      [name],
      uses.map(({ node }) => node),
    ),
  );
  return { layers: chosen, left };
}

/** What is left as it is, by reason. */
export interface Left {
  add(name: string, reason: string): void;
  /** A line a reason, naming the first. */
  readonly notes: readonly string[];
  /** The first line, for a refusal. */
  readonly first: string;
}

function leftByReason(): Left {
  const byReason = new Map<string, string[]>();
  const line = ([reason, names]: readonly [string, readonly string[]]): string => {
    const shown = names.slice(0, mostNames).map((name) => `'${name}'`);
    const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
    return `${shown.join(', ')}${rest} left as stored: ${reason}`;
  };
  const notes = (): string[] => [...byReason].map(line);
  return {
    add(name, reason) {
      byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
    },
    get notes() {
      return notes();
    },
    get first() {
      return notes()[0] ?? 'no weight was chosen';
    },
  };
}

const mostNames = 3;

/** @throws UserError naming the first element that is not a number one can scale. */
export function checkFinite(name: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new UserError(
      `weight '${name}'`,
      `expected finite numbers, got ${values[at]} at element ${at}; mend the model, or leave the weight out (--exclude)`,
    );
  }
}
