/** Quality against time and against memory, as an SVG file that stands by itself. */
import { axisX, axisY, dot, gridX, gridY, line, plot, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const [width, height] = [420, 320];

/** @param timed cells that were run alone */
export function paretoChart(timed) {
  const cells = timed.filter(({ recovery }) => recovery !== 'none');
  const points = (x) => cells.map((cell) => ({ x: x(cell), y: cell.figures.after, name: cell.recovery }));
  const left = panel(
    points((cell) => cell.figures.seconds),
    'seconds of pruning and fitting',
  );
  const right = panel(
    points((cell) => cell.figures.peakBytes / 1e6),
    'peak memory in MB',
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * width}" height="${height}" viewBox="0 0 ${2 * width} ${height}">
<title>Perplexity against time and memory of a reconstruction</title>
<rect width="100%" height="100%" fill="white"/>
${left}
<g transform="translate(${width} 0)">${right}</g>
</svg>
`;
}

function panel(points, x) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const best = frontier(points);
  const svg = plot({
    ...{ document, width, height, marginLeft: 50, marginRight: 60, marginBottom: 40 },
    x: { nice: true, zero: true },
    y: { nice: true, inset: 10 },
    style: { background: 'white', color: '#222', fontFamily: 'sans-serif', fontSize: '11px' },
    marks: [
      gridX({ stroke: '#ddd' }),
      gridY({ stroke: '#ddd' }),
      axisX({ label: x, ticks: 5 }),
      axisY({ label: 'perplexity (less is better)', ticks: 5 }),
      line(best, { x: 'x', y: 'y', stroke: '#bbb', curve: 'step-after' }),
      dot(points, { x: 'x', y: 'y', fill: (point) => (best.includes(point) ? '#2a6f97' : '#bc4b51'), r: 4 }),
      ...spaced(points).map(({ point, dy }) =>
        text([point], { x: 'x', y: 'y', text: 'name', dx: 8, dy, textAnchor: 'start', fill: '#222' }),
      ),
    ],
  }).toString();
  // rules for pages; everything needed stands in attributes
  return svg.replaceAll(/<style>.*?<\/style>/gs, '').replace(/<svg[^>]*>/, `$&<title>perplexity against ${x}</title>`);
}

/** Those that no other beats in both. */
const frontier = (points) =>
  points.filter((a) => !points.some((b) => b.x < a.x && b.y < a.y)).sort((a, b) => a.x - b.x);

const lineHeight = 12;

/** Names of points that lie close to each other are moved up until none stands on another. */
function spaced(points) {
  const values = points.map(({ y }) => y);
  const pixels = (height - 70) / (Math.max(...values) - Math.min(...values));
  let above = Number.POSITIVE_INFINITY;
  return [...points]
    .sort((a, b) => a.y - b.y)
    .map((point) => {
      const own = -point.y * pixels;
      const at = Math.min(own, above - lineHeight);
      above = at;
      return { point, dy: at - own };
    });
}
