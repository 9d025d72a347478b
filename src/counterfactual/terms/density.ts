/** density: how improbable a point is among those of its class: -log p. */
import type { Density } from '../../density/index.js';
import type { Frame } from '../frame.js';
import { flat, type Term } from './term.js';

/** @param name of the program. @param frame in which the density was fitted. */
export const implausibility = (name: string, density: Density, frame: Frame): Term => ({
  name,
  emit: (g, scene) => g.op('Neg', [density.emit(g, frame.emit(g, flat(g, scene)))]),
  value: (point) => -density.logDensity(frame.of(point))[0]!,
});
