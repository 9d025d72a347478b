/** Edits of the model with everything in it: what is done to the graph, what that means, and where bytes may change. */
import { valuesByName } from '../../src/ir/graph.js';
import { attrs } from '../../src/ir/node.js';
import type { Attr, Graph, Node, Value } from '../../src/ir/types.js';
import { float32, int64, type Tensor, tensor } from '../../src/tensor/tensor.js';

/** An edit of the graph, the same edit of the model as JSON, and the only places where the bytes may differ. */
export type Row = [name: string, edit: (graph: Graph) => Graph, json: (model: Json) => void, places: string[]];

// biome-ignore lint/suspicious/noExplicitAny: protobuf JSON, edited by path
export type Json = any;

const set = (graph: Graph, name: string, value: Tensor): Graph => ({
  ...graph,
  initializers: new Map([...graph.initializers].map(([key, old]) => [key, key.name === name ? value : old])),
});
const value = (graph: Graph, name: string): Value => valuesByName(graph).get(name)!;
const swap = (graph: Graph, name: string, edit: (node: Node) => Node | Node[]): Graph => ({
  ...graph,
  nodes: graph.nodes.flatMap((node) => (node.name === name ? edit(node) : [node])),
});
const withAttr = (node: Node, name: string, attr: Attr): Node => ({ ...node, attrs: { ...node.attrs, [name]: attr } });
const branchOf = (node: Node, name: string): Graph => (node.attrs[name] as { kind: 'graph'; value: Graph }).value;
const base64 = (data: Float32Array | Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

/** Fields that hold messages, as paths: differences are looked for inside them. */
export const messages = [
  '7',
  '7/1',
  '7/1/5',
  '7/1/5/5',
  '7/1/5/6',
  '7/1/5/6/1',
  '7/5',
  '7/15',
  '7/15/1',
  '7/15/2',
  '7/11',
  '7/12',
  '8',
  '14',
  '25',
  '25/7',
  '25/9',
];

export const rows: Row[] = [
  [
    'two initializers, raw and float_data',
    (graph) => set(set(graph, 'w', float32([2], Float32Array.of(0, 4))), 'v', float32([1, 2], Float32Array.of(8, 0))),
    ({ graph }) => {
      graph.initializer[0].rawData = base64(Float32Array.of(0, 4));
      graph.initializer[1].floatData = [8, 0];
    },
    ['7[0]/5[0]/9[0]', '7[0]/5[1]/4[0]'],
  ],
  [
    'int64_data',
    (graph) => set(graph, 'shape', int64([2], [2, -1])),
    ({ graph }) => (graph.initializer[2].int64Data = ['2', '-1']),
    ['7[0]/5[2]/7[0]'],
  ],
  [
    'int32_data of float16',
    (graph) => set(graph, 'half', tensor('float16', [3], Uint16Array.of(0, 0x8000, 0xfbff))),
    ({ graph }) => (graph.initializer[3].int32Data = [0, 0x8000, 0xfbff]),
    ['7[0]/5[3]/5[0]'],
  ],
  [
    'strings',
    (graph) =>
      set(graph, 'text', {
        ...graph.initializers.get(value(graph, 'text'))!,
        strings: [Buffer.from('a'), Buffer.from('new')],
      }),
    ({ graph }) => (graph.initializer[4].stringData = [base64(Buffer.from('a')), base64(Buffer.from('new'))]),
    ['7[0]/5[4]/6[1]'],
  ],
  [
    'a sparse initializer, which loses and gains elements',
    (graph) => set(graph, 's', float32([2, 2], Float32Array.of(0, 5, 6, 9))),
    ({ graph }) => {
      const [sparse] = graph.sparseInitializer;
      Object.assign(sparse.values, { dims: ['3'], rawData: base64(Float32Array.of(5, 6, 9)) });
      Object.assign(sparse.indices, { dims: ['3'], int64Data: ['1', '2', '3'] });
    },
    ['7[0]/15[0]/1[0]/1[0]', '7[0]/15[0]/1[0]/9[0]', '7[0]/15[0]/2[0]/1[0]', '7[0]/15[0]/2[0]/7[0]'],
  ],
  [
    'type and shape of a tensor, which is then raw',
    (graph) => set(graph, 'v', tensor('float16', [2, 1], Uint16Array.of(0x3c00, 0))),
    ({ graph }) => {
      const { floatData: _, ...rest } = graph.initializer[1];
      graph.initializer[1] = { ...rest, dims: ['2', '1'], dataType: 10, rawData: base64(Uint8Array.of(0, 0x3c, 0, 0)) };
    },
    ['-7[0]/5[1]/1[0]', '7[0]/5[1]/2[0]', '-7[0]/5[1]/4[0]', '+7[0]/5[1]/1', '+7[0]/5[1]/9'],
  ],
  [
    'initializers added and removed',
    (graph) => {
      const kept = [...graph.initializers].filter(([{ name }]) => name !== 'shape');
      return { ...graph, initializers: new Map([[{ name: 'new' }, float32([1], Float32Array.of(1))], ...kept]) };
    },
    ({ graph }) => {
      graph.initializer.splice(2, 1);
      graph.initializer.push({ dims: ['1'], dataType: 1, name: 'new', rawData: base64(Float32Array.of(1)) });
    },
    ['-7[0]/5[2]', '+7[0]/5'],
  ],
  [
    'the tensor of a Constant node',
    (graph) =>
      swap(graph, 'most', (node) =>
        withAttr(node, 'value', { kind: 'tensor', value: float32([], Float32Array.of(7)) }),
      ),
    ({ graph }) => (graph.node[2].attribute[0].t.rawData = base64(Float32Array.of(7))),
    ['7[0]/1[2]/5[0]/5[0]/9[0]'],
  ],
  [
    'a node inside a branch',
    (graph) =>
      swap(graph, 'choose', (node) => {
        const branch = swap(branchOf(node, 'then_branch'), 'then/op', (inner) => ({ ...inner, op: 'Sub' }));
        return withAttr(node, 'then_branch', { kind: 'graph', value: branch });
      }),
    ({ graph }) => (graph.node[0].attribute[0].g.node[1].opType = 'Sub'),
    ['7[0]/1[0]/5[0]/6[0]/1[1]/4[0]'],
  ],
  [
    'inputs of a node',
    (graph) => swap(graph, 'add', (node) => ({ ...node, inputs: [node.inputs[0]!, value(graph, 'w')] })),
    ({ graph }) => (graph.node[4].input[1] = 'w'),
    ['7[0]/1[4]/1[1]'],
  ],
  [
    'attributes of a node: one changed, one gone, one new',
    (graph) =>
      swap(graph, 'odd', (node) => {
        const { st: _, ...others } = node.attrs;
        return { ...node, attrs: { ...others, fs: { kind: 'ints', value: [5n] }, ...attrs({ more: 'x' }) } };
      }),
    ({ graph }) => {
      const list = graph.node[6].attribute;
      const { floats: _, ...rest } = list[2];
      list[2] = { ...rest, ints: ['5'], type: 'INTS' };
      list.splice(0, 1);
      list.push({ name: 'more', s: base64(Buffer.from('x')), type: 'STRING' });
    },
    [
      '-7[0]/1[6]/5[0]',
      '-7[0]/1[6]/5[2]/7[0]',
      '-7[0]/1[6]/5[2]/7[1]',
      '7[0]/1[6]/5[2]/20[0]',
      '+7[0]/1[6]/5[2]/8',
      '+7[0]/1[6]/5',
    ],
  ],
  [
    'a node before and one after another',
    (graph) =>
      swap(graph, 'add', (node) => {
        const [first, last] = [{ name: 'first' }, { name: 'last' }];
        const identity = (input: Value, output: Value): Node => ({
          name: '',
          op: 'Identity',
          domain: '',
          inputs: [input],
          outputs: [output],
          attrs: {},
        });
        return [
          identity(value(graph, 'w'), first),
          { ...node, inputs: [node.inputs[0]!, first] },
          identity(first, last),
        ];
      }),
    ({ graph }) => {
      graph.node[4].input[1] = 'first';
      graph.node.splice(4, 0, { input: ['w'], output: ['first'], opType: 'Identity' });
      graph.node.splice(6, 0, { input: ['first'], output: ['last'], opType: 'Identity' });
    },
    ['-7[0]/1[4]', '+7[0]/1', '+7[0]/1', '+7[0]/1'],
  ],
  [
    'the order of nodes',
    (graph) => ({ ...graph, nodes: [graph.nodes[2]!, ...graph.nodes.filter((_, i) => i !== 2)] }),
    ({ graph }) => graph.node.unshift(...graph.node.splice(2, 1)),
    ['+7[0]/1', '-7[0]/1[2]'],
  ],
  [
    'a removed node, and what was said about its value',
    (graph) => ({ ...swap(graph, 'choose', () => []), outputs: graph.outputs }),
    ({ graph }) => {
      graph.node.shift();
      graph.valueInfo.shift();
    },
    ['-7[0]/1[0]', '-7[0]/13[0]'],
  ],
  [
    'an inner value as output, with the words of its value_info',
    (graph) => ({ ...graph, outputs: [value(graph, 'chosen'), ...graph.outputs, value(graph, 'summed')] }),
    ({ graph }) => {
      graph.output.unshift(graph.valueInfo[0]);
      graph.output.push({ name: 'summed' });
    },
    ['+7[0]/12', '+7[0]/12'],
  ],
  [
    'an inlined branch',
    (graph) =>
      swap(graph, 'choose', (node) => {
        const body = branchOf(node, 'else_branch');
        const [constant, op, add] = body.nodes as [Node, Node, Node];
        return [constant, op, { ...add, outputs: node.outputs }];
      }),
    ({ graph }) => {
      const [constant, op, add] = graph.node[0].attribute[1].g.node;
      graph.node.splice(0, 1, constant, op, { ...add, output: ['chosen'] });
    },
    ['-7[0]/1[0]', '+7[0]/1', '+7[0]/1', '+7[0]/1'],
  ],
  [
    'the type of an input',
    (graph) => {
      const x = value(graph, 'x');
      const fixed = { name: 'x', type: { dtype: 'float32', shape: [4, 2] } } as const;
      return { ...graph, inputs: graph.inputs.map((input) => (input === x ? fixed : input)) };
    },
    ({ graph }) =>
      (graph.input[0].type = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: '4' }, { dimValue: '2' }] } } }),
    ['7[0]/11[0]/2[0]'],
  ],
  [
    'opsets and the name of the graph',
    (graph) => ({
      ...graph,
      name: 'other',
      opsets: new Map([
        ['', 22],
        ['local', 1],
        ['com.microsoft', 1],
      ]),
    }),
    (model) => {
      model.graph.name = 'other';
      model.opsetImport[0].version = '22';
      model.opsetImport.push({ domain: 'com.microsoft', version: '1' });
    },
    ['7[0]/2[0]', '8[0]/2[0]', '+8'],
  ],
  [
    'a function',
    (graph) => {
      const [twice] = graph.functions;
      const nodes = twice!.body.nodes.map((node) => (node.op === 'Mul' ? { ...node, op: 'Div' } : node));
      return { ...graph, functions: [{ ...twice!, body: { ...twice!.body, nodes } }] };
    },
    (model) => (model.functions[0].node[1].opType = 'Div'),
    ['25[0]/7[1]/4[0]'],
  ],
];
