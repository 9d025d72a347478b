/** The verbs: every surgery is a function from graph to graph. */
export { bake } from './bake.js';
export { call } from './call.js';
export { extract } from './extract.js';
export { lift } from './lift.js';
export { simplify } from './simplify.js';
export { specialize, symbols } from './specialize.js';
export { tap } from './tap.js';
