import { expect, test } from 'vitest';
import { home } from '../pipeline/train/train-requests.js';
import { runScalpel } from './run-scalpel.js';

test.each([
  ['an algorithm has settings of its own', [], 48],
  ['steps that are asked for are taken', ['--steps', '100'], 100],
  ['so are epochs', ['--epochs', '100'], 19],
  ['and both', ['--epochs', '100', '--steps', '10'], 10],
] as const)('%s', async (_, asked, steps) => {
  const { stdout } = await runScalpel([
    ...[
      'train',
      '--data',
      home('calibration/cbf-train.tsv'),
      '--labels',
      '6',
      '--width',
      '4',
      '--validation-size',
      '3',
    ],
    ...['--algorithm', 'mixmatch', ...asked, '--dry-run', '--json', '--quiet', '--provider', 'cpu', '--threads', '1'],
    ...['--output', 'nowhere'],
  ]);
  const parts: { what: string }[] = JSON.parse(stdout).estimate.parts;
  expect(parts.map(({ what }) => what)).toContain(`mixmatch: 1 training of at most ${steps} steps`);
});
