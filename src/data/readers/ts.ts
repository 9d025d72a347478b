/** The `.ts` text format of the time series classification archive (aeon, sktime): headers, then one case a line. */
import { UserError } from '../../errors.js';
import type { Reader, ReaderOptions } from '../reader.js';
import { numberIn, shortened } from './numbers.js';
import { SeriesCollector } from './series-records.js';
import { textLines } from './text-lines.js';
import { isUnlabelled } from './unlabelled.js';

export const ts: Reader = {
  suffixes: ['.ts'],
  async read(files, options) {
    const series = new SeriesCollector();
    let classes: readonly string[] | undefined;
    for (const path of files) {
      const header = await readFile(path, series, options);
      if (classes && header.classes && classes.join() !== header.classes.join()) {
        throw new UserError(
          path,
          `expected the class labels ${classes.join(', ')}, got ${header.classes.join(', ')}; give files of the same classes together`,
        );
      }
      classes ??= header.classes;
    }
    return series.finish({ classes, kind: '.ts' }, files[0] ?? 'data');
  },
};

interface Header {
  readonly dimensions?: number | undefined;
  /** Of every series, where the file says that they are equal. */
  readonly length?: number | undefined;
  readonly labelled: boolean;
  readonly classes?: readonly string[] | undefined;
}

async function readFile(path: string, series: SeriesCollector, options: ReaderOptions): Promise<Header> {
  const tags = new Map<string, string>();
  let header: Header | undefined;
  for await (const { text, line } of textLines(path)) {
    const where = `${path}:${line}`;
    const content = text.trim();
    if (content === '' || /^[#%]/.test(content)) continue;
    if (header) addCase(content, header, series, options, where);
    else if (content.toLowerCase() === '@data') header = readHeader(tags, path);
    else addTag(content, tags, where);
  }
  if (!header) throw new UserError(path, 'expected a line @data, found none; the file is cut off or no .ts file');
  return header;
}

const tagNames = [
  'problemname',
  'timestamps',
  'missing',
  'univariate',
  'dimensions',
  'equallength',
  'serieslength',
  'classlabel',
  'targetlabel',
];

function addTag(content: string, tags: Map<string, string>, where: string): void {
  const [, word = '', value = ''] = /^@(\w+)\s*(.*)$/.exec(content) ?? [];
  const name = word.toLowerCase() === 'dimension' ? 'dimensions' : word.toLowerCase();
  if (!tagNames.includes(name)) {
    const got = shortened(content);
    throw new UserError(where, `expected a header (@problemName … @classLabel) or @data, got '${got}'; mend the line`);
  }
  if (tags.has(name)) throw new UserError(where, `a second @${word}; give it once`);
  tags.set(name, value.trim());
}

function readHeader(tags: ReadonlyMap<string, string>, path: string): Header {
  if (isTrue(tags, 'timestamps', path))
    throw new UserError(path, 'expected series without time stamps, got @timeStamps true; resample and write values');
  if (tags.get('targetlabel')?.toLowerCase().startsWith('true'))
    throw new UserError(path, 'expected class labels, got @targetLabel true; targets of regression have no classes');
  const [labelled, ...classes] = (tags.get('classlabel') ?? 'false').split(/\s+/);
  if (labelled?.toLowerCase() !== 'true' && labelled?.toLowerCase() !== 'false')
    throw new UserError(
      path,
      `expected @classLabel true with labels, or false, got '${shortened(labelled ?? '')}'; mend the header`,
    );
  const repeated = classes.find((name, i) => classes.indexOf(name) < i);
  if (repeated !== undefined) throw new UserError(path, `@classLabel names '${repeated}' twice; name each class once`);
  const dimensions = wholeNumber(tags, 'dimensions', path);
  if (isTrue(tags, 'univariate', path) && dimensions !== undefined && dimensions !== 1)
    throw new UserError(
      path,
      `expected one dimension after @univariate true, got @dimensions ${dimensions}; change one of them`,
    );
  return {
    dimensions: isTrue(tags, 'univariate', path) ? 1 : dimensions,
    length: isTrue(tags, 'equallength', path) ? wholeNumber(tags, 'serieslength', path) : undefined,
    labelled: labelled.toLowerCase() === 'true',
    classes: labelled.toLowerCase() === 'true' && classes.length > 0 ? classes : undefined,
  };
}

function isTrue(tags: ReadonlyMap<string, string>, name: string, path: string): boolean {
  const value = (tags.get(name) ?? 'false').toLowerCase();
  if (value === 'true' || value === 'false') return value === 'true';
  throw new UserError(path, `expected @${name} true or false, got '${shortened(value)}'; mend the header`);
}

function wholeNumber(tags: ReadonlyMap<string, string>, name: string, path: string): number | undefined {
  const value = tags.get(name);
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value) && Number(value) > 0) return Number(value);
  throw new UserError(
    path,
    `expected a whole number from 1 after @${name}, got '${shortened(value)}'; mend the header`,
  );
}

function addCase(
  content: string,
  header: Header,
  series: SeriesCollector,
  { missing, partlyLabelled }: ReaderOptions,
  where: string,
): void {
  const parts = content.split(':');
  const label = header.labelled ? (parts.pop() as string).trim() : undefined;
  if (content.startsWith('(')) throw new UserError(where, 'expected values, got time stamps in brackets; write values');
  if (parts.length !== (header.dimensions ?? parts.length) || parts.length === 0) {
    const got = `${parts.length}${header.labelled ? ' and the label' : ''}`;
    throw new UserError(
      where,
      `expected ${header.dimensions ?? 'at least 1'} dimensions between ':', got ${got}; mend the line`,
    );
  }
  if (label !== undefined && !(partlyLabelled && isUnlabelled(label))) checkLabel(label, header.classes, where);
  const channels = parts.map((part, dimension) => {
    const at = (place: number) => () => `${where}: dimension ${dimension + 1}, value ${place + 1}`;
    const values = part.split(',').map((cell, place) => numberIn(cell, missing, at(place)));
    if (values.length !== (header.length ?? values.length)) {
      const said = `${header.length} values, as @seriesLength says`;
      throw new UserError(
        where,
        `dimension ${dimension + 1}: expected ${said}, got ${values.length}; pad or cut it first`,
      );
    }
    return values;
  });
  series.add(channels, label, where);
}

function checkLabel(label: string, classes: readonly string[] | undefined, where: string): void {
  if (label === '') throw new UserError(where, "expected a class label after the last ':', got nothing; add it");
  if (classes && !classes.includes(label)) {
    throw new UserError(
      where,
      `expected one of the labels of @classLabel, got '${shortened(label)}'; mend it, or the header`,
    );
  }
}
