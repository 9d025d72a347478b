/** What of a model's depth can go at a time. */

/** By name, what they are. */
export const depthKinds = {
  blocks: 'what the network repeats: attention with its MLP, a residual block of convolutions',
  branches: 'residual branches one by one: an attention, an MLP, a residual block of convolutions',
} as const;

export type DepthKind = keyof typeof depthKinds;
