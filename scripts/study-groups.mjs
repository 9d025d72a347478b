/** Lists every group of units and every block that is found in the networks of the tests, with the kind it is of: docs/groups.md. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = process.env.SCALPEL_SHARED ?? join(root, '../shared');
const { openModel } = await import('../dist/pipeline/open-model.js');
const { setShrinkScene } = await import('../dist/pipeline/shrink/scene.js');
const { setBlockScene } = await import('../dist/pipeline/shrink/blocks/scene.js');
const { kinds } = await import('../dist/groups/kinds.js');
const { depthKinds } = await import('../dist/depth/kinds.js');
const { UserError } = await import('../dist/errors.js');

const modelIn = (folder) => readdirSync(folder).find((name) => name.endsWith('.onnx'));
const folder = (title, path) => ({ title, path: join(path, modelIn(path)) });

const networks = ['cbf-fcn', 'gpt-sotu', 'iris', 'mnist-cnn'].map((name) =>
  folder(`bundled ${name}`, join(root, 'models', name)),
);
if (existsSync(shared)) {
  const fixtures = join(shared, 'fixtures/gradients');
  for (const name of readdirSync(fixtures)) {
    if (existsSync(join(fixtures, name, 'model.onnx')))
      networks.push({ title: `fixture ${name}`, path: join(fixtures, name, 'model.onnx') });
  }
  for (const name of [
    'resnet20-cifar10',
    'resnet56-cifar10',
    'mobilenet-vww',
    'squeezenet-imagenet',
    'stories260k',
    'fcn-ucr',
  ])
    networks.push(folder(name, join(shared, 'models', name)));
  const place = mkdtempSync(join(tmpdir(), 'skeletons-'));
  execFileSync('tar', ['xzf', join(shared, 'fixtures/onnx-node.tar.gz'), '-C', place]);
  for (const file of execFileSync('find', [place, '-name', 'light_*.onnx']).toString().trim().split('\n').sort())
    networks.push({ title: `skeleton ${file.split('/').at(-1)}`, path: file });
}

const choice = { units: Object.keys(kinds), layers: { include: [], exclude: [] } };
const all = { ...kinds, ...depthKinds };
const met = new Map(Object.keys(all).map((kind) => [kind, new Map()]));
const sections = [];
for (const { title, path } of networks) {
  const { groups, left } = await setShrinkScene(openModel(path), choice, title);
  for (const { kind } of groups) met.get(kind).set(title, (met.get(kind).get(title) ?? 0) + 1);
  const lines = groups.map(
    ({ name, node, kind, group, holdings }) =>
      `| \`${name}\` | ${node === undefined ? '' : `\`${node}\``} | ${kind} | ${group.units.size} | ${holdings.makes.length} | ${holdings.reads.length} | ${holdings.others.length} |`,
  );
  const blocks = [];
  for (const depth of Object.keys(depthKinds)) {
    const found = await blocksIn(openModel(path), depth, title);
    if (found.length === 0) continue;
    met.get(depth).set(title, found.length);
    const names = found.map(({ name, node }) => `\`${node ?? name}\``);
    blocks.push('', `Can go as ${depth}, by their first node: ${names.join(', ')}.`);
  }
  const rest = left.map(({ name, reason }) => `\`${name}\`: ${reason}`).join('; ');
  sections.push(
    [
      `## ${title}`,
      '',
      '| group | node | kind | units | matrices that make them | matrices that read them | other weights |',
      '| --- | --- | --- | ---: | ---: | ---: | ---: |',
      ...lines,
      ...blocks,
      ...(rest ? ['', `Keep their shape: ${rest}.`] : []),
    ].join('\n'),
  );
}

const overview = [...met].map(
  ([kind, by]) =>
    `| ${kind} | ${all[kind]} | ${[...by].map(([title, count]) => `${title} (${count})`).join(', ') || 'none of these'} |`,
);
writeFileSync(
  join(root, 'docs/groups.md'),
  `# Groups of units

Every group that \`scalpel shrink\` finds in the networks of its tests (\`node scripts/study-groups.mjs\`): units that lie in all of these weights at
once and go from all of them, and all blocks and branches that can go as a whole. A group bears the name of the weight that makes its units, beside the
node that uses it first.

| kind | what they are | networks (how many groups, blocks or branches) |
| --- | --- | --- |
${overview.join('\n')}

${sections.join('\n\n')}
`,
);

/** None where nothing can go as a whole. */
async function blocksIn(model, depth, title) {
  try {
    return (await setBlockScene(model, { depth, layers: choice.layers }, title)).blocks;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}
