/** Lines of a text file, read as a stream: one block of them is held at a time. */
import { createReadStream } from 'node:fs';
import { UserError } from '../../errors.js';

export interface TextLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** Bytes of one line: a file that is not text may have no end of line at all. */
const longestLine = 2 ** 27;

/**
 * The lines without their ends (LF or CR LF) and without a byte order mark.
 * @throws UserError naming the line that is not UTF-8, or too long.
 */
export async function* textLines(path: string): AsyncGenerator<TextLine> {
  for await (const block of textBlocks(path)) {
    let { line } = block;
    const lines = block.text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, line: line++ };
  }
}

/** The text in parts of whole lines, each with the number of its first. @throws as `textLines`. */
export async function* textBlocks(path: string): AsyncGenerator<TextLine> {
  let line = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(10) + 1;
    if (end > 0) {
      const bytes = Buffer.concat([...rest, chunk.subarray(0, end)]);
      yield { text: decodeBlock(bytes, path, line), line };
      line += countEnds(bytes);
      rest = [];
      restBytes = 0;
    }
    rest.push(chunk.subarray(end));
    restBytes += chunk.length - end;
    if (restBytes > longestLine)
      throw new UserError(
        `${path}:${line}`,
        `expected lines of at most ${longestLine} bytes, got a longer one; check that it is a text file`,
      );
  }
  if (restBytes > 0) yield { text: decodeBlock(Buffer.concat(rest), path, line), line };
}

function decodeBlock(bytes: Buffer, path: string, line: number): string {
  const text = decode(bytes);
  if (text !== undefined) return line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
  // no character of UTF-8 contains a line feed, so that lines decode by themselves
  let wrong = line;
  for (let start = 0; decode(bytes.subarray(start, endOfLine(bytes, start))) !== undefined; wrong++)
    start = endOfLine(bytes, start);
  throw new UserError(`${path}:${wrong}`, 'expected UTF-8 text, got other bytes; convert the file');
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const endOfLine = (bytes: Buffer, start: number): number => {
  const at = bytes.indexOf(10, start);
  return at < 0 ? bytes.length : at + 1;
};

function countEnds(bytes: Buffer): number {
  let ends = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends++;
  return ends;
}
