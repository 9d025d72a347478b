import { expect, test } from 'vitest';
import { findBlocks } from '../../src/regions/repeats.js';

/** `A` and `C` are attentions, `M` is an MLP, other letters are convolutions; small letters look different from capitals. */
const row = (text: string) =>
  [...text].map((signature) => ({
    signature,
    kind: /[AC]/i.test(signature)
      ? ('attention' as const)
      : /M/i.test(signature)
        ? ('mlp' as const)
        : ('conv' as const),
  }));

test.each([
  ['AMAMAM', 'AM AM AM'],
  ['ACMACM', 'ACM ACM'],
  ['AMCMAMCM', 'AMCM AMCM'],
  ['SAMAM', 'S AM AM'],
  ['aMAMAM', 'aM AM AM'],
  ['AMAMAm', 'AM AM Am'],
  ['MAMAM', 'M AM AM'],
  ['AM', 'AM'],
  ['AmaM', 'Am aM'],
  ['AAAA', 'A A A A'],
  ['SRRRDrrdqq', 'S R R R D r r d q q'],
  ['XYZ', 'X Y Z'],
  ['DPDPDP', 'DP DP DP'],
  ['AMAMACMACMACM', 'AM AM ACM ACM ACM'],
  ['', ''],
])('%s is made of %s', (text, blocks) => {
  const found = findBlocks(row(text)).map((block) => block.map((i) => text[i]).join(''));
  expect(found.join(' ')).toBe(blocks);
});
