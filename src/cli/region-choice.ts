/** Regions as a word of the command line. */
import { statSync } from 'node:fs';
import { nearest } from '../nearest.js';
import { type GranularityName, granularities } from '../regions/granularity.js';
import type { RegionChoice } from '../regions/index.js';
import { integer, listed, type Reader } from './values.js';

const names = Object.keys(granularities) as GranularityName[];

/** For `--help`: the words, and that a file will do. */
export const regionWords = `${names.join(', ')}, blocks:N, or a file`;

/** A granularity, `blocks:N`, or a file that describes regions; a file whose name is such a word is written with its folder. */
export const regionChoice: Reader<RegionChoice> = (text, refuse) => {
  const name = names.find((known) => known === text);
  if (name) return name;
  const [, count] = /^blocks:(.*)$/.exec(text) ?? [];
  if (count !== undefined) {
    return { blocks: integer({ from: 1 })(count, (problem) => refuse(`'blocks:' ${problem}`)) };
  }
  if (statSync(text, { throwIfNoEntry: false })?.isFile()) return { file: text };
  const meant = nearest(text, names);
  const advice = meant ? `did you mean ${meant}?` : 'name one of these, or check the path';
  return refuse(`expected ${listed([...names, 'blocks:N', 'a file of regions'], 'or')}, got '${text}'; ${advice}`);
};
