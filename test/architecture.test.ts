/** Holds ARCHITECTURE.md and the tree to each other: layers, who may import what, sizes and names. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** The first column of the table under `heading`. */
function tableUnder(heading: string): string[] {
  const section = architecture.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.slice(2));
}

const layers = tableUnder('Layers').map((row) => (/^`(\w+)`/.exec(row) as RegExpExecArray)[1] as string);

const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

const sources = filesUnder('src');

/** Every module that a file names in an import or export, types included. */
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:\bfrom|\bimport\(|^import) ?'([^']+)'/gm)].map(
    ([, module]) => module as string,
  );

/** The layer of a file in src; loose files are the lowest, but for the public API. */
function layerOf(file: string): string {
  const [first = '', ...rest] = relative('src', file).split('/');
  return rest.length > 0 ? first : 'errors';
}

describe('layers', () => {
  test('the table of ARCHITECTURE.md names every folder of src, and nothing else', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(['errors', ...folders.map(({ name }) => name)].sort()).toEqual([...layers].sort());
  });

  test('a folder imports only from folders above it in the table', () => {
    const wrong = sources
      .filter((file) => file !== 'src/index.ts')
      .flatMap((file) =>
        importsOf(file)
          .filter((module) => module.startsWith('.'))
          .map((module) => relative(root, resolve(root, dirname(file), module)))
          .filter((target) => layers.indexOf(layerOf(target)) > layers.indexOf(layerOf(file)))
          .map((target) => `${file} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test.each([
    ['onnxruntime-node', 'runtime'],
    ['protobufjs', 'onnx'],
    ['yargs', 'cli'],
  ])('%s is imported only in %s', (module, layer) => {
    const users = sources.filter((file) =>
      importsOf(file).some((name) => name === module || name.startsWith(`${module}/`)),
    );
    expect(users.filter((file) => layerOf(file) !== layer)).toEqual([]);
    expect(users).not.toEqual([]);
  });

  test('every import of a relative module names a file that exists', () => {
    const missing = sources.flatMap((file) =>
      importsOf(file)
        .filter((module) => module.startsWith('.'))
        .map((module) => resolve(root, dirname(file), module.replace(/\.js$/, '.ts')))
        .filter((path) => !existsSync(path))
        .map((path) => `${file}: ${relative(root, path)}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('files', () => {
  const everywhere = [...sources, ...filesUnder('test'), ...filesUnder('scripts'), ...filesUnder('bin')];

  test('have fewer than 300 lines', () => {
    const long = everywhere.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 300);
    expect(long).toEqual([]);
  });

  test('are named after what is in them', () => {
    expect(sources.filter((file) => /utils?|helpers?|misc|common|manager/.test(file))).toEqual([]);
  });

  test('have kebab-case names', () => {
    expect(sources.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(file)))).toEqual([]);
  });

  test('open with a sentence on what lives in them', () => {
    const silent = sources.filter((file) => !readFileSync(join(root, file), 'utf8').startsWith('/**'));
    expect(silent).toEqual([]);
  });

  test.each([
    [/\benum \w+ \{/, 'an enum'],
    [/\b(TODO|FIXME|XXX)\b/, 'unfinished work'],
    [/export default/, 'a default export'],
    [/\bconsole\.\w+\(/, 'a print'],
  ])('hold no %s', (expression) => {
    expect(sources.filter((file) => expression.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  test('has at most 200 lines', () => {
    expect(architecture.split('\n').length).toBeLessThanOrEqual(200);
  });

  test('names only files and folders that exist', () => {
    const named = [...architecture.matchAll(/`((?:src|test|bin|scripts)\/[\w./-]+|[A-Z]+\.md)`/g)].map(
      ([, path]) => path as string,
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('says how to add each of the things that grow', () => {
    expect(tableUnder('To add one thing').length).toBeGreaterThanOrEqual(10);
  });
});
