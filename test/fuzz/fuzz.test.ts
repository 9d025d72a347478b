/** The fuzzer's short run: all that reads files, from a fixed seed. The long one is `node scripts/fuzz.mjs`; see docs/robustness.md. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/fuzz.mjs', import.meta.url));

interface Result {
  readonly target: string;
  readonly cases: number;
  readonly ok: number;
  readonly refused: number;
  readonly defects: readonly { readonly what: string; readonly path: string }[];
}

/** @param cases of the target; a hundredth of them where each is a process. */
async function fuzz(target: string, cases: number): Promise<Result> {
  // few of the ONNX node tests, and nobody's corpus to grow: a short run starts fast
  const settings = [
    '--every-nth',
    '25',
    '--no-coverage',
    '--seed',
    '4',
    '--json',
    '--keep',
    join(tmpdir(), 'scalpel-fuzz'),
  ];
  const run = promisify(execFile)(process.execPath, [
    script,
    '--target',
    target,
    '--cases',
    String(cases),
    ...settings,
  ]);
  // a defect ends the script with exit code 1, and is in the answer
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return (JSON.parse(stdout) as Result[])[0]!;
}

test.each([
  ['model', 400],
  ['npy', 400],
  ['npz', 300],
  ['safetensors', 200],
  ['tokenizer', 200],
  ['descriptor', 100],
  ['documents', 200],
  ['csv', 50],
  ['tsv', 50],
  ['arff', 50],
  ['ts', 50],
  ['jsonl', 50],
  ['idx', 50],
  ['parquet', 30],
  ['session', 300],
])(
  '%s: %i mutated inputs are read or refused with a reason',
  async (target, cases) => {
    const { defects, ...counts } = await fuzz(target, cases);
    expect(defects).toEqual([]);
    expect(counts.ok + counts.refused).toBeGreaterThan(0);
    // a busy machine takes its time: the fuzzer itself counts processor time
  },
  300_000,
);
