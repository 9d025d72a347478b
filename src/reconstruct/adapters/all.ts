/** Every parameter of a region moves. */
import { type Adapter, own } from './adapter.js';

export const all = (): Adapter => ({
  name: 'all',
  description: 'weights of layers, biases and norms',
  paper: '',
  adapt: (scene) => own(scene, scene.parameters),
});
