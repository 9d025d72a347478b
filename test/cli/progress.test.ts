import { describe, expect, test } from 'vitest';
import { describeProgress, ProgressView } from '../../src/cli/progress.js';
import type { JobEvent } from '../../src/runtime/job.js';

const at = (done: number, stage = 'observe'): JobEvent => ({
  type: 'progress',
  stage,
  done,
  total: 10,
  unit: 'samples',
});

function viewed(
  events: readonly (readonly [number, JobEvent])[],
  options: { isTerminal?: boolean; isQuiet?: boolean } = {},
) {
  let now = 0;
  let written = '';
  const view = new ProgressView({
    isTerminal: options.isTerminal ?? false,
    isQuiet: options.isQuiet ?? false,
    columns: 60,
    now: () => now,
    write: (text) => (written += text),
  });
  for (const [time, event] of events) {
    now = time;
    view.show(event);
  }
  view.end();
  return written;
}

describe('describeProgress', () => {
  test.each([
    [0, 0, 'observe: 0 of 10'],
    [1, 100, 'observe: 1 of 10'],
    [2, 4_000, 'observe: 2 of 10, 16.0\u202fs left'],
    [10, 20_000, 'observe: 10 of 10, 20.0\u202fs'],
  ])('after %i in %i ms', (done, elapsed, text) => {
    expect(describeProgress({ type: 'progress', stage: 'observe', done, total: 10 }, elapsed)).toBe(text);
  });
});

describe('ProgressView', () => {
  test('prints plain lines, a few seconds apart, and always the start, the first step and the end of a stage', () => {
    const text = viewed([
      [0, at(0)],
      [1_000, at(1)],
      [6_000, at(5)],
      [7_000, at(6)],
      [9_000, at(10)],
      [9_100, at(0, 'prune')],
    ]);
    expect(text.split('\n')).toEqual([
      'observe: 0 of 10 samples',
      'observe: 1 of 10 samples, 9.0\u202fs left',
      'observe: 5 of 10 samples, 6.0\u202fs left',
      'observe: 10 of 10 samples, 9.0\u202fs',
      'prune: 0 of 10 samples',
      '',
    ]);
  });

  test('draws over one line on a terminal, never wider than it, and clears it', () => {
    const text = viewed(
      [
        [0, at(0)],
        [1_000, at(5)],
      ],
      { isTerminal: true },
    );
    const lines = text.split('\r\x1b[K');
    expect(lines).toEqual(
      [
        '',
        `[${'.'.repeat(24)}] observe: 0 of 10 samples`,
        `[${'#'.repeat(12)}${'.'.repeat(12)}] observe: 5 of 10 samples`,
        '',
      ].map((line, i) => (i === 2 ? `${line}, 1.0\u202fs left`.slice(0, 59) : line)),
    );
  });

  test('shows a warning even when quiet, and nothing else', () => {
    const events = [
      [0, at(0)],
      [1, { type: 'log', level: 'info', text: 'cpu: taken' }],
      [2, { type: 'log', level: 'warn', text: 'damping raised' }],
    ] as const;
    expect(viewed(events, { isQuiet: true })).toBe('warning: damping raised\n');
  });

  test('clears the bar before a line of log', () => {
    const text = viewed(
      [
        [0, at(0)],
        [1, { type: 'log', level: 'info', text: 'cpu: taken' }],
      ],
      { isTerminal: true },
    );
    expect(text).toContain('samples\r\x1b[Kcpu: taken\n');
  });
});
