/** Preprocessing that is known by a name. */
import type { Steps } from './steps.js';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** Mean of ImageNet's training images, 0 to 255, blue first: what Caffe's networks were trained with. */
const caffe = { channels: 'bgr', mean: [104, 117, 123] } as const;

/** Where a preset crops and the model's input has another fixed size, that size is cropped and `resize` follows in proportion. */
export const presets = {
  /** torchvision's evaluation of ImageNet classifiers. */
  imagenet: { channels: 'rgb', resize: 256, crop: 224, scale: 1 / 255, ...imagenet },
  /** Means and deviations of the training images. */
  cifar10: { channels: 'rgb', scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  cifar100: { channels: 'rgb', scale: 1 / 255, mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  mnist: { channels: 'gray', scale: 1 / 255, mean: [0.1307], std: [0.3081] },
  clip: {
    channels: 'rgb',
    resize: 224,
    interpolation: 'bicubic',
    crop: 224,
    scale: 1 / 255,
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  },
  'caffe-bgr': { ...caffe, resize: [256, 256], crop: 224 },
  squeezenet: { ...caffe, resize: [256, 256], crop: 227 },
  'zero-one': { scale: 1 / 255 },
  'minus-one-one': { scale: 1 / 127.5, mean: [1] },
} as const satisfies Record<string, Steps>;

export type PresetName = keyof typeof presets;
