/** Mutations of JSON and YAML: other types, deep nesting, long lists, odd keys, and bytes at last. */
import { mutateBytes } from './bytes.mjs';

const utf8 = new TextEncoder();
const odd = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'x',
  '__proto__',
  [],
  {},
  [[]],
  'a'.repeat(3000),
  '\u0000',
  '(a+)+$',
];

/** A mutator of JSON; `write` turns the document into text, as another notation that JSON is part of. */
export const documentMutator =
  (write = JSON.stringify) =>
  (bytes, random, others = []) => {
    const document = random.chance(0.8) ? parsed(bytes) : undefined;
    if (document === undefined) return mutateBytes(bytes, random, others);
    let root = { document };
    for (let i = 1 + random.below(3); i > 0; i--) root = { document: mutate(root.document, random, 0) };
    const text = utf8.encode(write(root.document) ?? '');
    return random.chance(0.1) ? mutateBytes(text, random, others) : text;
  };

function parsed(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function mutate(value, random, depth) {
  const isContainer = typeof value === 'object' && value !== null;
  if (!isContainer || depth > 20 || random.chance(0.25)) return replaced(value, random);
  const entries = Object.entries(value);
  if (entries.length === 0) return replaced(value, random);
  const at = random.below(entries.length);
  const [key, held] = entries[at];
  switch (random.below(8)) {
    case 0:
      entries.splice(at, 1);
      break;
    case 1:
      entries.push([random.pick(['__proto__', 'constructor', 'type', key, '']), random.pick(entries)[1]]);
      break;
    case 2:
      entries[at] = [random.pick(entries)[0], held];
      break;
    default:
      entries[at] = [key, mutate(held, random, depth + 1)];
  }
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

function replaced(value, random) {
  if (random.chance(0.03)) return deep(value, random.pick([5, 100, 3000]));
  // only of what is small: long lists of long lists would take the mutation's own memory
  if (typeof value !== 'object' && random.chance(0.03)) return Array.from({ length: 5000 }, () => value);
  if (typeof value === 'number' && random.chance(0.5)) return random.pick([value + 1, -value, value * 1e9, 1e-9]);
  if (typeof value === 'string' && random.chance(0.3)) return value.slice(0, random.below(value.length + 1));
  return random.pick(odd);
}

function deep(value, levels) {
  let made = value;
  for (let i = 0; i < levels; i++) made = i % 2 === 0 ? [made] : { type: made };
  return made;
}
