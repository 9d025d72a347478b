/** The page of a run of attacks: complete, self-contained, readable without seeing it, and safe whatever names are in it. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { type SpaceKind, spaceKinds } from '../../src/oracle/space.js';
import { showcase } from '../../src/report/attack-gallery.js';
import { renderAttackHtml } from '../../src/report/attack-page.js';
import { attackVerdict } from '../../src/report/attack-verdict.js';
import { exhibitsWithin } from '../../src/report/showcase.js';
import { visible } from '../../src/report/visible.js';
import { stageAttackReport } from '../../src/report/write-report.js';
import { outcomeOf } from '../attack/metrics/outcomes.js';
import { type AttackSample, attackSample } from './attack-sample.js';

const render = ({ report, gallery }: AttackSample): string => renderAttackHtml(report, gallery);
const pageOf = (sample: AttackSample) => parseHTML(render(sample)).document;

describe.each(spaceKinds)('the page of attacks on %s', (kind: SpaceKind) => {
  const text = render(attackSample(kind));
  const { document } = parseHTML(text);

  test('asks for nothing from outside and runs nothing', () => {
    expect(document.querySelectorAll('script, link, iframe, object, embed, form')).toHaveLength(0);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\(|@import/);
    for (const image of document.querySelectorAll('img, image'))
      expect(image.getAttribute('src') ?? image.getAttribute('href')).toMatch(/^data:image\/png;base64,/);
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content');
    expect(policy).toMatch(/^default-src 'none';.*; img-src data:$/);
  });

  test('has its parts under headings', () => {
    expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual([
      'Warnings',
      'Results',
      'Robustness',
      'a',
      'b',
      'What was done',
      'How to reproduce',
    ]);
  });

  test('says in words what is drawn', () => {
    for (const table of document.querySelectorAll('table'))
      expect(table.querySelector('caption')?.textContent).toBeTruthy();
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).toBeTruthy();
    for (const figure of document.querySelectorAll('figure'))
      expect(figure.querySelector('figcaption')?.textContent).toBeTruthy();
    for (const svg of document.querySelectorAll('figure svg'))
      expect(svg.closest('[role=img]')?.getAttribute('aria-label')).toBeTruthy();
  });

  test('shows the examples of each attack with labels and figures', () => {
    const articles = [...document.querySelectorAll('article')];
    expect(articles).toHaveLength(6);
    for (const article of articles) {
      expect(article.getAttribute('aria-label')).toMatch(/^Sample \d: cat to (dog|ship)$/);
      expect(article.querySelector('dl')?.textContent).toMatch(
        /l₂.*IS₉₀0\.50.*forward\d+backward\d+rounded(holds|lost)/,
      );
    }
  });

  test('is the same each time and holds no figure that is none', () => {
    expect(render(attackSample(kind))).toBe(text);
    expect(text).not.toMatch(/undefined|NaN|Infinity/);
  });
});

describe('pictures', () => {
  const [article] = pageOf(attackSample('image')).querySelectorAll('article');

  test('are original, adversarial, change, mask and activation', () => {
    expect([...article!.querySelectorAll('figcaption strong')].map(({ textContent }) => textContent)).toEqual([
      'original',
      'adversarial',
      'change',
      'changed pixels',
      'class activation',
    ]);
    expect(article!.querySelector('figcaption .soft')?.textContent).toBe('cat, margin 3.25');
    expect(article!.querySelector('svg path')?.getAttribute('d')).toMatch(/^M\d+ \d+H\d+/);
  });
});

describe('results', () => {
  const cells = (sample: AttackSample): string[] =>
    [...pageOf(sample).querySelectorAll('table')[0]!.querySelectorAll('tbody tr')].map(
      ({ textContent }) => textContent!,
    );

  test('of one pass are a row an attack', () => {
    expect(cells(attackSample('image', 3))).toHaveLength(3);
  });

  test('of many targets are best, average and worst', () => {
    const goals = ['label + 1', 'label + 2', 'label + 3', 'label + 4'];
    expect(cells(attackSample('image', 1, goals)).map((text) => /best|average|worst/.exec(text)?.[0])).toEqual([
      'best',
      'average',
      'worst',
    ]);
  });
});

describe('the verdict', () => {
  test.each([
    [
      attackSample('image', 1),
      /^a turned 4 of 5 samples that the model gets right \(80\.0.%\), changing [\d.]+ of 144 pixels on average\.$/,
    ],
    [
      attackSample('series', 2),
      /^At least one of 2 attacks turned 4 of 5 samples .*; a changed least, [\d.]+ of 40 time steps on average\.$/,
    ],
    [attackSample('features', 1, ['label + 1', 'label + 2']), /^a reached 8 of 10 pairs of a sample and a goal/],
  ])('%#', ({ report }, expected) => {
    expect(attackVerdict(report)).toMatch(expected);
  });
});

test('a run that found nothing has a page', () => {
  const { report, gallery } = attackSample('image', 1);
  const nothing = {
    ...report,
    attacks: report.attacks.map((part) => ({ ...part, summary: { passes: [], curves: [] } })),
  };
  const text = renderAttackHtml(nothing, { ...gallery, exhibits: [] });
  expect(text).toContain('No example reached its goal.');
  expect(text).not.toMatch(/undefined|NaN|Infinity/);
});

test('names that would be markup are shown as text', () => {
  const hostile = `</title><script>alert(1)</script><img src=x onerror="alert(2)">'\u202e\u0007`;
  for (const kind of spaceKinds) {
    const { report, gallery } = attackSample(kind, 2);
    const text = renderAttackHtml(
      {
        ...report,
        model: { ...report.model, file: { ...report.model.file, path: hostile }, input: hostile, notes: [hostile] },
        data: { ...report.data, classes: [hostile, hostile, hostile], features: Array(9).fill(hostile) },
        settings: { ...report.settings, bounds: hostile, mask: hostile },
        attacks: report.attacks.map((part) => ({
          ...part,
          name: hostile,
          paper: hostile,
          options: { [hostile]: hostile },
        })),
        warnings: [hostile],
      },
      {
        ...gallery,
        mapNote: hostile,
        exhibits: gallery.exhibits.map((each) => ({ ...each, attack: hostile, goal: hostile })),
      },
    );
    const { document } = parseHTML(text);
    expect(document.querySelectorAll('script, [onerror]')).toHaveLength(0);
    expect(text).not.toContain('<script');
    expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
  }
});

test('is staged with its document', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'attack-report-'));
  const { report, gallery } = attackSample('image');
  const stage = await stageAttackReport(report, gallery, folder);
  expect(readdirSync(folder)).not.toContain('report.json');
  stage.commit();
  stage.discard();
  expect(readdirSync(folder).sort()).toEqual(['report.html', 'report.json']);
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report);
});

describe('a gallery', () => {
  test('shows successes from the least change to the most', () => {
    const outcomes = [9, undefined, 3, 7, 1, 5, undefined].map((size, id) => outcomeOf(id, size));
    expect(showcase(outcomes, 3).map(({ change }) => change.l2)).toEqual([1, 5, 9]);
    expect(showcase(outcomes, 9).map(({ change }) => change.l2)).toEqual([1, 3, 5, 7, 9]);
    expect(showcase(outcomes, 1).map(({ change }) => change.l2)).toEqual([5]);
    expect(showcase(outcomes, 0)).toEqual([]);
  });

  test('keeps the page in bounds', () => {
    const { space } = attackSample('image').gallery;
    expect(exhibitsWithin(space, 3)).toBeGreaterThan(1000);
    expect(exhibitsWithin({ ...space, size: 3 * 224 * 224 }, 20)).toBe(2);
    expect(exhibitsWithin({ ...space, size: 3 * 4000 * 4000 }, 20)).toBe(1);
  });
});
