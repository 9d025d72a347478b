/** From a scene to the converted model or tensors, nothing of it written yet. */
import { type Converted, type MadeModel, targetNamed } from '../../convert/index.js';
import { batchesOf } from '../../data/samples.js';
import { verify } from '../../ir/verify.js';
import { createLinalg } from '../../linalg/index.js';
import { modelFiles } from '../../onnx/model-files.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import type { Engine } from '../engine.js';
import { nameChoice } from './name-choice.js';
import type { ConvertInputs, FormRequest } from './request.js';
import type { ConvertScene } from './scene.js';

/** Samples a run where targets look at data. */
const usualBatch = 8;

/** @throws UserError (exit 3) where nothing fits, and for patterns that match nothing. */
export async function convertModel(
  request: ConvertInputs & FormRequest,
  scene: ConvertScene,
  engine: Engine,
  { signal, emit }: JobContext,
): Promise<Converted> {
  const target = targetNamed(request.target);
  const choice = nameChoice(request.include, request.exclude);
  const { model, copy, weights, tokens, calibration, settings } = scene;
  const batches = calibration && watched(batchesOf(calibration, request.engine.batch ?? usualBatch));
  const linalg = await createLinalg(engine);
  try {
    const made = await target.convert(
      {
        ...{ model, copy, isChosen: choice.isChosen, linalg, threads: engine.threads, signal },
        ...(weights && { weights }),
        ...(tokens && { tokens: tokens.ids }),
        ...(batches && { batches }),
        log: (text) => emit({ type: 'log', level: 'info', text }),
      },
      settings,
    );
    choice.assertUsed();
    const converted = batches?.isRead === false ? { ...made, notes: [...made.notes, unread] } : made;
    if (converted.made.kind === 'weights') return converted;
    verify(converted.made.model.graph);
    return withLayout(converted, converted.made);
  } finally {
    await linalg.release();
  }
}

const unread = 'the calibration data were not looked at: with these settings the form needs none';

/** The same batches, and whether anything asked for them. */
function watched<T>(batches: Iterable<T>): Iterable<T> & { readonly isRead: boolean } {
  let isRead = false;
  return {
    get isRead() {
      return isRead;
    },
    [Symbol.iterator]() {
      isRead = true;
      return batches[Symbol.iterator]();
    },
  };
}

/**
 * External data keep the offsets they had when a model is saved, and a tensor of another size is appended: where a target
 * changed sizes, that would leave what it replaced in the file. They are laid out anew, in one file.
 */
function withLayout(converted: Converted, { model }: MadeModel): Converted {
  const files = modelFiles(model).length - 1;
  if (files < 1 || model.layout) return converted;
  const layout = { threshold: 1024, align: 4096, most: Number.POSITIVE_INFINITY };
  const merged = files > 1 ? [`the ${files} files of external data became one; --to external splits it`] : [];
  return {
    ...converted,
    made: { kind: 'model', model: { ...model, layout } },
    notes: [...converted.notes, ...merged],
  };
}
