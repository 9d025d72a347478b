import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { runtimeError } from '../../src/runtime/runtime-error.js';

describe('runtimeError', () => {
  test.each<[string, string, number]>([
    [
      "Non-zero status code returned while running Conv node. Name:'c1' Status Message: /build/src/conv.cc:12 Compute Invalid\nshape",
      "Conv 'c1': the run failed: Invalid shape",
      2,
    ],
    [
      'Node (n1) Op (MatMul) [ShapeInferenceError] Incompatible dimensions',
      "MatMul 'n1': [ShapeInferenceError] Incompatible dimensions",
      2,
    ],
    [
      'This is an invalid model. In Node, ("n1", Nope, "", -1) : ("x": tensor(float),) -> ("y",) , Error No Op registered for Nope with domain_version of 21',
      "Nope 'n1': the runtime has no such op in opset 21; a model is run only where ONNX Runtime has all its ops: export it without this one",
      3,
    ],
    [
      'Fatal error: my.domain:Frobnicate(-1) is not a registered function/op',
      'my.domain.Frobnicate: the runtime has no such op; a model is run only where ONNX Runtime has all its ops: export it without this one',
      3,
    ],
    [
      "Could not find an implementation for MatMul(13) node with name 'm'",
      "MatMul 'm': the runtime has no kernel for this op (version 13) and its element types",
      3,
    ],
    [
      '/onnxruntime_src/a/b.cc:136 onnxruntime::webgpu::X::Y(const Z&)::<lambda()> a.status == b::Success was false. No adapter',
      'onnxruntime: No adapter',
      2,
    ],
    ['graph.cc:4382 Inject External file: x not found', 'onnxruntime: External file: x not found', 2],
    [
      'Unsupported data type: 99',
      'onnxruntime: an input or output is of type 99, which cannot cross the border of a graph; cast it inside',
      3,
    ],
  ])('%s', (message, expected, exitCode) => {
    const cause = new Error(message);
    expect(runtimeError(cause)).toMatchObject({ name: 'UserError', message: expected, exitCode, cause });
  });

  test('leaves our own errors alone and survives what is no error', () => {
    const own = new UserError('a', 'b');
    expect(runtimeError(own)).toBe(own);
    expect(runtimeError('text').message).toBe('onnxruntime: text');
  });
});
