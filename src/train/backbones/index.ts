/** The catalogue of backbones: choices, the table in the documents and the tests are all read from it. */
import type { Backbone } from './backbone.js';
import { cnnLstm } from './cnn-lstm.js';
import { fcn } from './fcn.js';
import { inceptionTime } from './inception-time.js';
import { resnet } from './resnet.js';
import { transformer } from './transformer.js';

export const backbones = {
  fcn,
  resnet,
  'inception-time': inceptionTime,
  'cnn-lstm': cnnLstm,
  transformer,
} satisfies Record<string, Backbone>;

export type BackboneName = keyof typeof backbones;

export type { Backbone, BackboneShape } from './backbone.js';
