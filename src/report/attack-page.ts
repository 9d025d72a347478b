/** The page of a run of attacks: how the model stood, attack by attack, with examples to look at. */
import { basename } from 'node:path';
import type { Gallery } from './attack-gallery.js';
import type { AttackReport } from './attack-report.js';
import { html } from './html.js';
import { renderPage } from './page.js';

/** One self-contained HTML page; every name in the report is untrusted and escaped. */
export const renderAttackHtml = (report: AttackReport, _gallery: Gallery): string =>
  renderPage({
    kind: 'Attack report',
    title: basename(report.model.file.path),
    verdict: '',
    headline: [],
    sections: [],
    footer: html`Made by onnx-scalpel ${report.reproduce.versions['onnx-scalpel']}.`,
  }).text;
