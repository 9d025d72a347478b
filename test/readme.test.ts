/** README.md is true: its tables are those of the catalogues, and its commands run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../src/cli/main.js';
import { exitCodes } from '../src/errors.js';
import type { Pruner } from '../src/prune/index.js';
import { pruners } from '../src/prune/index.js';
import { adapters } from '../src/reconstruct/adapters/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Command lines of the fenced sh blocks that call scalpel, continuation lines joined. */
const commandLines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .map(([, block]) => (block as string).replaceAll('\\\n', ' '))
  .flatMap((block) => block.split('\n'))
  .filter((line) => /^(npx )?scalpel /.test(line));

describe('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scalpel-readme-'));

  beforeAll(() => {
    for (const name of ['models', 'calibration', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
    mkdirSync(join(folder, 'out'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // few samples are enough to see that a command does what it says
  const fewer = (line: string): string => {
    if (line.startsWith('scalpel train')) return line.replace(/--steps \d+/, '--steps 20');
    if (line.startsWith('scalpel attack')) return line.includes('--examples') ? line : `${line} --examples 8`;
    return /--(data|calibration)\b/.test(line) ? `${line} --samples 8` : line;
  };

  test.each(commandLines)('%s', (line) => {
    const words = fewer(line).replace(/^(npx )?scalpel/, `'${process.execPath}' '${join(root, 'bin/scalpel.js')}'`);
    execFileSync('sh', ['-c', words], { cwd: folder, stdio: 'pipe' });
    const output = /--output (\S+)/.exec(line)?.[1];
    if (output) expect(existsSync(join(folder, output))).toBe(true);
  });

  test('has a worked example for every command', () => {
    const shown = new Set(commandLines.map((line) => line.replace(/^npx /, '').split(' ')[1]));
    expect([...shown].sort()).toEqual(Object.keys(commands).sort());
  });
});

describe('tables', () => {
  test('methods are those of the catalogue', () => {
    expect(rowsAfter('| method | kind |')).toEqual(Object.values(pruners).map(methodRow));
  });

  test('what moves is told by the adapters', () => {
    const rows = Object.values(adapters).map((make) => {
      const { name, description, paper } = make();
      return `| \`${name}\` | ${description} | ${paper} |`;
    });
    expect(rowsAfter('| `--trained` |')).toEqual(rows);
  });

  test('exit codes are those of the code', () => {
    const codes = rowsAfter('| code | meaning |').map((row) => Number(row.split('|')[1]));
    expect(codes).toEqual(Object.values(exitCodes));
  });
});

const data = { columnNorm: 'norm of each input', gram: 'Gram matrix of the inputs' } as const;
const groups = { row: 'output', matrix: 'matrix', global: 'model', 'column-block': 'block of columns' } as const;

const methodRow = ({ name, kind, description, needs, group, paper }: Pruner): string => {
  const looks = needs.map((need) => data[need]).join(', ') || 'none';
  return `| \`${name}\` | ${kind} | ${description} | ${looks} | ${groups[group]} | ${paper} |`;
};

/** The rows of the table whose header starts so. */
function rowsAfter(header: string): string[] {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.startsWith(header)) + 2;
  const end = lines.findIndex((line, i) => i >= start && !line.startsWith('|'));
  return lines.slice(start, end);
}
