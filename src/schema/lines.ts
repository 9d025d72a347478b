/** YAML and JSON with the line of everything in it, so that a complaint can name it. */
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { UserError } from '../errors.js';

export type Path = readonly PropertyKey[];

export interface Lined {
  readonly content: unknown;
  /** The line of a key or an entry, from 1; of the nearest thing around it, where it is absent. */
  lineOf(path: Path): number;
}

/** @throws UserError naming the line where the text is neither YAML nor JSON, or unfolds too far. */
export function parseLined(text: string, where: string): Lined {
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: counter, logLevel: 'error' });
    if (document.errors[0]) throw document.errors[0];
    return {
      // aliases are limited so that a small file cannot unfold into a huge document
      content: document.toJS({ maxAliasCount: 10 }),
      lineOf(path) {
        for (let length = path.length; length > 0; length--) {
          const around = document.getIn(path.slice(0, length - 1), true);
          const last = path[length - 1];
          const key = isMap(around) && around.items.find((pair) => isScalar(pair.key) && `${pair.key.value}` === last);
          const node = key ? key.key : document.getIn(path.slice(0, length), true);
          if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
        }
        return 1;
      },
    };
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]?.replace(/:$/, '');
    throw new UserError(where, `expected YAML or JSON, got ${reason}; correct it there`, { cause });
  }
}
