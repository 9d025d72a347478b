/** Tables for the terminal: aligned columns, one line a row. */
import { visible } from './visible.js';

export interface TextColumn {
  readonly title: string;
  /** Default: left. */
  readonly align?: 'left' | 'right';
  /** Longer cells lose their middle; default: none do. */
  readonly maxWidth?: number;
}

/**
 * The rows under their titles, columns two spaces apart; cells are shown on one line and cannot steer the terminal.
 *
 * ```ts
 * textTable([{ title: 'layer' }, { title: 'sparsity', align: 'right' }], [['fc1', '50.0 %']]);
 * ```
 */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map(({ maxWidth }, i) => shorten(visible(row[i] ?? ''), maxWidth)));
  const widths = columns.map((_, i) => Math.max(...[titles, ...cells].map((row) => width(row[i] as string))));
  const rule = widths.map((size) => '─'.repeat(size));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => pad(cell, widths[i] as number, columns[i]?.align))
      .join('  ')
      .trimEnd();
  return [titles, rule, ...cells].map(line).join('\n');
}

function pad(cell: string, to: number, align: TextColumn['align'] = 'left'): string {
  const gap = ' '.repeat(Math.max(0, to - width(cell)));
  return align === 'right' ? gap + cell : cell + gap;
}

function shorten(cell: string, maxWidth = Number.POSITIVE_INFINITY): string {
  const characters = [...cell];
  if (characters.length <= maxWidth) return cell;
  const head = Math.ceil((maxWidth - 1) / 2);
  const tail = maxWidth - 1 - head;
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const combining = /\p{M}/u;

/** Terminal cells: East Asian characters take two, combining marks none. */
const width = (text: string): number =>
  [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : combining.test(character) ? 0 : 1), 0);
