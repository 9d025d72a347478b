import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { runNodeTest } from './node-tests.js';

test('all', { timeout: 600_000 }, async () => {
  const out = [];
  const only = process.env.ONLY ? new RegExp(process.env.ONLY) : /./;
  const began = performance.now();
  for (const name of readdirSync('/tmp/on/node').sort()) {
    const file = `/tmp/on/node/${name}/model.onnx`;
    if (!existsSync(file) || !only.test(name)) continue;
    const t = performance.now();
    let o;
    try {
      o = await runNodeTest(file);
    } catch (e) {
      o = { name, op: '?', result: 'crash', reason: String(e.stack).slice(0, 300) };
    }
    if (o) out.push({ ...o, ms: performance.now() - t });
  }
  console.log(`${(performance.now() - began) / 1000} s`);
  const by = {};
  for (const o of out) (by[o.result] ??= []).push(o);
  for (const [k, v] of Object.entries(by)) console.log(k, v.length);
  writeFileSync('/tmp/on/outcomes.json', JSON.stringify(out, null, 1));
});
