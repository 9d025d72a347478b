/** The formats that records are read from. */
import type { Reader } from '../reader.js';
import { arff } from './arff.js';
import { cifar } from './cifar.js';
import { csv } from './csv.js';
import { idx } from './idx.js';
import { images } from './images.js';
import { jsonl } from './jsonl.js';
import { parquet } from './parquet.js';
import { ts } from './ts.js';
import { tsv } from './tsv.js';
import { ucr } from './ucr.js';

/** By the name that `--kind` and the `kind` of a descriptor give them. */
export const readers = {
  images,
  cifar,
  idx,
  ucr,
  tsv,
  ts,
  arff,
  csv,
  parquet,
  jsonl,
} satisfies Record<string, Reader>;

export type ReaderName = keyof typeof readers;
