/** The page of a run of explanations: complete, self-contained, readable without seeing it, and safe whatever names are in it. */
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { type SpaceKind, spaceKinds } from '../../src/oracle/space.js';
import { explainForm, schemaOfExplanations } from '../../src/report/explain-form.js';
import { renderExplainHtml } from '../../src/report/explain-page.js';
import { saysText, sentenceOf } from '../../src/report/explain-sentence.js';
import { explainVerdict } from '../../src/report/explain-verdict.js';
import { spaced } from '../../src/report/showcase.js';
import { visible } from '../../src/report/visible.js';
import { explainSample } from './explain-sample.js';

const textOf = (kind: SpaceKind, name?: string): string => {
  const { report, gallery } = explainSample(kind, name);
  return renderExplainHtml(report, gallery);
};

describe.each(spaceKinds)('the page of explanations of %s', (kind: SpaceKind) => {
  const text = textOf(kind);
  const { document } = parseHTML(text);

  test('asks for nothing from outside and runs nothing', () => {
    expect(document.querySelectorAll('script, link, iframe, object, embed, form')).toHaveLength(0);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\(|@import/);
    for (const image of document.querySelectorAll('img'))
      expect(image.getAttribute('src')).toMatch(/^data:image\/png;base64,/);
  });

  test('has its parts under headings', () => {
    expect([...document.querySelectorAll('h2')].map(({ textContent }) => textContent)).toEqual([
      'Warnings',
      'Methods side by side',
      'a',
      'b',
      'What was asked',
      'How to reproduce',
    ]);
  });

  test('says in words what is drawn', () => {
    for (const table of document.querySelectorAll('table'))
      expect(table.querySelector('caption')?.textContent).toBeTruthy();
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).toBeTruthy();
    for (const svg of document.querySelectorAll('figure svg'))
      expect(svg.closest('[role=img]')?.getAttribute('aria-label')).toBeTruthy();
  });

  test('shows instances with what the model says, and why others have none', () => {
    const articles = [...document.querySelectorAll('article')];
    expect(articles).toHaveLength(3);
    for (const article of articles)
      expect(article.getAttribute('aria-label')).toMatch(/^Sample [24]: age \(90\.0.%\) to not age \(60\.0.%\)$/);
    expect(document.body.textContent).toContain('the goal was not reached, with age at the end');
  });

  test('the document is of the published form', () => {
    const { report } = explainSample(kind);
    expect(explainForm.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });
});

test('a table is told by feature, in units and a sentence', () => {
  const { document } = parseHTML(textOf('features'));
  const [article] = document.querySelectorAll('article');
  expect(article!.querySelector('tbody tr')!.textContent).toBe('age30 years36 years+6 years');
  expect(article!.textContent).toContain('If age were 36 years instead of 30 years, the model would say no.');
  expect(document.querySelector('[role=img]')!.getAttribute('aria-label')).toContain('age 100.0\u202f% (2 up, 0 down)');
});

test('names that would be markup are shown as text', () => {
  const name = '<img src=x onerror=alert(1)>"\u202e';
  for (const kind of spaceKinds) {
    const { document } = parseHTML(textOf(kind, name));
    for (const image of document.querySelectorAll('img')) expect(image.getAttribute('onerror')).toBeNull();
    expect(document.body.textContent).toContain(visible(name));
  }
});

test('the verdict counts every instance once', () => {
  const { report } = explainSample('features');
  expect(explainVerdict(report)).toBe(
    'At least one of 2 methods found a counterfactual for 2 of 3 instances (66.7\u202f%); a changed least, 1 of 2 features on average.',
  );
  expect(explainVerdict({ ...report, methods: report.methods.slice(0, 1) })).toBe(
    'a found a counterfactual for 2 of 3 instances (66.7\u202f%), changing 1 of 2 features on average.',
  );
});

test.each([
  [{ class: 1, name: '>50K', probability: 0.62 }, '>50K (62.0\u202f%)'],
  [{ class: 1, name: '>50K', probability: 0.99999 }, '>50K (over 99.9\u202f%)'],
  [{ value: 21.456 }, '21.46'],
])('%o is told as %s', (says, text) => {
  expect(saysText(says)).toBe(text);
});

test('a sentence tells five changes and counts the others', () => {
  const changes = Array.from({ length: 7 }, (_, i) => ({
    ...{ feature: `f${i}`, from: 0, to: 1 },
    text: { from: '0', to: '1' },
  }));
  expect(sentenceOf(changes, { value: 1 }, { value: 2 })).toBe(
    'If f0 were 1 instead of 0, f1 1 instead of 0, f2 1 instead of 0, f3 1 instead of 0, f4 1 instead of 0 and 2 other features as the table says, the model would say 2 instead of 1.',
  );
});

test.each([
  [0, []],
  [1, [3]],
  [3, [0, 3, 5]],
  [9, [0, 1, 2, 3, 4, 5]],
])('%i of six are shown at equal distances', (most, shown) => {
  expect(spaced([0, 1, 2, 3, 4, 5], most)).toEqual(shown);
});

test('the published JSON Schema names what must be there', () => {
  const schema = schemaOfExplanations() as { required: string[]; title: string };
  expect(schema.required).toEqual(expect.arrayContaining(['kind', 'methods', 'data', 'model', 'timing']));
});
