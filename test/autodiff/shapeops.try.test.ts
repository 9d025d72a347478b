import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { readdirSync } from 'node:fs';
import { runNodeTest } from './node-tests.js';
const pattern = /^test_(gather|scatter|slice|wrap|edge|reflect|constant_pad|constantofshape|topk|top_k|trilu|tril|triu|onehot|compress|unique|resize|gridsample|affine|col2im|center|depthtospace|spacetodepth|reversesequence|tile|expand|split|concat|transpose|range|identity_)/;
test('mine', async () => {
  const rows: string[] = [];
  for (const name of readdirSync('/tmp/shape/node').filter((n) => pattern.test(n)).sort()) {
    const found = await runNodeTest(`/tmp/shape/node/${name}/model.onnx`).catch((e) => ({ result: 'threw', reason: String(e), dtype: '', error: 0 }));
    if (found) rows.push(`${found.result} ${name} ${found.dtype ?? ''} ${found.error ?? ''} ${found.reason.slice(0, 200)}`);
  }
  writeFileSync('/tmp/shape/out.txt', rows.join('\n'));
}, 600000);
