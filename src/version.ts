/** The version of this package, from its package.json. */
import { readFileSync } from 'node:fs';

// the same relative place from src and from dist
const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');

export const version: string = (JSON.parse(manifest) as { version: string }).version;
