/** What methods that move inputs ask of a model: scores and gradients of points in the space of one of its inputs. */
export { type Bounds, boundsOf, intoRange, outOfRange, type Range, scalingOf } from './bounds.js';
export { dataBounds } from './data-bounds.js';
export { GivenGradientOracle } from './given-gradient.js';
export { type Network, type NetworkOptions, openNetwork } from './network.js';
export { checkClasses, type Objective } from './objectives.js';
export { type Context, NetworkOracle, type Oracle, type OracleOptions } from './oracle.js';
export { type Space, type SpaceKind, type SpaceWish, spaceKinds } from './space.js';
export { LimitReached, type Limits, Trial } from './trial.js';
