import { describe, expect, test } from 'vitest';
import type { Graph, Value } from '../../src/ir/types.js';
import { verify } from '../../src/ir/verify.js';
import { graphOf, node, typed, waves } from '../helpers/graphs.js';
import { branching, mlp } from '../rewrite/mlp.js';

const x = typed('x', [2]);
const [a, b]: Value[] = [{ name: 'a' }, { name: 'b' }];
const chain = [node('Neg', [x], [a!]), node('Abs', [a!], [b!])];
const good = graphOf({ inputs: [x], outputs: [b!], nodes: chain });
const body = (parts: Partial<Graph>) => ({ kind: 'graph', value: graphOf(parts) }) as const;

const broken: [string, Graph, string][] = [
  [
    'order',
    { ...good, nodes: chain.toReversed() },
    "Abs 'b': reads 'a' before it is made; nodes must be in topological order",
  ],
  ['dangling', { ...good, nodes: chain.slice(1) }, "Abs 'b': reads 'a', which nothing makes; export the model again"],
  ['no output', { ...good, nodes: chain.slice(0, 1) }, "verify: output 'b' is made by no node; export the model again"],
  [
    'made twice',
    { ...good, nodes: [...chain, node('Neg', [x], [b!])] },
    "Neg 'b': the name 'b' is taken already; export the model again",
  ],
  [
    'input twice',
    { ...good, inputs: [x, { name: 'x' }] },
    "graph input: the name 'x' is taken already; export the model again",
  ],
  [
    'initializer of the name of another input',
    { ...good, initializers: new Map([[{ name: 'x' }, waves([2])]]) },
    "initializer: the name 'x' is taken already; export the model again",
  ],
  [
    'empty name',
    { ...good, inputs: [x, { name: '' }] },
    'graph input: expected a name for every value, got an empty one; export the model again',
  ],
  [
    'impostor',
    { ...good, nodes: [node('Neg', [{ name: 'x' }], [a!]), chain[1]!] },
    "Neg 'a': reads a 'x' that is not the value of that name; export the model again",
  ],
  [
    'impostor output',
    { ...good, outputs: [{ name: 'b' }] },
    "verify: output 'b' is not the value of that name; export the model again",
  ],
  [
    'inside a subgraph',
    { ...good, nodes: [...chain, node('If', [b!], [], { then_branch: body({ outputs: [{ name: 'nowhere' }] }) })] },
    "verify: output 'nowhere' is made by no node; export the model again",
  ],
  [
    'a capture hidden by a local name',
    {
      ...good,
      nodes: [
        ...chain,
        node('If', [b!], [], {
          then_branch: body({ nodes: [node('Neg', [b!], [{ name: 'a' }]), node('Abs', [a!], [{ name: 'c' }])] }),
        }),
      ],
    },
    "Abs 'c': reads a 'a' that is not the value of that name; export the model again",
  ],
  [
    'inside a function',
    {
      ...good,
      functions: [
        {
          domain: 'd',
          name: 'F',
          overload: '',
          attributes: [],
          defaults: {},
          body: { ...good, nodes: chain.slice(1) },
        },
      ],
    },
    "function 'F': Abs 'b': reads 'a', which nothing makes; export the model again",
  ],
];

describe('verify', () => {
  test.each([
    ['a chain', good],
    ['a perceptron', mlp().graph],
    ['subgraphs with captures', branching().graph],
    ['an input as output', { ...good, outputs: [x, b!] }],
  ])('accepts %s', (_, graph) => {
    expect(() => verify(graph)).not.toThrow();
  });

  test.each(broken)('refuses: %s', (_, graph, message) => {
    expect(() => verify(graph)).toThrow(expect.objectContaining({ message: message }));
  });
});
