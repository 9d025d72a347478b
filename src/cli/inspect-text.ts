/** What `scalpel inspect` says. */
import type {
  InspectedFile,
  InspectedLayer,
  InspectedParameters,
  InspectedValue,
  InspectReport,
} from '../pipeline/inspect-report.js';
import { fileSize, grouped, percent, textTable } from './text-table.js';

const left = ['left', 'left', 'left'] as const;

export function inspectText(report: InspectReport): string {
  const { model, inputs, outputs, ops, nodes, parameters, layers, skipped, regions, warnings } = report;
  const sections: readonly (readonly [string, string])[] = [
    ['', fileText(model)],
    ['inputs', textTable(inputs.map(valueRow), left)],
    ['outputs', textTable(outputs.map(valueRow), left)],
    [
      `${grouped(nodes)} nodes`,
      ops.map(({ op, domain, count }) => `${domain && `${domain}.`}${op} ${count}`).join(', '),
    ],
    [`${grouped(parameters.elements)} parameters in ${fileSize(parameters.bytes)}`, parametersText(parameters)],
    [`${layers.length} layers with weights`, layersText(layers)],
    [
      'not prunable',
      textTable(
        skipped.map(({ op, node, reason }) => [`${op} '${node}'`, reason]),
        left,
      ),
    ],
    [
      'regions',
      textTable(
        (regions ?? []).map((region) => [region.name, grouped(region.weights), region.layers.join(', ')]),
        ['left', 'right', 'left'],
      ),
    ],
    ['warnings', warnings.join('\n')],
  ];
  return sections
    .filter(([, text]) => text !== '')
    .map(([title, text]) => (title === '' ? text : `${title}\n${indented(text)}`))
    .join('\n\n');
}

function fileText({
  path = 'model',
  bytes,
  irVersion,
  opsets,
  producer,
  externalData,
  functions,
}: InspectedFile): string {
  const versions = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`);
  return [
    `${path}${bytes === undefined ? '' : ` (${fileSize(bytes)})`}`,
    `  IR ${irVersion}, opset ${versions.join(', ')}${producer && `, made by ${producer}`}`,
    ...externalData.map((file) => `  external data ${file.path} (${fileSize(file.bytes)})`),
    ...(functions.length > 0 ? [`  functions ${functions.join(', ')}`] : []),
  ].join('\n');
}

const valueRow = ({ name, dtype, shape }: InspectedValue): string[] => [
  name,
  dtype ?? 'no tensor',
  shape ? `[${shape.map((size) => size ?? '?').join(', ')}]` : '',
];

const parametersText = ({ byType }: InspectedParameters): string =>
  textTable(
    byType.map(({ dtype, tensors, elements, bytes, nonZero }) => [
      dtype,
      `${grouped(tensors)} tensors`,
      `${grouped(elements)} elements`,
      fileSize(bytes),
      nonZero === undefined || elements === 0 ? '' : `${percent(1 - nonZero / elements)} zeros`,
    ]),
  );

const layersText = (layers: readonly InspectedLayer[]): string =>
  textTable(
    layers.map((layer) => [
      layer.name,
      layer.node ? `${layer.op} '${layer.node}'` : layer.op,
      layer.dtype,
      `[${layer.shape.join(', ')}]`,
      `${layer.stacks > 1 ? `${layer.stacks} x ` : ''}${layer.rows} x ${layer.columns}`,
      layer.sparsity === undefined ? '' : percent(layer.sparsity),
      layer.pattern ?? '',
      layer.leftByDefault ? `left alone: ${layer.leftByDefault}` : '',
    ]),
    ['left', 'left', 'left', 'left', 'right', 'right', 'left', 'left'],
  );

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');
