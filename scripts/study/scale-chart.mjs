/** Time and memory against one size, as an SVG file that stands by itself. */
import { axisX, axisY, dot, gridX, gridY, line, plot, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const [width, height] = [420, 260];
const titles = { weights: 'weights', tokens: 'calibration tokens' };

/** @param runs figures of runs, smallest first @param key `weights` or `tokens` */
export function scaleChart(runs, key) {
  const at = ({ weights, tokens }) => (key === 'weights' ? weights.before.total : tokens);
  const prune = ({ timing }) => timing.stages.find(({ stage }) => stage === 'prune').seconds;
  const seconds = runs.map((run) => ({ x: at(run), y: prune(run) }));
  const megabytes = runs.map((run) => ({ x: at(run), y: run.timing.peakMemoryBytes / 1e6 }));
  const left = panel(seconds, titles[key], 'seconds of the prune loop', '#2a6f97');
  const right = panel(megabytes, titles[key], 'peak memory in MB', '#bc4b51');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * width}" height="${height}" viewBox="0 0 ${2 * width} ${height}">
<title>Pruning against ${titles[key]}</title>
<rect width="100%" height="100%" fill="white"/>
${left}
<g transform="translate(${width} 0)">${right}</g>
</svg>
`;
}

function panel(points, x, y, colour) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const log = { type: 'log', nice: true };
  const svg = plot({
    ...{ document, width, height, marginLeft: 50, marginBottom: 40, x: log, y: log },
    style: { background: 'white', color: '#222', fontFamily: 'sans-serif', fontSize: '11px' },
    marks: [
      gridX({ stroke: '#ddd' }),
      gridY({ stroke: '#ddd' }),
      axisX({ label: x, ticks: 5, tickFormat: '~s' }),
      axisY({ label: y, ticks: 5, tickFormat: '~s' }),
      line(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2 }),
      dot(points, { x: 'x', y: 'y', fill: colour }),
      text(points, { x: 'x', y: 'y', text: (point) => point.y.toPrecision(3), dy: -10, fill: '#222' }),
    ],
  }).toString();
  // rules for pages; everything needed stands in attributes
  return svg.replaceAll(/<style>.*?<\/style>/gs, '').replace(/<svg[^>]*>/, `$&<title>${y} against ${x}</title>`);
}
