/** The head of an ARFF file: its attributes, up to the line @data. */
import { UserError } from '../../errors.js';
import { readQuoted, splitCells } from './arff-cells.js';
import { shortened } from './numbers.js';
import type { TextLine } from './text-lines.js';

export interface Attribute {
  readonly name: string;
  readonly type: 'numeric' | 'nominal' | 'string' | 'relational';
  /** The values that a nominal one declares. */
  readonly classes?: readonly string[];
}

/** More would be a damaged file. */
const mostAttributes = 1_000_000;

/**
 * Reads up to and including @data; the lines go on from there.
 * @throws UserError naming the line that is no attribute, or has one of a type that is not known.
 */
export async function readAttributes(lines: AsyncGenerator<TextLine>, path: string): Promise<Attribute[]> {
  const attributes: Attribute[] = [];
  let inside: string | undefined;
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const { text, line } = next.value;
    const content = text.trim();
    const where = `${path}:${line}`;
    if (content === '' || content.startsWith('%') || /^@relation\b/i.test(content)) continue;
    if (/^@data\b/i.test(content)) return checked(attributes, inside, path);
    if (/^@end\b/i.test(content)) inside = undefined;
    else if (/^@attribute\s/i.test(content)) {
      const attribute = readAttribute(content, where);
      if (inside !== undefined) checkInner(attribute, inside, where);
      else attributes.push(attribute);
      if (attribute.type === 'relational') inside = attribute.name;
    } else {
      throw new UserError(where, `expected @attribute, @end or @data, got '${shortened(content)}'; mend the line`);
    }
  }
  throw new UserError(path, 'expected a line @data, found none; the file is cut off or no ARFF file');
}

function checked(attributes: Attribute[], inside: string | undefined, path: string): Attribute[] {
  if (inside !== undefined) throw new UserError(path, `expected @end ${inside} before @data, found none; add it`);
  if (attributes.length === 0) throw new UserError(path, 'expected attributes before @data, got none; add them');
  if (attributes.length > mostAttributes)
    throw new UserError(
      path,
      `expected at most ${mostAttributes} attributes, got ${attributes.length}; split the table`,
    );
  const names = new Set<string>();
  for (const { name } of attributes) {
    if (names.has(name)) throw new UserError(path, `two attributes are named '${shortened(name)}'; name each once`);
    names.add(name);
  }
  const relational = attributes.filter(({ type }) => type === 'relational');
  if (relational.length > 1)
    throw new UserError(path, `expected one relational attribute, got ${relational.length}; split the file`);
  return attributes;
}

/** What lies inside a relational attribute has no name of its own here; all of it is numbers. */
function checkInner({ name, type }: Attribute, inside: string, where: string): void {
  if (type === 'numeric') return;
  throw new UserError(
    where,
    `expected numeric attributes inside '${inside}', got '${name}', which is ${type}; leave it out, or split the file`,
  );
}

function readAttribute(content: string, where: string): Attribute {
  const rest = content.slice('@attribute'.length).trim();
  const quoted = rest.startsWith("'") || rest.startsWith('"');
  const { value: name, end } = quoted ? readQuoted(rest, 0, where) : unquoted(rest);
  const type = rest.slice(end).trim();
  if (/^(numeric|real|integer)\b/i.test(type)) return { name, type: 'numeric' };
  if (/^string$/i.test(type)) return { name, type: 'string' };
  if (/^relational$/i.test(type)) return { name, type: 'relational' };
  if (type.startsWith('{') && type.endsWith('}'))
    return { name, type: 'nominal', classes: splitCells(type.slice(1, -1).trim(), where) };
  throw new UserError(
    where,
    `expected the type numeric, real, integer, string, relational or {values} for '${shortened(name)}', got '${shortened(type)}'; change the type`,
  );
}

const unquoted = (rest: string): { value: string; end: number } => {
  const end = rest.search(/[\s{]/);
  return { value: end < 0 ? rest : rest.slice(0, end), end: end < 0 ? rest.length : end };
};
