/** What the page of attacks looks like beyond other pages: colours of curves, and exhibits. */
import { exhibitStyle } from './exhibit-style.js';
import { hueStyle } from './hues.js';

export const attackStyle = `${hueStyle}
section > .frame + .frame { margin-top: 1.8rem; }
${exhibitStyle}`;
