/** Fused attention: every input and attribute that the runtime computes on the CPU. */
import { int64 } from '../../../src/tensor/tensor.js';
import { type Argument, cachesOf, float, heads, int32, type Row, type RowOptions } from './fused-arguments.js';

const rowMask = int32([2, 5], 1, 1, 1, 0, 0, 1, 1, 1, 1, 1);
const longMask = int32([2, 8], 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1);
const everyThird = (keys: number) =>
  int32([2, 5, keys], ...Array.from({ length: 10 * keys }, (_, i) => (i % 3 === 0 ? 0 : 1)));
const grouped = { num_heads: 4, kv_num_heads: 2 };
const lengths = [int32([2], 4, 4), int32([], 5)] as const;
const wideCaches = cachesOf(8, 8);
const all = [true, true, true] as const;

/** Attention over two sequences of five; `rest` follows the bias. */
const attention = (rest: readonly Argument[], options: RowOptions): Row => [
  'Attention',
  [[2, 5, 4], [4, 12], [12], ...rest],
  options,
];
const past = [2, 2, 2, 3, 2];
const withPresent = { attrs: heads, outputs: [true, true] } as const;

const own = [2, 5, 4];
const pasts = [
  [2, 2, 3, 2],
  [2, 2, 3, 2],
] as const;

/** A prompt of two sequences of five; `rest` follows the cache of keys and values. */
const prompt = (rest: readonly Argument[], attrs: RowOptions['attrs'] = {}, options: RowOptions = {}): Row => [
  'GroupQueryAttention',
  [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...rest],
  { attrs: { ...grouped, ...attrs }, outputs: all, ...options },
];

/** One more step for two sequences, behind a cache with room for `room`. */
const token = (room: number, rest: readonly Argument[], attrs: RowOptions['attrs'] = {}): Row => [
  'GroupQueryAttention',
  [[2, 1, 64], [2, 1, 32], [2, 1, 32], [2, 2, room, 16], [2, 2, room, 16], ...rest],
  { attrs: { ...grouped, ...attrs }, outputs: all, isFixed: true },
];

/** Five more steps of one sequence behind three. */
const onwards = (rest: readonly Argument[], attrs: RowOptions['attrs'] = {}): Row => [
  'GroupQueryAttention',
  [[1, 5, 64], [1, 5, 32], [1, 5, 32], [1, 2, 3, 16], [1, 2, 3, 16], int32([1], 7), int32([], 8), ...rest],
  { attrs: { ...grouped, ...attrs }, outputs: all },
];

