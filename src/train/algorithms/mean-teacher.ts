/** meanTeacher: the student agrees with the average of its past selves. */
import { stop } from '../../ops/stop.js';
import { logUniform, uniform } from '../../settings/index.js';
import { algorithm } from '../algorithm.js';
import { utilisation } from '../parts/guesses.js';
import { sigmoidRamp, warmed } from '../parts/schedules.js';
import { supervisedTerm } from '../parts/supervised-term.js';
import { joined, rows, softmax, squaredDistance } from '../parts/terms.js';

/**
 * Tarvainen, Valpola, Mean teachers are better role models (arXiv 1703.01780): over labelled and unlabelled series, the squared distance
 * of the student's probabilities to those that the averaged weights give to another view. The teacher begins as a copy of the
 * student, where published code for series draws it anew.
 */
export const meanTeacher = algorithm({
  name: 'mean-teacher',
  description: 'agreement with an average of the weights over steps, which is also what is kept',
  paper: 'Tarvainen, Valpola, Mean teachers are better role models (arXiv 1703.01780)',
  options: {
    decay: {
      default: 0.98,
      about: 'of the average, at most; it begins lower',
      from: 0,
      to: 0.99999,
      search: logUniform(0.9, 0.999),
    },
    // published searches weigh 1 to 10 beside a cross-entropy divided by four, which is 4 to 40 here
    weight: { default: 50, about: 'of the agreement, once it is ramped up', from: 0, search: logUniform(4, 100) },
    rampUp: {
      default: 0.4,
      about: 'share of the steps over which that weight rises',
      from: 0,
      to: 1,
      search: uniform(0.1, 1),
    },
  },
  keeps: 'teacher',
  // it learns from differences between views
  usual: { augment: 'mag-noise:0.1' },
  folded: 'the same loss; the average is of weights alone, and has no statistics to wait for',
  async loss(scope, { decay, weight, rampUp }, { augmented }) {
    const { g, sizes } = scope;
    const seen = (copy: number) => joined(g, [scope.labelled(augmented, copy), scope.unlabelled(augmented, copy)]);
    const student = await scope.student(seen(0));
    const teacher = await scope.teacher(warmed(decay))(seen(1));
    const belief = stop(g, softmax(g, teacher.logits));
    utilisation(scope, rows(g, belief, sizes.labelled, sizes.labelled + sizes.unlabelled));
    const ramp = scope.factor('agreement weight', sigmoidRamp(weight, rampUp));
    return {
      supervised: supervisedTerm(scope, rows(g, student.logits, 0, sizes.labelled), scope.labels),
      agreement: g.mul(ramp, squaredDistance(g, softmax(g, student.logits), belief)),
    };
  },
});
