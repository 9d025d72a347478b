/** The page of a run of training: complete, self-contained, readable without seeing it, and safe whatever names are in it. */
import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { schemaOfTraining, trainForm } from '../../src/report/train-form.js';
import { renderTrainHtml } from '../../src/report/train-page.js';
import type { TrainReport } from '../../src/report/train-report.js';
import { visible } from '../../src/report/visible.js';
import { type TrainSample, trainSample } from './train-sample.js';

const failed = (reason: string): TrainReport => {
  const { chosen: _, ...report } = trainSample({ labels: [50], seeds: [0, 1], baselines: [] });
  const cells = report.cells.map(({ test: _test, validation: _validation, model: _model, ...cell }) => ({
    ...{ ...cell, status: 'failed' as const, reason, curves: [] },
  }));
  return { ...report, budgets: [], cells };
};

interface Case {
  readonly report: TrainReport;
  readonly sections: readonly string[];
  /** Charts and classes of the matrix. */
  readonly charts: number;
  readonly matrix?: number;
}

const fewest: TrainSample = { labels: [50], seeds: [0], classes: 3, baselines: [] };
const [asked, again] = ['What was trained, and on what', 'How to reproduce'];
const cases: Record<string, Case> = {
  '25 trainings of 24 classes, with baselines and a search': {
    report: trainSample({ search: true }),
    sections: [
      ...['By number of labels', 'How the trainings went', 'Classes', 'As the model sees them'],
      ...['Search for hyperparameters', asked, again],
    ],
    charts: 1 + 1 + 5 * 6 + 1 + 3,
    matrix: 24,
  },
  'one training': {
    report: trainSample(fewest),
    sections: ['What came out', 'How the trainings went', 'Classes', 'As the model sees them', asked, again],
    charts: 6 + 1,
    matrix: 3,
  },
  'no test series': {
    report: trainSample({ ...fewest, seeds: [0, 1], on: 'validation' }),
    sections: ['What came out', 'How the trainings went', 'Classes', 'As the model sees them', asked, again],
    charts: 1 + 1 + 2 * 6 + 1,
    matrix: 3,
  },
  'neither test nor validation series': {
    report: trainSample({ ...fewest, on: 'nothing' }),
    sections: ['What came out', 'How the trainings went', asked, again],
    charts: 3,
  },
  'no embedding, and a warning': {
    report: trainSample({ ...fewest, embedding: false, warnings: ['few labels'] }),
    sections: ['Warnings', 'What came out', 'How the trainings went', 'Classes', asked, again],
    charts: 6,
    matrix: 3,
  },
  'more classes than a matrix is drawn of': {
    report: trainSample({ ...fewest, classes: 80 }),
    sections: ['What came out', 'How the trainings went', 'Classes', 'As the model sees them', asked, again],
    charts: 6 + 1,
  },
  'nothing that came to an end': {
    report: failed('the loss grew without end'),
    sections: ['Warnings', 'What came out', 'How the trainings went', asked, again],
    charts: 0,
  },
};

describe.each(Object.entries(cases))('the page of %s', (_, { report, sections, charts, matrix }) => {
  const text = renderTrainHtml(report);
  const { document } = parseHTML(text);

  test('asks for nothing from outside and runs nothing', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object, embed, form')).toHaveLength(0);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\((?!#)|@import/);
  });

  test('has its parts under headings, no id twice', () => {
    expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual(sections);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('draws every chart, and says in words what is drawn', () => {
    const drawn = [...document.querySelectorAll('figure svg')];
    expect(drawn).toHaveLength(charts);
    for (const svg of drawn) {
      expect(svg.closest('[role=img]')?.getAttribute('aria-label')).toBeTruthy();
      expect(svg.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
    }
    for (const table of document.querySelectorAll('table'))
      expect(table.querySelector('caption')?.textContent).toBeTruthy();
    expect(document.body.textContent).not.toMatch(/NaN|undefined|\[object/);
  });

  test('has a row and a column of the matrix for each class', () => {
    const rows = [...document.querySelectorAll('.confusion tbody tr')];
    expect(rows).toHaveLength(matrix ?? 0);
    for (const row of rows) expect(row.querySelectorAll('td')).toHaveLength(matrix!);
  });

  test('is of a document of the published form', () => {
    expect(trainForm.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
});

test('names that would be markup are shown as text', () => {
  const name = '<img src=x onerror=alert(1)>"\u202e';
  const plain = trainSample({
    labels: [50, 100],
    seeds: [0, 1],
    classes: 4,
    name,
    warnings: [name],
    baselines: [name],
  });
  const report: TrainReport = {
    ...plain,
    cells: plain.cells.map((cell) => ({
      ...cell,
      warnings: [name],
      curves: cell.curves.map((point) => ({
        ...{ ...point, losses: { [name]: 1, [`${name}2`]: 2 }, diagnostics: { [name]: 0.5, [`${name}2`]: 0.2 } },
      })),
    })),
    search: {
      ...{ method: name, best: 1 },
      trials: [1, 2, 3].map((id) => ({
        ...{ id, bracket: 0, rung: 0, steps: 5, validationAuc: 0.5 + id / 10, status: 'kept' as const },
        options: { [name]: id, other: name + id },
      })),
    },
  };
  const { document } = parseHTML(renderTrainHtml(report));
  expect(document.querySelectorAll('img')).toHaveLength(0);
  for (const element of document.querySelectorAll('*')) expect(element.getAttribute('onerror')).toBeNull();
  for (const where of ['h1', 'ul', '.legend', '.confusion thead', '.per-3 figcaption'])
    expect([...document.querySelectorAll(where)].map(({ textContent }) => textContent).join()).toContain(visible(name));
});

test('the best step is marked with its value, and values that are no numbers are passed over', () => {
  const { cells, ...report } = trainSample(fewest);
  const [cell] = cells;
  const curves = [0, 10, 20].map((step) => ({
    ...{ step, losses: { supervised: step === 10 ? null : 1 }, validationAuc: 0.5 + step / 100 },
  }));
  const text = renderTrainHtml({ ...report, cells: [{ ...cell!, bestStep: 10, curves }] });
  const { document } = parseHTML(text);
  const words = [...document.querySelectorAll('figure svg text')].map(({ textContent }) => textContent);
  expect(words).toContain('0.600 at 10');
  const labels = [...document.querySelectorAll('[role=img]')].map((each) => each.getAttribute('aria-label'));
  expect(labels[0]).toBe('Line chart over 20 steps: supervised from 1 to 1.');
});

test('a baseline with more labels than any training is a level', () => {
  const report = trainSample({ labels: [50, 100], seeds: [0], classes: 3 });
  const test = report.baselines![0]!.test;
  const level = { name: 'fully labelled', labels: 7100, seed: 0, test };
  const { document } = parseHTML(renderTrainHtml({ ...report, baselines: [...report.baselines!, level] }));
  const [svg] = document.querySelectorAll('figure svg');
  expect(svg!.textContent).toContain('fully labelled, 7,100 labels');
  expect(document.querySelector('.legend')!.textContent).not.toContain('fully labelled');
});

test('training.schema.json is what scripts/make-json-schema.mjs makes', () => {
  const published = readFileSync(new URL('../../docs/training.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(schemaOfTraining());
});
