/** Products, factors and solutions of dense matrices, float32 and float64. */
/** Dense linear algebra in float64 and float32, with the large products run by ONNX Runtime. */
export { type FloatArray, type Linalg, NotPositiveDefinite, type ProductShape } from './linalg.js';
export { createLinalg } from './runtime-linalg.js';
