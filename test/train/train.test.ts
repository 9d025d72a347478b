import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { sgd } from '../../src/optim/index.js';
import { floatsOf } from '../../src/tensor/convert.js';
import { algorithms } from '../../src/train/algorithms/index.js';
import { evaluator } from '../../src/train/evaluator.js';
import { judge } from '../../src/train/judgement.js';
import { unseen } from './small.js';
import { data, numbers, trainedBy, validation } from './trained-by.js';

describe('train', () => {
  const supervised = algorithms.supervised as never;

  test('averages weights by the formula', async () => {
    const { progress, problem, own } = await trainedBy({ algorithm: supervised, average: 0.7 }, { every: 1 });
    const { name } = own.form.weights[0]!;
    const stored = own.form.graph.initializers.get(own.form.weights[0]!)!;
    let mean = [...floatsOf(stored)];
    progress.forEach(({ state }, step) => {
      const decay = Math.min(0.7, 1 - 1 / (step + 2));
      const weight = floatsOf(state.weights.get(name)!);
      mean = mean.map((each, i) => decay * each + (1 - decay) * weight[i]!);
      const found = floatsOf(state.carried!.get(problem.averages.get(name)!)!);
      expect(Math.max(...mean.map((each, i) => Math.abs(each - found[i]!)))).toBeLessThan(1e-6);
    });
  });

  test('ends when nothing gets better, and keeps what was best', async () => {
    // uphill from the start: the rate is far too large
    const { progress, trained, own } = await trainedBy(
      { algorithm: supervised },
      { optimiser: sgd(), rate: 3, steps: 60, every: 1, patience: 3 },
    );
    const { best, curve, stoppedEarly, steps } = trained;
    expect(stoppedEarly).toBe(true);
    expect(steps).toBe(best.step + 3);
    expect(curve).toHaveLength(steps);
    const at = progress[best.step - 1]!;
    for (const [name, weight] of at.state.weights) expect(best.weights.get(name)).toBe(weight);
    const moving = [...own.model.initializers.keys()].filter(({ name }) => best.weights.has(name));
    const judged = await evaluator(own.model, moving, { threads: 1 });
    expect(judge(await judged.logits(validation, best.weights), validation)).toEqual(best.judgement);
    await judged.release();
    const areas = curve.map(({ validation: judgement }) => judgement!.weightedAuc!);
    expect(best.judgement!.weightedAuc).toBe(Math.max(...areas));
  });

  test('chooses among the judgements that count, and waits from the first of them on', async () => {
    const { trained } = await trainedBy(
      { algorithm: supervised },
      { optimiser: sgd(), rate: 3, steps: 60, every: 1, patience: 3, chooseFrom: 8 },
    );
    const { best, curve, steps } = trained;
    expect(curve.every(({ validation: judgement }) => judgement !== undefined)).toBe(true);
    expect(steps).toBe(best.step + 3);
    const counted = curve.filter(({ step }) => step >= 8).map(({ validation: judgement }) => judgement!.weightedAuc!);
    expect(counted.length).toBeGreaterThan(2);
    expect(best.judgement!.weightedAuc).toBe(Math.max(...counted));
    // an earlier one was better: a run that counts it keeps it
    expect(best.judgement!.weightedAuc).toBeLessThan(curve[0]!.validation!.weightedAuc!);
  });

  test('keeps the last weights where nothing judges, and tells rates and means of what steps told', async () => {
    const schedule = (step: number, steps: number): number => 1 - step / steps;
    const { trained, progress } = await trainedBy(
      { algorithm: algorithms['pseudo-label'] as never },
      { every: 4, schedule },
      false,
    );
    expect([trained.best.step, trained.stoppedEarly, trained.best.judgement]).toEqual([6, false, undefined]);
    expect(trained.curve.map(({ step, rate }) => [step, rate])).toEqual(
      [4, 6].map((step) => [step, 0.01 * schedule(step - 1, 6)]),
    );
    const single = (await trainedBy({ algorithm: algorithms['pseudo-label'] as never }, { every: 1, schedule }, false))
      .trained.curve;
    trained.curve.forEach(({ loss, terms }, i) => {
      const own = single.slice(i * 4, i * 4 + 4);
      expect(loss).toBeCloseTo(own.reduce((sum, each) => sum + each.loss, 0) / own.length, 6);
      expect(terms.supervised).toBeCloseTo(own.reduce((sum, each) => sum + each.terms.supervised!, 0) / own.length, 6);
    });
    expect(numbers(trained.best.weights)).toMatchObject(numbers(progress[1]!.state.weights));
  });

  test('says when a loss is no number any more', async () => {
    const values = data.labelled.values.map((value, i) => (i % 16 === 3 ? Number.NaN : value));
    const wild = { ...data, labelled: { ...data.labelled, values } };
    await expect(trainedBy({ algorithm: supervised, data: wild, views: unseen })).rejects.toThrow(
      new UserError(
        'train',
        'expected a finite loss, got NaN at step 1; take a lower learning rate, or clip gradients',
      ),
    );
  });

  test('stops between calls', async () => {
    const controller = new AbortController();
    const stopped = trainedBy(
      { algorithm: supervised },
      { signal: controller.signal, onSteps: () => controller.abort() },
    );
    await expect(stopped).rejects.toThrow(/abort/i);
  });
});
