import { describe, expect, test } from 'vitest';
import { print, printNode, printType } from '../../src/ir/print.js';
import { float32 } from '../../src/tensor/tensor.js';
import { graphOf, node, typed } from '../helpers/graphs.js';
import { branching, mlp } from '../rewrite/mlp.js';

describe('print', () => {
  test('one line per input, initializer, node and output', () => {
    expect(print(mlp().graph)).toBe(
      [
        'input %x float32[batch, 3]',
        'initializer %w1 float32[3, 4]',
        'initializer %b1 float32[4]',
        'initializer %w2 float32[4, 2]',
        '%scale = Constant(value=float32[1])',
        '%h[batch, 4] = MatMul(%x, %w1)',
        '%a = Add(%h, %b1)',
        '%r = Relu(%a)',
        '%z = MatMul(%r, %w2)',
        '%i = Identity(%z)',
        '%y[batch, 2] = Mul(%i, %scale)',
        'output %y float32[batch, 2]',
      ].join('\n'),
    );
  });

  test('indents subgraphs below their node', () => {
    const text = print(branching().graph);
    expect(text).toContain(
      [
        '%chosen = If(%flag, then_branch={...}, else_branch={...})',
        '  then_branch:',
        '    %yes = MatMul(%h, %w2)',
        '    output %yes ?',
        '  else_branch:',
        '    %inner = Identity(%i)',
      ].join('\n'),
    );
  });

  test('attributes of every kind, absent inputs and outputs, domains', () => {
    const value = { name: 'y', type: { dtype: 'float32', shape: [null, 2] } } as const;
    const bytes = (text: string) => new TextEncoder().encode(text);
    const made = node('Odd', [null, typed('x', [])], [null, value], {
      f: { kind: 'float', value: 0.5 },
      i: 3,
      s: 'a"b',
      fs: { kind: 'floats', value: [1, 2.5] },
      is: [1, 2],
      ss: { kind: 'strings', value: [bytes('p'), bytes('q')] },
      t: { kind: 'tensor', value: float32([0], new Float32Array()) },
      ts: { kind: 'tensors', value: [] },
      gs: { kind: 'graphs', value: [graphOf({})] },
      r: { kind: 'reference', value: 'alpha' },
      o: { kind: 'opaque', value: new Uint8Array(7) },
    });
    expect(printNode({ ...made, domain: 'com.example' })).toBe(
      'null, %y[?, 2] = com.example.Odd(null, %x, f=0.5, i=3, s="a\\"b", fs=[1, 2.5], is=[1, 2], ss=["p", "q"], ' +
        't=float32[0], ts=[], gs=[{...}], r=@alpha, o=<7 bytes>)',
    );
  });

  test.each([
    [undefined, '?'],
    [{ dtype: 'int64' }, 'int64'],
    [{ dtype: 'float16', shape: [] }, 'float16[]'],
    [{ dtype: 'bool', shape: ['n', null, 0] }, 'bool[n, ?, 0]'],
  ] as const)('the type %o is %s', (type, text) => expect(printType(type)).toBe(text));
});
