/** Documents and pages of runs, and tables for the terminal. */
/** Reports: the document of a run, and the page made of it. */
export { renderHtml } from './prune-page.js';
export type {
  DataFacts,
  FileFacts,
  LayerReport,
  PruneReport,
  PruneSettings,
  QualityChange,
  Reproduction,
  SkippedLayer,
  Timing,
  WeightCounts,
} from './prune-report.js';
export { verdict } from './prune-verdict.js';
export { type TextColumn, textTable } from './table.js';
export { visible } from './visible.js';
export { type ReportPaths, stageReport, writeReport } from './write-report.js';
