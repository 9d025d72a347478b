/** The document of `inspect` as text for the terminal. */
import { printShape } from '../ir/print.js';
import type { InspectedRefusal, InspectedValue, InspectReport } from '../pipeline/inspect/report.js';
import { bytes, count, percent, plural } from '../report/format.js';
import { textTable } from '../report/table.js';
import { visible } from '../report/visible.js';
import { outsideTable, regionTable } from './region-text.js';

/** @param report from `inspect`; the result has no line break at its end. */
export function inspectText(report: InspectReport): string {
  const { layers, skipped, regions, outsideRegions = [], undifferentiable, warnings } = report;
  const sections = [
    head(report),
    values('inputs', report.inputs),
    values('outputs', report.outputs),
    ops(report),
    parameters(report),
    layers.length > 0 ? layerTable(report) : 'prunable layers\nnone',
    ...(skipped.length > 0 ? [skippedTable(skipped)] : []),
    ...(regions ? [regionTable(regions)] : []),
    ...(outsideRegions.length > 0 ? [outsideTable(outsideRegions)] : []),
    ...(undifferentiable ? [refusalTable(undifferentiable)] : []),
    ...(warnings.length > 0 ? [['warnings', ...warnings.map(visible)].join('\n')] : []),
  ];
  return sections.join('\n\n');
}

function head({ model, nodes }: InspectReport): string {
  const lines = [
    ['model', model.path ?? 'in memory'],
    ['size', model.bytes === undefined ? '' : bytes(model.bytes)],
    ...model.externalData.map((file) => ['external data', `${file.path} (${bytes(file.bytes)})`]),
    ['IR version', `${model.irVersion}`],
    [
      'opsets',
      Object.entries(model.opsets)
        .map(([domain, version]) => `${domain} ${version}`)
        .join(', '),
    ],
    ['producer', model.producer],
    ['graph', `${model.graph} (${plural(nodes, 'node')})`],
    ['functions', model.functions.join(', ')],
    ['metadata', Object.keys(model.metadata).join(', ')],
  ].filter(([, text]) => text);
  return lines.map(([label, text]) => `${label!.padEnd(14)}${visible(text!)}`).join('\n');
}

const values = (title: string, list: readonly InspectedValue[]): string =>
  textTable(
    [{ title }, { title: 'type' }, { title: 'shape' }],
    list.map(({ name, dtype, shape }) => [name, dtype ?? 'no tensor', shape ? printShape(shape) : '?']),
  );

const ops = ({ ops: list }: InspectReport): string =>
  textTable(
    [{ title: 'op' }, { title: 'nodes', align: 'right' }],
    list.map(({ op, domain, count: nodes }) => [domain ? `${domain}.${op}` : op, count(nodes)]),
  );

const parameters = ({ parameters: { byType } }: InspectReport): string =>
  textTable(
    [
      { title: 'parameters' },
      { title: 'tensors', align: 'right' },
      { title: 'elements', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'non-zero', align: 'right' },
    ],
    byType.map((type) => [
      type.dtype,
      count(type.tensors),
      count(type.elements),
      bytes(type.bytes),
      type.nonZero === undefined ? '?' : count(type.nonZero),
    ]),
  );

const layerTable = ({ layers }: InspectReport): string =>
  textTable(
    [
      { title: 'prunable layer', maxWidth: 48 },
      { title: 'op' },
      { title: 'node', maxWidth: 48 },
      { title: 'stored' },
      { title: 'rows × columns' },
      { title: 'type' },
      { title: 'sparsity', align: 'right' },
      { title: 'pattern' },
      { title: 'left by default' },
    ],
    layers.map((layer) => [
      layer.uses > 1 ? `${layer.name} (${layer.uses} uses)` : layer.name,
      layer.op,
      layer.node,
      printShape(layer.shape),
      `${layer.stacks > 1 ? `${layer.stacks} × ` : ''}${layer.rows} × ${layer.columns}`,
      layer.dtype,
      layer.sparsity === undefined ? '?' : percent(layer.sparsity),
      layer.pattern ?? '',
      layer.leftByDefault ?? '',
    ]),
  );

const skippedTable = (skipped: InspectReport['skipped']): string =>
  textTable(
    [{ title: 'skipped' }, { title: 'node', maxWidth: 48 }, { title: 'reason' }],
    skipped.map(({ op, node, reason }) => [op, node, reason]),
  );

const refusalTable = (refusals: readonly InspectedRefusal[]): string =>
  refusals.length === 0
    ? 'not differentiable\nnone'
    : textTable(
        [
          { title: 'not differentiable' },
          { title: 'opset', align: 'right' },
          { title: 'such as', maxWidth: 60 },
          { title: 'nodes', align: 'right' },
          { title: 'reason' },
        ],
        refusals.map(({ op, opset, node, count: nodes, reason }) => [op, `${opset}`, node, count(nodes), reason]),
      );
