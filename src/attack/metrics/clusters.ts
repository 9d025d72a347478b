/** clusters: in how many pieces a change lies, the ANC of the literature. */

import type { Space } from '../../oracle/space.js';
import { type Connectivity, components } from '../components.js';

/** @param mask 1 where a position changed. */
export const clusters = (mask: Uint8Array, space: Space, connectivity: Connectivity = 4): number =>
  components(mask, space, connectivity).count;
