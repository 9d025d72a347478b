/** What a reconstruction did, for the report of its run. */
import { choiceText } from '../../regions/index.js';
import type { PruneSettings, Timing } from '../../report/prune-report.js';
import type { AddedReport, ReconstructionReport } from '../../report/reconstruction-report.js';
import type { Reconstructed } from './loop.js';
import type { ReconstructionRequest } from './request.js';

type Done = Pick<Reconstructed, 'regions' | 'drift'>;

export const reconstructionReport = ({ regions, drift }: Done, added?: AddedReport): ReconstructionReport => ({
  regions: regions.map(({ name, kind, layers, trained, before, after, error, losses, steps, judged }) => ({
    ...{ name, kind, layers, trained, loss: { before, after }, steps, losses, judged },
    ...(error && { error }),
  })),
  ...(added && { added }),
  drift,
});

export const regionTimes = ({ regions }: Done): NonNullable<Timing['regions']> =>
  regions.map(({ name, seconds, peakMemoryBytes }) => ({ name, seconds, peakMemoryBytes }));

/** The options that were in force, by name. */
export function reconstructionSettings({
  regions,
  retrain,
  inputs,
  targets,
  descent: { shuffle, leastSamples, ratedColumns, ...given },
  solver,
  trained,
  heldOut,
  ...rest
}: ReconstructionRequest): NonNullable<PruneSettings['reconstruction']> {
  const descent = { ...given, ...(leastSamples > 0 && { leastSamples }), ...(ratedColumns && { ratedColumns }) };
  const options = solver === 'descent' ? { trained, ...descent, ...(shuffle && { shuffle }) } : {};
  if (retrain) {
    const { loss: _, ...budget } = descent;
    return {
      retraining: 'cross-entropy',
      regions: 'whole',
      ...(heldOut > 0 && { heldOut }),
      ...budget,
      ...(shuffle && { shuffle }),
    };
  }
  return {
    regions: choiceText(regions),
    inputs,
    targets,
    solver,
    ...rest,
    ...(heldOut > 0 && { heldOut }),
    ...options,
  };
}
