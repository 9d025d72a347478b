export { type FloatArray, type Linalg, NotPositiveDefinite, type ProductShape } from './linalg.js';
export { createLinalg } from './runtime-linalg.js';
