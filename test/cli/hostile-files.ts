/** Files that lie: about sizes, places, names and depth. Written into the current folder. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { encodeNpz } from '../../src/tensor/npz.js';
import { float32, tensor } from '../../src/tensor/tensor.js';
import { encodeModel } from '../helpers/onnx-models.js';
import { concat, varint } from '../helpers/wire.js';

const float = {
  value: {
    case: 'tensorType' as const,
    value: { elemType: 1, shape: { dim: [{ value: { case: 'dimValue', value: 4n } }] } },
  },
};
const info = (name: string) => ({ name, type: float });
const node = (opType: string, input: string[], output: string[], more: object = {}) => ({
  name: output[0],
  opType,
  input,
  output,
  ...more,
});

/** x [4] to y, through the given nodes. */
const model = (nodes: readonly object[], graph: object = {}, more: object = {}): Uint8Array =>
  encodeModel({
    irVersion: 10n,
    opsetImport: [
      { domain: '', version: 17n },
      { domain: 'local', version: 1n },
    ],
    graph: { name: 'g', input: [info('x')], output: [info('y')], node: nodes, ...graph },
    ...more,
  });

const withWeight = (weight: object): Uint8Array =>
  model([node('MatMul', ['x', 'w'], ['y'])], { initializer: [{ name: 'w', dims: [4n, 4n], dataType: 1, ...weight }] });

const external = (location: string, more: readonly object[] = []) =>
  withWeight({ dataLocation: 1, externalData: [{ key: 'location', value: location }, ...more] });

/** A graph in an attribute of a node of a graph, and so on. */
function deepModel(depth: number): Uint8Array {
  const field = (number: number, payload: Uint8Array) =>
    concat(varint(number * 8 + 2), varint(payload.length), payload);
  let inner: Uint8Array = new Uint8Array();
  for (let i = 0; i < depth; i++) inner = field(1, field(5, concat(field(6, inner), Uint8Array.of(0xa0, 1, 5))));
  return field(7, inner);
}

const npyHeader = (text: string, length = text.length): Buffer =>
  Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]),
    Buffer.from(text),
  ]);

export function writeHostileFiles(): void {
  writeFileSync('dangling.onnx', model([node('Add', ['x', 'ghost'], ['y'])]));
  writeFileSync(
    'cycle.onnx',
    model([node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])]),
  );
  writeFileSync('twice.onnx', model([node('Relu', ['x'], ['y']), node('Relu', ['x'], ['y'])]));
  writeFileSync('unmade.onnx', model([node('Relu', ['x'], ['z'])]));
  writeFileSync(
    'recursive.onnx',
    model(
      [node('F', ['x'], ['y'], { domain: 'local' })],
      {},
      {
        functions: [
          {
            name: 'F',
            domain: 'local',
            input: ['a'],
            output: ['b'],
            node: [node('F', ['a'], ['b'], { domain: 'local' })],
            opsetImport: [{ domain: '', version: 17n }],
          },
        ],
      },
    ),
  );
  writeFileSync('deep.onnx', deepModel(40));
  writeFileSync('negative.onnx', withWeight({ dims: [-4n, 4n] }));
  writeFileSync('overflow.onnx', withWeight({ dims: [1n << 40n, 1n << 40n] }));
  writeFileSync('larger.onnx', withWeight({ dims: [1n << 20n, 1n << 10n], rawData: new Uint8Array(64) }));
  writeFileSync('steering.onnx', model([{ ...node('Add', ['x', 'ghost'], ['y']), name: '\u001b[2Jgone\nnext' }]));

  mkdirSync('elsewhere');
  writeFileSync('elsewhere/w.data', new Uint8Array(64));
  mkdirSync('inside');
  symlinkSync('../elsewhere/w.data', 'inside/link.data');
  execFileSync('mkfifo', ['pipe.onnx', 'inside/pipe.data']);
  writeFileSync('inside/short.data', new Uint8Array(32));
  writeFileSync('inside/up.onnx', external('../elsewhere/w.data'));
  writeFileSync('inside/absolute.onnx', external('/etc/hostname'));
  writeFileSync('inside/link.onnx', external('link.data'));
  writeFileSync('inside/pipe.onnx', external('pipe.data'));
  writeFileSync('inside/short.onnx', external('short.data'));
  writeFileSync('inside/offset.onnx', external('short.data', [{ key: 'offset', value: '-4' }]));

  writeFileSync('long.npy', npyHeader('{', 60_000));
  writeFileSync('objects.npy', npyHeader("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"));
  writeFileSync('lying.npy', npyHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"));
  writeFileSync('axes.npy', npyHeader(`{'descr': '<f4', 'fortran_order': True, 'shape': (${'1, '.repeat(100)}), }`));
  writeFileSync('bomb.npz', lyingArchive(20, 0x7fffffff));
  writeFileSync('overlap.npz', lyingArchive(42, 0));
  const x = float32([2, 4], new Float32Array(8));
  writeFileSync(
    'nan-labels.npz',
    encodeNpz(
      new Map([
        ['x', x],
        ['labels', tensor('float32', [2], Float32Array.of(0, Number.NaN))],
      ]),
    ),
  );

  writeFileSync('latin.txt', Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  writeFileSync('nul.txt', 'a\0b');
  writeFileSync('latin.jsonl', Buffer.concat([Buffer.from('"a"\n"'), Buffer.from([0xe9]), Buffer.from('"\n')]));
  writeFileSync('deep.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  writeFileSync(
    'aliases.yaml',
    `a: &a [x]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]\n`,
  );
  writeFileSync('huge.yaml', `# ${'a'.repeat(2 ** 20)}\n`);
  writeFileSync('types.json', JSON.stringify({ model: { type: 'BPE', vocab: 7, merges: 'none' } }));
  writeFileSync('nested.json', `{"model": ${'{"type":'.repeat(50_000)}1${'}'.repeat(50_000)}}`);
}

/** Two arrays; the second one's record in the directory is changed at `offset` to `value`. */
function lyingArchive(offset: number, value: number): Uint8Array {
  const bytes = encodeNpz(
    new Map([
      ['a', float32([4], new Float32Array(4))],
      ['b', float32([4], new Float32Array(4))],
    ]),
    { compress: true },
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = [...bytes.keys()].filter((at) => at + 4 <= bytes.length && view.getUint32(at, true) === 0x02014b50);
  view.setUint32(records[1]! + offset + (offset === 20 ? 4 : 0), value, true);
  return bytes;
}