export const attentionRows: readonly Row[] = [
  ['Attention', [[2, 5, 4], [4, 12], [12]], { attrs: heads }],
  ['Attention', [[2, 5, 4], [4, 12], [12], rowMask], { attrs: heads }],
  ['Attention', [[2, 5, 4], [4, 12], [12], int32([2], 3, 5)], { attrs: heads, isFixed: true }],
  [
    'Attention',
    [[2, 5, 4], [4, 12], [12]],
    { attrs: { ...heads, unidirectional: 1, scale: float(0.4) }, outputs: [true, true] },
  ],
  [
    'Attention',
    [[2, 5, 4], [4, 14], [14], null, null, [1, 2, 5, 5]],
    { attrs: { ...heads, qkv_hidden_sizes: [4, 4, 6] } },
  ],
  [
    'MultiHeadAttention',
    [
      [2, 5, 4],
      [2, 3, 4],
      [2, 3, 6],
    ],
    { attrs: heads },
  ],
  ['MultiHeadAttention', [[2, 5, 4], [2, 5, 4], [2, 5, 4], [12], rowMask], { attrs: { ...heads, unidirectional: 1 } }],
  [
    'MultiHeadAttention',
    [
      [2, 5, 4],
      [2, 2, 3, 2],
      [2, 2, 3, 2],
    ],
    { attrs: heads },
  ],
  [
    'MultiHeadAttention',
    [[2, 3, 4], [2, 3, 4], [2, 3, 4], null, null, [1, 2, 3, 3]],
    { attrs: heads, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths],
    { attrs: grouped, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 128], null, null, null, null, ...lengths],
    { attrs: grouped, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths, ...wideCaches],
    { attrs: { ...grouped, do_rotary: 1 }, outputs: [true, true, true] },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 64], [2, 5, 64], null, null, ...lengths, ...wideCaches],
    {
      attrs: { num_heads: 4, kv_num_heads: 4, do_rotary: 1, rotary_interleaved: 1, softcap: float(2) },
      outputs: [true, true, true],
    },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], null, null, ...lengths],
    { attrs: { ...grouped, local_window_size: 2 }, outputs: [true, true, true] },
  ],
  attention([null, past], withPresent),
  attention([null, past], { ...withPresent, attrs: { ...heads, unidirectional: 1 } }),
  attention([longMask, past], withPresent),
  attention([everyThird(8), past], { ...withPresent, attrs: { ...heads, unidirectional: 1 } }),
  attention([int32([2], 6, 8), past], { ...withPresent, attrs: { ...heads, unidirectional: 1 } }),
  attention([int32([4], 3, 5, 1, 0)], { attrs: heads }),
  attention([int32([8], 3, 5, 0, 3, 8, 0, 3, 8)], { attrs: heads }),
  attention([int32([2, 1], 0, 1)], { attrs: { ...heads, mask_filter_value: float(-5) } }),
  ['MultiHeadAttention', [own, own, own, null, null, null, ...pasts], { attrs: heads, outputs: all }],
  ['MultiHeadAttention', [own, own, own, null, null, null, ...pasts], { attrs: heads }],
  [
    'MultiHeadAttention',
    [own, own, own, [12], longMask, null, ...pasts],
    { attrs: { ...heads, unidirectional: 1 }, outputs: all },
  ],
  ['MultiHeadAttention', [own, own, own, null, int32([2], 6, 7), null, ...pasts], { attrs: heads, outputs: all }],
  ['MultiHeadAttention', [own, own, own, null, int32([8], 3, 5, 0, 3, 8, 0, 3, 8)], { attrs: heads }],
  ['MultiHeadAttention', [own, own, own, null, everyThird(5)], { attrs: { ...heads, unidirectional: 1 } }],
  ['MultiHeadAttention', [[2, 3, 4], own, own], { attrs: { ...heads, unidirectional: 1 } }],
  ['MultiHeadAttention', [own, [2, 3, 4], [2, 3, 4]], { attrs: { ...heads, unidirectional: 1 } }],
  [
    'MultiHeadAttention',
    [
      [2, 3, 4],
      [2, 2, 5, 2],
      [2, 2, 5, 2],
    ],
    { attrs: { ...heads, unidirectional: 1 } },
  ],
  prompt([int32([2], 2, 4), int32([1], 5)]),
  prompt([int32([2], 2, 4), int32([], 5), ...wideCaches, int64([2, 5], [1, 2, 3, 4, 5, 0, 0, 0, 0, 0])], {
    do_rotary: 1,
  }),
  prompt([...lengths, null, null, null, [2, 4, 5, 5]], { softcap: float(2) }, { isFixed: true }),
  prompt([int32([2], 2, 4), int32([], 5), null, null, null, [1, 1, 5, 5]], { local_window_size: 2 }, { isFixed: true }),
  prompt([...lengths], { smooth_softmax: 1 }),
  prompt([...lengths, null, null, null, null, [4]], { softcap: float(1.5), local_window_size: 2 }),
  prompt([...lengths], { qk_output: 2 }, { outputs: [true, true, true, true] }),
  prompt([...lengths], { qk_output: 1, softcap: float(1) }, { outputs: [true, true, true, true] }),
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 64], [2, 5, 64], null, null, ...lengths, null, null, null, null, [4]],
    { attrs: { num_heads: 4, kv_num_heads: 4, qk_output: 2 }, outputs: [true, true, true, true], isFixed: true },
  ],
  token(3, [int32([2], 1, 3), int32([], 4)]),
  token(3, [int32([2], 1, 3), int32([], 4), ...wideCaches, int64([2, 1], [1, 4])], { do_rotary: 1 }),
  token(6, [int32([2], 2, 3), int32([], 4), ...wideCaches], { do_rotary: 1, local_window_size: 2 }),
  onwards([...wideCaches], { do_rotary: 1 }),
  onwards([], { local_window_size: 2, smooth_softmax: 1 }),
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 5, 32], [2, 5, 32], [2, 2, 6, 16], [2, 2, 6, 16], ...lengths],
    { attrs: grouped, outputs: all },
  ],
  [
    'GroupQueryAttention',
    [[2, 5, 64], [2, 0, 32], [2, 0, 32], [2, 2, 5, 16], [2, 2, 5, 16], ...lengths],
    { attrs: grouped, outputs: all, isFixed: true },
  ],
];
