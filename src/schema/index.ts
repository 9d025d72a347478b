/** Schemas: what a row of features means, how it may change, and the allowed row nearest to a point. */
export { boxOf, type RowBox } from './allowed.js';
export { changedFeatures, costs, groups } from './changed.js';
export { likelyOneHot, schemaFrom } from './default-schema.js';
export { describe, describeChange, describeValue } from './describe.js';
export { dykstra } from './dykstra.js';
export { connected, violationOf } from './linear.js';
export { type MoveOptions, moves } from './moves.js';
export { type Observed, observedIn } from './observed.js';
export { projectLinear } from './project-linear.js';
export { loadSchema, readSchema } from './read-schema.js';
export type { CategoryFeature, Constraint, Direction, Feature, LevelFeature, NumberFeature, Schema } from './schema.js';
export { isNumber } from './schema.js';
export { schemaOfSchemas } from './schema-form.js';
export { snap } from './snap.js';
export { fromUnits, toUnits } from './units.js';
export { type Violation, violations } from './violations.js';
