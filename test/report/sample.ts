/** A prune report such as a GPT of any depth gives. */
import type { LayerReport, PruneReport } from '../../src/report/index.js';

const hash = (seed: number): string =>
  Array.from({ length: 64 }, (_, i) => ((seed * 7919 + i * i * 31 + i) % 16).toString(16)).join('');

const matrices: readonly [string, number, number][] = [
  ['attn.q_proj', 768, 768],
  ['attn.k_proj', 768, 768],
  ['attn.v_proj', 768, 768],
  ['attn.out_proj', 768, 768],
  ['mlp.fc1', 768, 3072],
  ['mlp.fc2', 3072, 768],
];

function layersOf(blocks: number): LayerReport[] {
  return Array.from({ length: blocks }, (_, block) =>
    matrices.map(([name, inputs, outputs], i): LayerReport => {
      const asked = 0.5 + 0.08 * Math.sin(block * 0.7);
      return {
        name: `transformer.h.${block}.${name}.weight`,
        node: `/h.${block}/${name.replace('.', '/')}/MatMul`,
        op: 'MatMul',
        shape: [inputs, outputs],
        region: `block ${block}`,
        weights: inputs * outputs,
        sparsity: { asked, before: 0, after: Math.floor(asked * inputs) / inputs },
        weightError: 0.18 + 0.04 * Math.cos(block + i),
        outputError: 0.03 + 0.02 * i + 0.004 * block,
        notes: block === 7 && i === 5 ? ['damping raised to 0.1', '3 inputs are always zero'] : [],
      };
    }),
  ).flat();
}

export function sampleReport(blocks = 30): PruneReport {
  const layers = layersOf(blocks);
  const selected = layers.reduce((sum, { weights }) => sum + weights, 0);
  const kept = layers.reduce((sum, { weights, sparsity }) => sum + Math.round(weights * (1 - sparsity.after)), 0);
  const rest = 50257 * 768 + 1024 * 768;
  return {
    schemaVersion: 1,
    kind: 'prune',
    model: {
      before: {
        path: 'models/gpt-large.onnx',
        sha256: hash(1),
        bytes: 4 * (selected + rest) + 91_233,
        gzipBytes: Math.round(3.71 * (selected + rest)),
      },
      after: {
        path: 'out/gpt-large-wanda.onnx',
        sha256: hash(2),
        bytes: 4 * (selected + rest) + 91_233,
        gzipBytes: Math.round(3.71 * (kept + rest) + 0.12 * selected),
      },
    },
    settings: {
      method: 'wanda',
      pattern: '0.5',
      group: 'row',
      allocation: 'owl (threshold 5, lambda 0.08)',
      selection: 'exact',
      statisticsFrom: 'sparse',
      regions: 'block',
      seed: 0,
      threads: 2,
      provider: 'cpu',
      include: [],
      exclude: ['re:lm_head'],
      options: {},
    },
    weights: {
      before: { total: selected + rest, nonZero: selected + rest - 12 },
      after: { total: selected + rest, nonZero: kept + rest - 12 },
    },
    selected: { before: { total: selected, nonZero: selected }, after: { total: selected, nonZero: kept } },
    quality: { metric: 'perplexity', before: 17.483, after: 19.921, better: 'lower' },
    layers,
    skipped: [
      {
        name: 'transformer.wte.weight',
        op: 'Gather',
        shape: [50257, 768],
        reason: 'an embedding: left out unless included by name',
      },
      { name: 'lm_head.weight', op: 'MatMul', shape: [768, 50257], reason: "excluded by 're:lm_head'" },
    ],
    warnings: ['The evaluation text overlaps the calibration text: 3 of 128 windows are in both.'],
    data: {
      calibration: {
        description: 'Text tokenised by tokenizer.json, cut into windows at random places (seed 0)',
        files: [{ path: 'calibration/c4-sample.jsonl', sha256: hash(3), bytes: 1_482_113 }],
        samples: 128,
        seqLen: 1024,
        tokens: 131_072,
      },
      evaluation: {
        description: 'Token ids, consecutive windows',
        files: [{ path: 'data/wikitext-validation.npy', sha256: hash(4), bytes: 978_432 }],
        samples: 239,
        seqLen: 1024,
        tokens: 244_736,
      },
    },
    reproduce: {
      command: [
        'scalpel',
        'prune',
        'models/gpt-large.onnx',
        '--method',
        'wanda',
        '--pattern',
        '0.5',
        '--allocation',
        'owl',
        '--calibration',
        'calibration/c4-sample.jsonl',
        '--eval-data',
        'data/wikitext-validation.npy',
        '--exclude',
        're:lm_head',
        '--seed',
        '0',
        '-o',
        'out/gpt-large-wanda.onnx',
      ],
      workingFolder: '/home/ada/models',
      versions: {
        'onnx-scalpel': '0.1.0',
        node: '20.20.2',
        'onnxruntime-node': '1.30.0',
        platform: 'linux x64, 2 cores',
      },
    },
    timing: {
      finishedAt: '2026-11-22T17:40:12Z',
      totalSeconds: 214.2,
      stages: [
        { stage: 'evaluate before', seconds: 48.1 },
        { stage: 'calibrate', seconds: 96.4 },
        { stage: 'prune', seconds: 12.9 },
        { stage: 'save', seconds: 1.4 },
        { stage: 'evaluate after', seconds: 47.8 },
      ],
      latency: {
        beforeMs: 412.3,
        afterMs: 411.1,
        description: 'median of 20 runs of one window of 1024 tokens, 2 threads',
      },
    },
  };
}
