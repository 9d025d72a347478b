/** What the trainings of a request are compared with: other classifiers, on the same labels and seeds. */
import { classificationOf } from '../../evaluate/classification.js';
import type { Classification } from '../../evaluate/index.js';
import { type BaselineName, baselines } from '../../train/baselines/index.js';
import type { CellWork } from './cells.js';
import { drawnFor, testedOn } from './draws.js';
import { cellsOf } from './places.js';

export interface BaselineFacts {
  readonly name: BaselineName;
  readonly labels: number;
  readonly seed: number;
  /** On the test series, or those validated on where there are none. */
  readonly figures: Classification;
  readonly seconds: number;
}

/** Finished ones are kept and not done again. */
export async function runBaselines({ request, scene, engine, run, context }: CellWork): Promise<BaselineFacts[]> {
  const wanted = request.baselines.flatMap((name) => cellsOf(request).map((cell) => ({ name, ...cell })));
  const found: BaselineFacts[] = [];
  for (const [i, { name, budget, seed }] of wanted.entries()) {
    context.signal.throwIfAborted();
    context.emit({ type: 'progress', stage: 'baselines', done: i, total: wanted.length });
    found.push(
      await run.remember(`${name}-${budget}-${seed}`, async (): Promise<BaselineFacts> => {
        const begin = performance.now();
        const { data, validation } = drawnFor(scene.sets, budget, seed, request.draws);
        const tested = testedOn(scene.sets, request.draws) ?? validation;
        const classes = scene.sets.classes.length;
        const { threads } = engine;
        const { signal } = context;
        const fitted = await baselines[name].fit(data.labelled, classes, {
          seed,
          threads,
          signal,
          unlabelled: data.unlabelled,
        });
        const scores = await fitted.scores(tested);
        return {
          ...{ name, labels: data.labelled.count, seed },
          figures: classificationOf(scores, tested.labels, classes, scene.sets.classes),
          seconds: (performance.now() - begin) / 1000,
        };
      }),
    );
  }
  if (wanted.length > 0)
    context.emit({ type: 'progress', stage: 'baselines', done: wanted.length, total: wanted.length });
  return found;
}
