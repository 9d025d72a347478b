/** Networks of tables: one or two hidden layers, and a class or a number as the answer. */
import { existsSync } from 'node:fs';
import { classification } from './goals/classification.mjs';
import { regression } from './goals/regression.mjs';
import { restored, standardised } from './parts.mjs';
import { columns as space } from './spaces.mjs';
import { saveTable } from './tables.mjs';

/**
 * @param hidden widths. @param samples gives `{ x, y }`, row-major; and `train`, where the first rows alone are trained on.
 * @param columns gives the names of the features.
 */
export const mlp = ({ classes, ...settings }) => ({
  ...layers(settings, 'logits', classes, (_, scores) => scores),
  classes,
  goal: classification(classes),
});

/** Tells one number, named `output`, in the unit of the samples' `y`. */
export const regressor = ({ output, ...settings }) => ({
  ...layers(settings, output, 1, (g, x, { target }) => restored(g, x, target)),
  goal: regression(output),
});

function layers(settings, output, outputs, finish) {
  const { files, features, hidden, samples, columns, isRaw = true, ...training } = settings;
  const part = {
    inputs: { input: [features] },
    outputs: { [output]: [outputs] },
    emit(parts, { input }, context) {
      let x = isRaw ? standardised(parts.g, input, context.moments) : input;
      let width = features;
      hidden.forEach((next, i) => {
        x = parts.relu(parts.dense(x, `fc${i + 1}`, width, next));
        width = next;
      });
      return { [output]: finish(parts.g, parts.head(x, 'head', width, outputs), context) };
    },
  };
  return {
    ...{ batch: 16, rate: 0.01, epochs: 40, ...training },
    shape: [features],
    space,
    samples: () => samples(...files),
    missing: () => files.find((file) => !existsSync(file)),
    saveRows: (stem, rows) => saveTable(`${stem}.csv`, columns(), rows),
    whole: part,
    models: { '': part },
  };
}
