/** Reports of attacks and their galleries, of every kind of example. */

import { changeOf } from '../../src/attack/metrics/change.js';
import { compareAttacks } from '../../src/attack/metrics/comparison.js';
import type { Outcome } from '../../src/attack/metrics/outcome.js';
import { summarize } from '../../src/attack/metrics/summary.js';
import { boundsOf } from '../../src/oracle/bounds.js';
import { type Space, type SpaceKind, spaceOf } from '../../src/oracle/space.js';
import type { Exhibit, Gallery } from '../../src/report/attack-gallery.js';
import type { AttackReport } from '../../src/report/attack-report.js';
import { random } from '../../src/tensor/random.js';
import { sampleReport } from './sample.js';

const sizes: Readonly<Record<SpaceKind, readonly number[]>> = {
  image: [3, 12, 12],
  series: [2, 40],
  features: [9],
  tokens: [6, 5],
};

export interface AttackSample {
  readonly report: AttackReport;
  readonly gallery: Gallery;
}

/** Attacks `a`, `b`, ... on five examples; the last one stands. @param goals one a pass. */
export function attackSample(kind: SpaceKind, attacks = 2, goals: readonly string[] = ['untargeted']): AttackSample {
  const space = spaceOf(sizes[kind], kind);
  const bounds = boundsOf([[-1, 1]], space, 'given with --bounds');
  const exhibits: Exhibit[] = [];
  const named = Array.from({ length: attacks }, (_, a) => {
    const name = String.fromCharCode(97 + a);
    return {
      name,
      passes: goals.map((goal, g) => ({
        goal,
        targeted: goal !== 'untargeted',
        outcomes: Array.from({ length: 5 }, (__, id) => {
          const { outcome, exhibit } = example(space, id, a + g);
          if (outcome.success && id < 3) exhibits.push({ ...exhibit, attack: name, goal, outcome });
          return outcome;
        }),
      })),
    };
  });
  const { model, reproduce, data } = sampleReport(1);

  return {
    gallery: { space, bounds, mapNote: 'class activation maps by CAM', exhibits },
    report: {
      schemaVersion: 1,
      kind: 'attack',
      found: 4 * attacks * goals.length,
      model: { file: model.before, input: 'x', space, scores: 'logits', classes: 3, notes: ['before the Softmax'] },
      data: { ...data.calibration!, looked: 6, misclassified: 1, attacked: 5, classes: ['cat', 'dog', 'ship'] },
      settings: { goals, bounds: '-1 to 1', levels: 256, batch: 32, seed: 0, threads: 1, provider: 'cpu' },
      attacks: named.map(({ name, passes }, a) => ({
        name,
        family: (['group', 'linf', 'sparse'] as const)[a % 3]!,
        paper: 'Someone, Something (arXiv 0000.00000)',
        needs: 'gradients',
        options: { steps: 10 },
        summary: summarize(passes),
        passes: passes.map(({ goal, outcomes }) => ({ goal, examples: outcomes })),
      })),
      ...(attacks > 1 && { comparison: compareAttacks(named) }),
      warnings: ['something is odd'],
      leftOut: [],
      request: {},
      reproduce,
      timing: {
        totalSeconds: 20,
        stages: [{ stage: 'attack', seconds: 19 }],
        attacks: named.flatMap(({ name, passes }) =>
          passes.map(({ goal }) => ({ name, goal, seconds: 9, modelSeconds: 8, secondsPerExample: 1.8 })),
        ),
      },
    },
  };

  function example(of: Space, id: number, shift: number) {
    const rng = random(id, 'attack sample');
    const clean = rng.uniforms(of.size).map((value) => value - 0.5);
    const success = id < 4;
    const adversarial = clean.map((value, i) => (success && (i + shift) % 4 <= id % 2 ? value + 0.25 : value));
    const outcome: Outcome = {
      id,
      label: 0,
      goal: 0,
      success,
      roundedSuccess: success && id > 0,
      predicted: success ? 1 + (id % 2) : 0,
      margin: success ? -0.5 : 2,
      forwards: 10 + id,
      backwards: 5 + id,
      change: changeOf(adversarial, clean, bounds, of),
      ...(success && { interpretability: { 50: 0.9, 60: 0.8, 70: 0.7, 80: 0.6, 90: 0.5 } }),
    };
    const map = Float32Array.from({ length: of.positions }, (_, p) => p / of.positions);
    const hasPlaces = of.kind === 'image' || of.kind === 'series';
    return { outcome, exhibit: { clean, adversarial, cleanMargin: 3.25, ...(hasPlaces && { map }) } };
  }
}
