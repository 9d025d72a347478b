/** Language models in half precision: pruned in float32, stored in their own type. */
import { describe, expect, test } from 'vitest';
import { load } from '../../src/onnx/load.js';
import { widen } from '../../src/onnx/widen.js';
import { compare } from '../../src/pipeline/compare/compare.js';
import { run as evaluate } from '../../src/pipeline/eval/job.js';
import { inspect } from '../../src/pipeline/inspect/inspect.js';
import { floatsOf, tensorOf } from '../../src/tensor/convert.js';
import { type Linear, tinyGpt, tinyTokens } from '../helpers/tiny-gpt.js';
import { expectMasked, expectOnlyLayersDiffer, exported, layersOf, pruneFile, tokensIn } from './exported.js';
import { jobContext } from './prune-requests.js';

/** As mixed-precision exports have it: a bfloat16 weight that is cast before use. */
const castFrom: Linear = (g, x, weight, hold) =>
  g.matmul(x, g.op('Cast', [hold(tensorOf('bfloat16', weight.shape, floatsOf(weight)))], { to: 1 }));

const forms = {
  float16: { dtype: 'float16' },
  bfloat16: { dtype: 'bfloat16' },
  'bfloat16 weights cast to float32': { linear: castFrom },
} as const;

describe.each(Object.entries(forms))('a GPT in %s', (name, form) => {
  const dtype = name.startsWith('float16') ? 'float16' : 'bfloat16';

  test('wanda writes +0 and keeps all other bits', async () => {
    const file = await exported(tinyGpt(form));
    const data = tokensIn(file.folder);
    const result = await pruneFile(file, { calibration: data, evaluation: { ...data, metric: 'auto' } });
    expect(result.report.layers).toHaveLength(12);
    await expectOnlyLayersDiffer(result);
    expectMasked(result);
    const { quality } = result.report;
    expect(result.report.warnings.join()).toMatch(name === 'bfloat16' ? /^latency was not measured: / : /^$/);
    expect(quality?.metric).toBe('perplexity');
    expect(Number.isFinite(quality?.before) && Number.isFinite(quality?.after)).toBe(true);
    const again = await evaluate(
      { model: result.after.path!, data, metric: 'auto', engine: { provider: 'cpu', threads: 2 } },
      jobContext(),
    );
    expect(again).toMatchObject({ metric: 'perplexity', perplexity: quality?.after });
    const report = inspect(load(result.after.path!));
    expect(report.layers.map(({ sparsity }) => sparsity)).toEqual([...Array(12).fill(0.5), 0]);
  });

  test('sparsegpt rounds what it changes once to the stored type', async () => {
    const file = await exported(tinyGpt(form));
    const result = await pruneFile(file, { method: 'sparsegpt', calibration: tokensIn(file.folder) });
    await expectOnlyLayersDiffer(result);
    for (const { name: weight } of result.report.layers) {
      const layer = layersOf(result.after).get(weight)!;
      expect(layer.dtype).toBe(dtype);
      const values = floatsOf(layer.stored);
      expect(values.some((value) => Object.is(value, -0))).toBe(false);
      expect(values.every(Number.isFinite)).toBe(true);
    }
    for (const { sparsity } of result.report.layers) expect(sparsity.after).toBeCloseTo(0.5, 2);
  });

  test('compare runs both', async () => {
    const file = await exported(tinyGpt(form));
    const { before, after } = await pruneFile(file, { method: 'magnitude' });
    const { outputs } = await compare(before, after, { parts: ['outputs'] });
    expect(outputs?.failure).toBeUndefined();
    // the runtime has no bfloat16 kernels on the CPU
    expect(outputs?.computedIn).toBe(name === 'bfloat16' ? 'float32' : undefined);
    expect(outputs?.outputs).toMatchObject([{ name: 'logits', isWithin: false }]);
  });
});

test('the first layers of a float16 GPT under sparsegpt are those of its float32 twin, rounded', async () => {
  const half = await exported(tinyGpt({ dtype: 'float16' }));
  const full = await exported(widen(load(half.model).graph).graph);
  const tokens = tinyTokens();
  const [rounded, exact] = await Promise.all(
    [half, full].map((file) =>
      pruneFile(file, { method: 'sparsegpt', statisticsFrom: 'dense', calibration: tokensIn(file.folder, tokens) }),
    ),
  );
  const own = layersOf(rounded!.after);
  for (const [name, layer] of layersOf(exact!.after)) {
    const wanted = tensorOf('float16', layer.stored.shape, floatsOf(layer.stored));
    expect(floatsOf(own.get(name)!.stored)).toEqual(floatsOf(wanted));
  }
});
