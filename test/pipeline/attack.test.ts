/** Runs of attacks from files to files: outputs, resume, parts that are merged, gradients from a file, masks. */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run as merge } from '../../src/pipeline/attack/merge-job.js';
import type { AttackRequest } from '../../src/pipeline/attack/request.js';
import { run as dryRun } from '../../src/pipeline/dry-run/attack.js';
import { run as grad } from '../../src/pipeline/grad/job.js';
import type { AttackReport } from '../../src/report/attack-report.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { encodeNpy } from '../../src/tensor/npy.js';
import { loadNpz } from '../../src/tensor/npz.js';
import { dataOf, tensor } from '../../src/tensor/tensor.js';
import { jobHere } from '../helpers/job-here.js';
import { attack, imageRequest, irisRequest, newFolder } from './attack-requests.js';

/** All that two equal runs have in common. */
const lasting = ({ timing: _, reproduce: __, request: ___, settings, ...report }: AttackReport) => ({
  ...report,
  settings: { ...settings, chunk: undefined },
});

const arraysIn = ({ output }: AttackRequest, name = 'gse') =>
  Object.fromEntries(
    [...loadNpz(join(output!.folder, `${name}.npz`))]
      .filter(([key]) => key !== 'seconds')
      .map(([key, array]) => [key, Array.from(dataOf(array), Number)]),
  );

