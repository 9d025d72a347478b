/** The help of `scalpel reconstruct`. */
import { expect, test } from 'vitest';
import { runScalpel } from './run-scalpel.js';

test('scalpel reconstruct --help', async () => {
  const { stdout } = await runScalpel(['reconstruct', '--help']);
  const [own] = stdout.split('\nData:');
  expect(own).toMatchInlineSnapshot(`
    "scalpel reconstruct <model>

    Fit the weights that pruning left to what the dense model answers

    Positionals:
      model  the pruned ONNX model                                                   [string] [required]

    What is reconstructed:
          --dense    the model that it was pruned from; weights that are zero here and not there stay
                     zero                                                            [string] [required]
          --include  only layers that match: globs or re:… over node, weight and op names        [array]
          --exclude  no layers that match                                                        [array]

    Reconstruction:
          --regions     so much at a time: matrix, half, block, whole, blocks:N, or a file; default:
                        half, best and cheapest for transformers                                [string]
          --retrain     trains the model as a whole on tokens or labels instead: the baseline  [boolean]
          --inputs      what a region is fed: as the model has become (sparse), or as it was (dense);
                        default: sparse                                                         [string]
          --targets     what it should answer: as the dense model there, or its own dense self to the
                        same inputs; default: dense                                             [string]
          --solver      descent or least-squares (exact, for regions of one matrix); default: descent
                                                                                                [string]
          --ridge       least-squares: added to the diagonal, relative to its mean; default: 0.0001
                                                                                                [string]
          --trained     what moves: all, norms-and-biases, lora, lora-prune, mask-lora, scale-lora, spp;
                        default: all                                                            [string]
          --rank        of low-rank changes; default: 16                                        [string]
          --alpha       low-rank changes count alpha / rank times; default: 32                  [string]
          --optimiser   adamw or sgd; default: adamw                                            [string]
          --rate        highest learning rate; default: 0.004, with --retrain 0.0003; less for products
                        of more than 192 columns                                                [string]
          --epochs      passes over the calibration data; default: 5, and for other data than text as
                        many as show 3000 samples                                               [string]
          --batch-size  samples (windows of text) a step; default: 2                            [string]
          --accumulate  runs in which a step is done: more take less memory; default: 1         [string]
          --schedule    of the rate: constant, linear, cosine; default: linear                  [string]
          --warm-up     fraction of the steps over which the rate rises; default: 0.1           [string]
          --clip        largest norm of the gradient; default: none                             [string]
          --loss        mse or cosine; default: mse                                             [string]
          --patience    epochs without a better loss before a region is done; default: all are run
                                                                                                [string]
          --held-out    fraction of the calibration data that decides what is best; default: none
                                                                                                [string]
          --shuffle     another order of the batches in every epoch                            [boolean]
    "
  `);
});
