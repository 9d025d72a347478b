/** stageOf: how far a random search has come, in stages that grow longer as its steps grow smaller. */

/** Shares of all queries at which the next stage begins. */
const ends = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];

/** 0 to 9. Croce and others' searches have these stages at 10000 queries; fewer or more are squeezed or stretched. */
export function stageOf(query: number, queries: number): number {
  const stage = ends.findIndex((end) => query <= end * queries);
  return stage < 0 ? ends.length : stage;
}