describe('outputs', () => {
  test('of a table: a document, a page and arrays', async () => {
    const request = irisRequest(newFolder());
    const report = await attack(request);
    expect(report.found).toBeGreaterThan(20);
    expect(readdirSync(request.output!.folder).sort()).toEqual(['gse.npz', 'report.html', 'report.json']);
    expect(JSON.parse(readFileSync(join(request.output!.folder, 'report.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
    expect(existsSync(request.output!.run)).toBe(false);
    expect(report.model.space).toEqual({ kind: 'features', channels: 1, height: 1, width: 4 });
  });

  test('of images: a picture a success, and arrays that the model gets wrong', async () => {
    const request = imageRequest(newFolder());
    const report = await attack(request);
    const { examples } = report.attacks[0]!.passes[0]!;
    const won = examples.filter(({ success }) => success);
    expect(readdirSync(join(request.output!.folder, 'pictures/gse'))).toHaveLength(won.length);
    const arrays = loadNpz(join(request.output!.folder, 'gse.npz'));
    expect(arrays.get('adversarial')!.shape).toEqual([10, 3, 9, 9]);
    const [clean, moved] = [floatsOf(arrays.get('clean')!), floatsOf(arrays.get('adversarial')!)];
    examples.forEach(({ change }, i) => {
      const elements = [...clean.subarray(i * 243, (i + 1) * 243)].filter((value, j) => value !== moved[i * 243 + j]);
      expect(elements).toHaveLength(change.elements);
    });
  });

  test('several goals: figures over targets', async () => {
    const report = await attack(irisRequest(newFolder(), { wish: 'all' }));
    expect(report.settings.goals).toEqual(['label + 1', 'label + 2']);
    expect(report.attacks[0]!.summary.targets?.targets).toBe(2);
  });
});

describe('what is there already', () => {
  test('an input is never overwritten, even by force', async () => {
    const request = imageRequest(newFolder());
    await attack(request);
    const own = join(request.output!.folder, 'gse.npz');
    const data = { files: [own] };
    copyFileSync(request.data.files[0]!, own);
    const before = readFileSync(own);
    const again = { ...request, data, output: { ...request.output!, force: true } };
    await expect(attack(again)).rejects.toThrow(
      `${own}: is a file that the command reads, and is never overwritten; choose another --output`,
    );
    expect(readFileSync(own)).toEqual(before);
  });

  test('pictures of an earlier run are not mixed with others', async () => {
    const request = imageRequest(newFolder());
    await attack(request);
    for (const name of ['gse.npz', 'report.json', 'report.html']) rmSync(join(request.output!.folder, name));
    await expect(attack(request)).rejects.toThrow('already exists; add --force to replace it');
  });
});

describe('suites', () => {
  const dlr = { name: 'apgd-dlr', given: {} } as const;
  const gse = irisRequest('').attacks[0]!;
  const reason = 'model: expected a model of at least 4 classes for apgd-dlr, got 3; take another attack or loss';

  test('what does not suit the model is left out, and said', async () => {
    const request = irisRequest(newFolder(), {
      attacks: [gse, { ...dlr, isOptional: true }],
      wish: [{ kind: 'offset', by: 1 }],
    });
    const report = await attack(request);
    expect(report.attacks.map(({ name }) => name)).toEqual(['gse']);
    expect(report.leftOut).toEqual([`apgd-dlr is left out: ${reason}`]);
    expect(existsSync(join(request.output!.folder, 'apgd-dlr.npz'))).toBe(false);
  });

  test('what was named is refused before anything is attacked', async () => {
    const request = irisRequest(newFolder(), { attacks: [gse, dlr], wish: [{ kind: 'offset', by: 1 }] });
    await expect(attack(request)).rejects.toThrow(reason);
    expect(existsSync(request.output!.run)).toBe(false);
  });
});

describe('goals that meet', () => {
  test('have a picture each', async () => {
    const request = imageRequest(newFolder(), {
      wish: [
        { kind: 'offset', by: 1 },
        { kind: 'label', label: 1 },
      ],
    });
    const report = await attack(request);
    const won = report.attacks[0]!.passes.flatMap(({ examples }) => examples.filter(({ success }) => success));
    expect(readdirSync(join(request.output!.folder, 'pictures/gse'))).toHaveLength(won.length);
    expect(won.length).toBeGreaterThan(10);
  });
});

describe('resume', () => {
  test('a run that was stopped goes on to what it would have been', async () => {
    const whole = await attack(imageRequest(newFolder()));
    const request = imageRequest(newFolder(), { engine: { provider: 'cpu', threads: 1, batch: 7 } });
    const stop = new AbortController();
    const context = jobHere((event) => {
      if (event.type === 'progress' && event.unit === 'examples' && event.done === 7) stop.abort();
    }, stop.signal);
    await expect(attack(request, context)).rejects.toThrow();
    expect(existsSync(request.output!.folder)).toBe(false);
    expect(readdirSync(request.output!.run)).toContain('gse-0-0.safetensors');
    const resumed = await attack(request);
    expect(lasting(resumed).attacks).toEqual(lasting(whole).attacks);
  });
});

describe('parts', () => {
  test('merged are the run that they are parts of', async () => {
    const folder = newFolder();
    const whole = imageRequest(folder);
    const report = await attack(whole);
    const part = (index: number): AttackRequest => ({
      ...whole,
      chunk: { index, parts: 3 },
      output: { ...whole.output!, folder: join(folder, `part-${index}`), run: join(folder, `part-${index}.run`) },
    });
    for (const index of [0, 1, 2]) await attack(part(index));
    const output = { ...whole.output!, folder: join(folder, 'merged'), run: join(folder, 'merged.run') };
    const parts = [2, 0, 1].map((index) => join(folder, `part-${index}`));
    const request = {
      parts,
      output,
      engine: { provider: 'cpu' as const, threads: 1 },
      commandLine: ['scalpel', 'merge'],
    };
    const merged = await merge(request, jobHere());
    expect(lasting(merged)).toEqual(lasting(report));
    expect(arraysIn({ ...whole, output })).toEqual(arraysIn(whole));

    const again = { ...request, output: { ...output, folder: join(folder, 'again'), run: join(folder, 'again.run') } };
    await expect(merge({ ...again, parts: parts.slice(1) }, jobHere())).rejects.toThrow(
      'merge: expected all 3 parts, got none of 3; add their folders',
    );
    await expect(merge({ ...again, parts: [...parts, parts[0]!] }, jobHere())).rejects.toThrow(
      'merge: expected every part once, got part 3 twice; leave one out',
    );
    await expect(merge({ ...again, parts: [...parts, whole.output!.folder] }, jobHere())).rejects.toThrow(
      `${join(whole.output!.folder, 'report.json')}: expected the report of a part of an attack run, got another; make parts with scalpel attack --chunk`,
    );
  });
});

describe('what is attacked', () => {
  test('gradients from a file give the same examples', async () => {
    const ours = imageRequest(newFolder());
    await attack(ours);
    const folder = newFolder();
    const theirs = imageRequest(folder, { gradient: join(folder, 'grad.onnx') });
    await grad(
      {
        model: theirs.model,
        of: 'logits',
        wrt: ['x'],
        sum: false,
        weightsAsInputs: false,
        output: theirs.gradient!,
        force: false,
      },
      jobHere(),
    );
    const report = await attack(theirs);
    expect(arraysIn(theirs).success).toEqual(arraysIn(ours).success);
    expect(report.attacks[0]!.summary.passes[0]!.forwards.mean).toBeGreaterThan(
      report.attacks[0]!.summary.passes[0]!.backwards.mean,
    );
  });

  test('a mask holds what it covers', async () => {
    const folder = newFolder();
    const mask = join(folder, 'mask.npy');
    writeFileSync(
      mask,
      encodeNpy(
        tensor(
          'uint8',
          [9, 9],
          Uint8Array.from({ length: 81 }, (_, p) => Number(p % 9 > 3)),
        ),
      ),
    );
    const request = imageRequest(folder, { mask });
    await attack(request);
    const { clean, adversarial } = arraysIn(request) as { clean: number[]; adversarial: number[] };
    clean.forEach((value, at) => {
      if (at % 9 <= 3) expect(adversarial[at]).toBe(value);
    });
    expect(adversarial).not.toEqual(clean);
  });

  test('limits end an attack and keep its finds', async () => {
    const report = await attack(imageRequest(newFolder(), { limits: { queries: 30 } }));
    for (const { forwards } of report.attacks[0]!.passes[0]!.examples) expect(forwards).toBeLessThanOrEqual(30);
  });

  test('a dry run tries every attack and writes nothing', async () => {
    const folder = newFolder();
    const request = irisRequest(folder);
    const found = await dryRun(request, jobHere());
    expect(found.problems).toEqual([]);
    expect(found.estimate!.parts.map(({ what }) => what)).toEqual([
      'prepare',
      expect.stringMatching(/^gse: \d+ examples$/),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
