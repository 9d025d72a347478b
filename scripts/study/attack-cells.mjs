/** The cells of the attack study: every attack of the catalogue, untargeted and towards the next label. */
import { join } from 'node:path';
import { attackNamed, attacks } from '../../dist/attack/catalogue.js';

/**
 * Attacks that take more than 20 s an image at their published budgets: the first 20 images, one restart and a fifth of the budget.
 * By attack: settings.
 */
const reduced = {
  sapf: ['rounds=2'],
  homotopy: ['steps=20', 'fillSteps=10'],
  'sparse-rs': ['queries=2000'],
  'corner-search': ['samples=200'],
};

/** Attacks that take more than 10 s an image: published budgets on the first 20 images. */
const few = ['ead', 'carlini-wagner-l2', 'one-pixel', 'strattack', 'fwnucl'];

/** Published for 32 x 32 images where it is no default. */
const settings = { 'sparse-rs': ['k=90'] };

const names = Object.keys(attacks);

/** @returns {{ id: string, attack: string, goal: string, images: number, isReduced: boolean, args: string[] }[]} */
export function cellsOf(shared) {
  return names.flatMap((name) =>
    ['untargeted', '+1'].map((goal) => {
      const isReduced = Object.hasOwn(reduced, name);
      const images = isReduced || few.includes(name) ? 20 : 100;
      const set = [...(settings[name] ?? []), ...(reduced[name] ?? [])];
      return cellOf(shared, {
        id: `${name}-${goal}`,
        name,
        goals: goal === 'untargeted' ? [] : [goal],
        images,
        set,
        isReduced,
      });
    }),
  );
}

/** GSE and others on nine targets and 20 images each. */
export const targetCells = (shared, competitors) =>
  competitors.map((name) => {
    const isReduced = Object.hasOwn(reduced, name);
    const goals = Array.from({ length: 9 }, (_, i) => `+${i + 1}`);
    return cellOf(shared, {
      id: `${name}-all`,
      name,
      goals,
      images: 20,
      set: [...(settings[name] ?? []), ...(reduced[name] ?? [])],
      isReduced,
    });
  });

function cellOf(shared, { id, name, goals, images, set, isReduced }) {
  return {
    ...{ id, attack: name, goals, images, isReduced, set },
    family: attackNamed(name).family,
    args: [
      ...['attack', join(shared, 'models/resnet20-cifar10/resnet20-pm1.onnx')],
      ...['--data', join(shared, 'data/cifar10/test-300.bin'), '--preset', 'minus-one-one'],
      ...['--attack', name, '--examples', String(images)],
      ...(goals.length > 0 ? ['--targeted', ...goals] : []),
      ...set.flatMap((each) => ['--set', each]),
    ],
  };
}
