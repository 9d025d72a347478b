import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { type PruneReport, renderHtml, verdict, visible, writeReport } from '../../src/report/index.js';
import { sampleReport } from './sample.js';

const hostile = `</title><script>alert(1)</script><img src=x onerror="alert(2)">'\u202e\u0007`;

const hostileReport = (): PruneReport => {
  const report = sampleReport(1);
  return {
    ...report,
    model: { before: { ...report.model.before, path: hostile }, after: { ...report.model.after, path: hostile } },
    settings: { ...report.settings, method: hostile, include: [hostile], options: { [hostile]: hostile } },
    quality: { metric: hostile, before: 1, after: 2, better: 'lower' },
    layers: report.layers.map((layer) => ({ ...layer, name: hostile, op: hostile, region: hostile, notes: [hostile] })),
    skipped: [{ name: hostile, op: hostile, reason: hostile }],
    warnings: [hostile],
    data: { calibration: { description: hostile, files: [{ path: hostile, sha256: hostile, bytes: 1 }] } },
    reproduce: { command: ['scalpel', hostile], workingFolder: hostile, versions: { [hostile]: hostile } },
    timing: { totalSeconds: 1, stages: [{ stage: hostile, seconds: 1 }], finishedAt: hostile },
  };
};

describe('the page of a prune run', () => {
  const text = renderHtml(sampleReport(3));
  const { document } = parseHTML(text);

  test('asks for nothing from outside and runs nothing', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object, embed, form')).toHaveLength(0);
    expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\(|@import| src=/);
    expect(document.querySelector('meta[http-equiv]')?.getAttribute('content')).toContain("default-src 'none'");
  });

  test('has a heading over every section and a caption on every table and figure', () => {
    const headings = [...document.querySelectorAll('h2')].map(({ textContent }) => textContent);
    expect(headings).toEqual([
      'Warnings',
      'Before and after',
      'What was done',
      'Layers',
      'Left as they were',
      'How to reproduce',
    ]);
    for (const part of document.querySelectorAll('section')) {
      expect(document.getElementById(part.getAttribute('aria-labelledby') ?? '')?.tagName).toBe('H2');
    }
    for (const table of document.querySelectorAll('table'))
      expect(table.querySelector('caption')?.textContent).toBeTruthy();
    for (const figure of document.querySelectorAll('figure')) {
      expect(figure.querySelector('figcaption')?.textContent).toBeTruthy();
      expect(figure.querySelector('svg')?.closest('[role=img]')?.getAttribute('aria-label')).toMatch(/^Bar chart/);
    }
  });

  test('lists every layer, what was left out and why', () => {
    const report = sampleReport(3);
    for (const { name } of [...report.layers, ...report.skipped]) expect(text).toContain(name);
    expect(text).toContain('an embedding: left out unless included by name');
  });

  test('says that zeros alone do not make the runtime faster, and what does', () => {
    expect(text).toContain('Zeros alone do not make ONNX Runtime faster.');
    expect(text).toMatch(/smaller matrices.*fewer bits.*2:4/s);
  });

  test('takes its colours from the page', () => {
    const colours = [...document.querySelectorAll('figure svg *')].flatMap((element) =>
      ['fill', 'stroke'].map((name) => element.getAttribute(name)),
    );
    for (const colour of colours) expect(colour ?? 'none').toMatch(/^(none|currentColor|var\(--[a-z]+\))$/);
  });

  test('is the same each time', () => {
    expect(renderHtml(sampleReport(3))).toBe(text);
  });
});

describe('names that would be markup', () => {
  const text = renderHtml(hostileReport());

  test('are shown as text', () => {
    const { document } = parseHTML(text);
    expect(document.querySelectorAll('script, img, [onerror]')).toHaveLength(0);
    expect(text).not.toContain('<script');
    expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
    expect(document.querySelector('tbody code')?.textContent).toContain('</title><script>alert(1)</script>');
  });
});

describe('reports with little in them', () => {
  const full = sampleReport(1);
  const { quality: _quality, ...withoutQuality } = full;
  const { latency: _latency, ...timing } = full.timing;
  const { gzipBytes: _gzip, ...before } = full.model.before;
  const cases: [string, PruneReport][] = [
    ['no quality, latency or compressed size', { ...withoutQuality, timing, model: { before, after: before } }],
    ['no layers', { ...full, layers: [], skipped: [], warnings: [], data: {} }],
    [
      'a model that broke',
      { ...full, quality: { metric: 'perplexity', before: 12, after: Number.NaN, better: 'lower' } },
    ],
    ['a model that exploded', { ...full, quality: { metric: 'perplexity', before: 12, after: 1e30, better: 'lower' } }],
    [
      'no errors measured',
      { ...full, layers: full.layers.map(({ weightError: _w, outputError: _o, region: _r, ...layer }) => layer) },
    ],
  ];

  test.each(cases)('%s', (_, report) => {
    const text = renderHtml(report);
    expect(text).toContain('</html>');
    expect(text).not.toMatch(/undefined|NaN|Infinity/);
  });
});

describe('the verdict', () => {
  const report = sampleReport(2);
  test('of a language model', () => {
    expect(verdict(report).replaceAll('\u202f', ' ')).toBe(
      '52.5 % of the 14,155,776 weights of 12 layers are zero after wanda; perplexity rose from 17.48 to 19.92 (+13.9 %); the compressed file is 13.0 % smaller.',
    );
  });

  test('of a classifier is in points', () => {
    const quality = {
      metric: 'top-1 accuracy',
      before: 0.9137,
      after: 0.8822,
      better: 'higher',
      unit: 'fraction',
    } as const;
    expect(verdict({ ...report, quality }).replaceAll('\u202f', ' ')).toContain(
      'top-1 accuracy fell from 91.37 % to 88.22 % (−3.15 points)',
    );
  });
});

describe('writing', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'scalpel-report-')), 'new');

  test('puts the document and the page into the folder', async () => {
    const report = sampleReport(1);
    const paths = await writeReport(report, folder);
    expect(readdirSync(folder).sort()).toEqual(['report.html', 'report.json']);
    expect(JSON.parse(readFileSync(paths.json, 'utf8'))).toEqual(report);
    expect(readFileSync(paths.html, 'utf8')).toBe(renderHtml(report));
  });

  test('overwrites only when told to', async () => {
    await expect(writeReport(sampleReport(1), folder)).rejects.toThrow('exists already; use --force to overwrite it');
    await writeReport(sampleReport(2), folder, { force: true });
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')).layers).toHaveLength(12);
  });
});

test('seconds stand nowhere but under timing', () => {
  const { timing: _, ...rest } = sampleReport(1);
  expect(JSON.stringify(rest)).not.toMatch(/seconds|Ms"|finishedAt/);
});
