import { describe, expect, test } from 'vitest';
import { languageInputs } from '../../src/data/language-inputs.js';
import { dataOf, int64 } from '../../src/tensor/tensor.js';
import { graphWith, type InputSpec } from './models.js';

const tokens = int64([2, 3], [5, 6, 7, 8, 9, 10]);
const ids: InputSpec = ['input_ids', 'int64', ['batch_size', 'sequence_length']];

/** What one input is fed, as `shape: numbers`. */
function fed(input: InputSpec, map = {}): string {
  const graph = graphWith(ids, input);
  const t = languageInputs(graph, map)?.fill(tokens).get(graph.inputs[1]!);
  return t ? `${t.dtype}[${t.shape}]: ${Array.from(dataOf(t) as Int32Array, Number)}` : 'nothing';
}

describe('inputs of language models', () => {
  test.each<[InputSpec, string]>([
    [['attention_mask', 'int64', ['batch_size', 'total_sequence_length']], 'int64[2,3]: 1,1,1,1,1,1'],
    [['attention_mask', 'int64', ['batch_size', 'past_sequence_length + 1']], 'int64[2,3]: 1,1,1,1,1,1'],
    [['attention_mask', 'float32', [null, null]], 'float32[2,3]: 1,1,1,1,1,1'],
    [['input_mask', 'int32', ['b', 's']], 'int32[2,3]: 1,1,1,1,1,1'],
    [['position_ids', 'int64', ['batch_size', 'sequence_length']], 'int64[2,3]: 0,1,2,0,1,2'],
    [['position_ids', 'int32', [1, 's']], 'int32[1,3]: 0,1,2'],
    [['position_ids', 'int64', ['s']], 'int64[3]: 0,1,2'],
    [['position_ids', 'int64', [3, 'b', 's']], `int64[3,2,3]: ${Array.from({ length: 18 }, (_, i) => i % 3)}`],
    [['token_type_ids', 'int64', ['b', 's']], 'int64[2,3]: 0,0,0,0,0,0'],
    [['segment_ids', 'int64', ['b', 's']], 'int64[2,3]: 0,0,0,0,0,0'],
    [['cache_position', 'int64', ['s']], 'int64[3]: 0,1,2'],
    [['use_cache_branch', 'bool', [1]], 'bool[1]: 0'],
    [['num_logits_to_keep', 'int64', []], 'int64[]: 0'],
    [['past_key_values.0.key', 'float32', ['batch_size', 4, 'past_sequence_length', 8]], 'float32[2,4,0,8]: '],
    [
      ['past_key_values.0.value', 'float16', ['batch_size x', 4, 'past_decoder_sequence_length', 8]],
      'float16[2,4,0,8]: ',
    ],
    [['past_0', 'float32', [2, 'batch', 12, 'past_seq_len', 64]], 'float32[2,2,12,0,64]: '],
    [['past.3.key', 'float32', [null, 4, null, 8]], 'float32[2,4,0,8]: '],
    [['pixels', 'float32', [1]], 'nothing'],
  ])('%j is fed %s', (input, expected) => {
    expect(fed(input)).toBe(expected);
  });

  test('ids are converted to the input’s type', () => {
    const graph = graphWith(['tokens', 'int32', [null, null]]);
    const t = languageInputs(graph)!.fill(tokens).get(graph.inputs[0]!)!;
    expect([t.dtype, ...(dataOf(t) as Int32Array)]).toEqual(['int32', 5, 6, 7, 8, 9, 10]);
  });

  test('the only input of integers [batch, sequence] takes the ids, whatever its name', () => {
    expect(languageInputs(graphWith(['x.1', 'int64', ['a', 'b']]))?.ids.name).toBe('x.1');
    expect(languageInputs(graphWith(['x.1', 'int64', ['a']]))).toBeUndefined();
    expect(languageInputs(graphWith(['x.1', 'int64', ['a', 'b']], ['x.2', 'int64', ['a', 'b']]))).toBeUndefined();
    expect(languageInputs(graphWith(['input', 'float32', ['a', 'b']]))).toBeUndefined();
  });

  test('a map says what names do not', () => {
    const graph = graphWith(['x.1', 'int64', ['a', 'b']], ['x.2', 'int64', ['a', 'b']]);
    const language = languageInputs(graph, { 'x.1': 'attention_mask', 'x.2': 'input_ids' });
    expect(language?.ids.name).toBe('x.2');
    expect(dataOf(language!.fill(tokens).get(graph.inputs[0]!)!)).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n));
  });

  test('sizes that the model fixes are told', () => {
    expect(languageInputs(graphWith(['input_ids', 'int64', [4, 16]]))).toMatchObject({
      fixedBatch: 4,
      fixedSeqLen: 16,
    });
    expect(languageInputs(graphWith(ids))).not.toHaveProperty('fixedBatch');
  });

  test.each<[InputSpec, string]>([
    [
      ['attention_mask', 'int64', ['b', 1, 's', 's']],
      "input 'attention_mask': the model takes [b, 1, s, s], but this data makes [2, 3]",
    ],
    [
      ['attention_mask', 'int64', ['b', 8]],
      "input 'attention_mask': the model takes [b, 8], but this data makes [2, 3]",
    ],
    [
      ['past_key_values.0.key', 'float32', ['batch_size', 'heads', 'past', 'size']],
      "input 'past_key_values.0.key': expected one dimension of unknown size, the past length, got [batch_size, heads, past, size]; export the model with fixed heads and head size",
    ],
  ])('%j is refused', (input, message) => {
    expect(() => fed(input)).toThrow(message);
  });
});
