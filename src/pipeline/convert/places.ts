/** Where a conversion writes. */
import { join } from 'node:path';
import type { ConvertOutput } from './request.js';

export const reportFiles = ({ report }: ConvertOutput): string[] =>
  ['report.json', 'report.html'].map((name) => join(report, name));
