/** Schema files: read, checked against the columns of the data, and resolved. */
import type { z } from 'zod';
import { readSmallFile } from '../data/document.js';
import { UserError } from '../errors.js';
import { nearest } from '../nearest.js';
import { defaultFeature } from './default-schema.js';
import { checkFeasible } from './feasible.js';
import { type Lined, type Path, parseLined } from './lines.js';
import type { Observed } from './observed.js';
import { resolveConstraint } from './resolve-constraint.js';
import { resolveFeature } from './resolve-feature.js';
import type { Constraint, Feature, Schema } from './schema.js';
import { constraintForm, featureForm, schemaForm } from './schema-form.js';

/** As `readSchema`, of a file. @throws UserError also when it is missing or of more than 1 MiB. */
export const loadSchema = (path: string, columns: readonly string[], observed: readonly Observed[]): Schema =>
  readSchema(readSmallFile(path), path, columns, observed);

/**
 * @param text YAML or JSON; @param where its name for messages; @param columns the names of a row's numbers;
 * @param observed of each column.
 * @throws UserError naming the line, the feature and the key at fault.
 */
export function readSchema(
  text: string,
  where: string,
  columns: readonly string[],
  observed: readonly Observed[],
): Schema {
  const lined = parseLined(text, where);
  const parsed = schemaForm.safeParse(lined.content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw errorAt(lined, where, issuePath(issue), describeIssue(issue));
  }
  const entries = parsed.data.features;
  const written = entries.map((entry, i) =>
    resolveFeature(entry, { columns, observed }, (what, key) =>
      errorAt(lined, where, key ? ['features', i, key] : ['features', i], `${key ? `'${key}': ` : ''}${what}`),
    ),
  );
  const complain = (i: number, what: string) => errorAt(lined, where, ['features', i], what);
  checkNames(written, complain);
  const owners = ownersOf(written, columns, complain);
  const others = columns.flatMap((name, column) => {
    if (owners.has(column)) return [];
    const clash = written.findIndex((feature) => feature.name === name);
    if (clash >= 0) throw complain(clash, 'a column that it does not hold has this name too; rename the feature');
    const feature = defaultFeature(name, column, observed[column]!);
    return [parsed.data.others === 'immutable' ? { ...feature, isImmutable: true } : feature];
  });
  const features = [...written, ...others].sort((a, b) => Math.min(...a.columns) - Math.min(...b.columns));
  const constraints = parsed.data.constraints.map((entry, i): Constraint => {
    const found = resolveConstraint(entry, features);
    if (typeof found === 'string') throw errorAt(lined, where, ['constraints', i], found);
    return found;
  });
  const contradiction = checkFeasible(features, constraints);
  if (contradiction) throw errorAt(lined, where, ['constraints', contradiction.constraint], contradiction.reason);
  return { columns, features, constraints };
}

function errorAt({ content, lineOf }: Lined, where: string, path: Path, what: string): UserError {
  const [list, i] = path;
  const name = list === 'features' ? nameOf(content, i) : undefined;
  const thing = list === 'features' && i !== undefined ? `feature ${name ? `'${name}'` : Number(i) + 1}: ` : '';
  return new UserError(`${where}:${lineOf(path)}`, `${thing}${what}`);
}

function nameOf(content: unknown, i: PropertyKey | undefined): string | undefined {
  const entry = (content as { features?: { name?: unknown }[] }).features?.[Number(i)];
  return typeof entry?.name === 'string' ? entry.name : undefined;
}

/** Unknown keys are reported on what holds them, though they stand on lines of their own. */
const issuePath = (issue: z.core.$ZodIssue): Path =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path[0] === 'features' ? issue.path.slice(2) : issue.path;
  const where = path.length > 0 ? `'${path.join('.')}': ` : '';
  if (issue.code !== 'unrecognized_keys')
    return `${where}${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}; correct it there`;
  const keys = knownKeys[issue.path.length > 0 ? (issue.path[0] as string) : ''] ?? [];
  const meant = nearest(issue.keys[0]!, keys);
  return `${where}unknown key '${issue.keys[0]}'; ${meant ? `did you mean '${meant}'?` : `the keys are ${keys.join(', ')}`}`;
}

const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(schemaForm.shape),
  features: Object.keys(featureForm.shape),
  constraints: Object.keys(constraintForm.options[1].shape),
};

function checkNames(features: readonly Feature[], complain: (i: number, what: string) => UserError): void {
  const taken = new Set<string>();
  features.forEach(({ name }, i) => {
    if (taken.has(name)) throw complain(i, 'another feature has this name; rename one of them');
    taken.add(name);
  });
}

function ownersOf(
  features: readonly Feature[],
  columns: readonly string[],
  complain: (i: number, what: string) => UserError,
): ReadonlyMap<number, Feature> {
  const owners = new Map<number, Feature>();
  features.forEach((feature, i) => {
    for (const column of feature.columns) {
      const other = owners.get(column);
      if (other) {
        const whose = other === feature ? 'twice' : `and so does '${other.name}'`;
        throw complain(i, `it has the column '${columns[column]}' ${whose}; a column belongs to one feature`);
      }
      owners.set(column, feature);
    }
  });
  return owners;
}
