/** Case: a batch of instances that are to become one class, or a number in one range: what methods ask, and where they propose. */
import { type Bounds, intoRange, outOfRange } from '../oracle/bounds.js';
import type { Objective } from '../oracle/objectives.js';
import type { Oracle, Walking } from '../oracle/oracle.js';
import { pick, rowAt } from '../oracle/packed.js';
import { type Judged, type JudgedSlopes, Trial, type TrialFacts, type Tried, type Use } from '../oracle/trial.js';
import type { Walk } from '../oracle/walk.js';
import { float32, type Tensor } from '../tensor/tensor.js';
import type { Aim } from './ground/aim.js';
import type { Companions } from './ground/companions.js';
import { allowed, changedIn, type Features } from './ground/features.js';
import type { Reference } from './ground/reference.js';
import { leastOf, type Measure, measures, type Price } from './measures.js';
import { goalWeight, type Weighted } from './search/composite.js';
import type { Reached } from './several/pool.js';
import { originInput } from './terms/distance.js';

export interface CaseFacts
  extends Omit<TrialFacts, 'aim' | 'measure' | 'isWorse' | 'accepts' | 'purpose' | 'onCall' | 'context'> {
  readonly aim: Aim;
  /** The class that is to be reached; 0 for a range. */
  readonly label: number;
  /** Whether the goal is a range of a regressor's number. */
  readonly isRange: boolean;
  /** The instances in the input's units, packed. */
  readonly inputs: Float32Array;
  readonly bounds: Bounds;
  readonly features: Features;
  readonly reference: Reference | undefined;
  readonly companions: Companions;
  readonly others: ReadonlyMap<string, Tensor>;
  readonly measure: Measure;
  readonly onCall?: (asked: Case) => void;
  /** Told of every allowed point that reaches the goal. */
  readonly onReach?: (reached: Reached) => void;
}

interface State {
  isProposed: boolean;
  terms: readonly Weighted[];
  price: Price | undefined;
  objective: Objective | undefined;
}

/** Points live in [0, 1]: 0 is the lower bound of each element and 1 its upper one. */
export class Case extends Trial {
  readonly aim: Aim;
  readonly label: number;
  readonly isRange: boolean;
  readonly features: Features;
  readonly reference: Reference | undefined;
  readonly companions: Companions;
  readonly bounds: Bounds;
  /** The best margin of each instance among allowed points, whether it reaches the goal or not. */
  readonly nearest: Float64Array;
  /** What a method has to say of what it found for an instance. */
  readonly remarks = new Map<number, string>();
  readonly #nearest: (Float32Array | undefined)[] = [];
  readonly #facts: CaseFacts;
  readonly #fed: Map<string, Tensor>;
  readonly #state: State;

  constructor(oracle: Oracle, facts: CaseFacts) {
    const { aim, label, features, onCall, others, x, ...rest } = facts;
    const count = x.length / facts.space.size;
    const fed = new Map(others);
    const state: State = { isProposed: false, terms: [], price: undefined, objective: undefined };
    super(oracle, {
      ...rest,
      x,
      purpose: 'explain',
      context: {
        targeted: true,
        labels: new Int32Array(count),
        goals: new Int32Array(count).fill(label),
        others: fed,
      },
      aim: { margin: (scores) => aim.margin(scores, label) + roundingOf(scores) },
      measure: (tried) => this.#measured(tried),
      isWorse: (objective, value, best) =>
        facts.measure === measures.objective && objective === state.objective && leastOf(value) >= best,
      accepts: () => features.isPlain || state.isProposed,
      ...(onCall && { onCall: () => onCall(this) }),
    });
    [this.aim, this.label, this.features, this.reference] = [aim, label, features, facts.reference];
    [this.companions, this.bounds, this.isRange] = [facts.companions, facts.bounds, facts.isRange];
    this.nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#facts = facts;
    this.#fed = fed;
    this.#state = state;
    this.feed(originInput, x, this.size);
    this.feed(goalWeight, new Float32Array(count).fill(1), 1);
  }

  /** What objectives read, a row of numbers an instance. */
  feed(name: string, values: Float32Array, width: number): void {
    this.#fed.set(name, float32([this.count, width], values.slice()));
  }

  /**
   * What the method minimises besides the goal: by it the better of two finds is told. @param price of a change, besides the terms: never negative.
   * @param objective whose value is the sum of the terms, up to float32, where the goal is reached: so that few are computed again.
   */
  weigh(terms: readonly Weighted[], price: Price, objective?: Objective): void {
    [this.#state.terms, this.#state.price] = [terms, price];
    // a term without a value has no say in the price, but in the objective
    this.#state.objective = terms.every(({ term }) => term.value) ? objective : undefined;
  }

  override async scores(points: Float32Array, rows: readonly number[], use: Use = 'candidate'): Promise<Judged> {
    return this.#noted(await super.scores(points, rows, use), points, rows, use);
  }

  override async slopes(
    objective: Objective,
    points: Float32Array,
    rows: readonly number[],
    use: Use = 'candidate',
  ): Promise<JudgedSlopes> {
    return this.#noted(await super.slopes(objective, points, rows, use), points, rows, use);
  }

  override walk(objective: Objective, walk: Walk, asked: Walking): Promise<readonly Float32Array[]> {
    return super.walk(objective, walk, asked, (judged, points, rows) => this.#noted(judged, points, rows, 'candidate'));
  }

  /** The allowed points that are nearest to these, and what the model says of them: those that reach the goal may be kept. */
  async propose(points: Float32Array, rows: readonly number[]): Promise<Judged & { readonly points: Float32Array }> {
    const found = this.snapped(points, rows);
    this.#state.isProposed = true;
    try {
      return { ...(await this.scores(found, rows)), points: found };
    } finally {
      this.#state.isProposed = false;
    }
  }

  /** Allowed points nearest to these, within each instance's box. */
  snapped(points: Float32Array, rows: readonly number[]): Float32Array {
    const { size, features, bounds } = this;
    const made = new Float32Array(points.length);
    rows.forEach((row, j) => {
      const [from, at] = [row * size, j * size];
      for (let i = 0; i < size; i++)
        made[at + i] = Math.min(Math.max(points[at + i]!, this.lower[from + i]!), this.upper[from + i]!);
      if (features.isPlain) return;
      const [start, input] = [rowAt(this.x, size, row), rowAt(this.#facts.inputs, size, row)];
      const units = outOfRange(rowAt(made, size, j), start, input, bounds, [0, 1]);
      this.place(allowed(features, input, units), row, made.subarray(at, at + size));
    });
    return made;
  }

  /** A row of the input's units as a point of the search: what did not change is the start to the bit. */
  place(units: Float32Array, row: number, out: Float32Array): void {
    const [start, input] = [rowAt(this.x, this.size, row), rowAt(this.#facts.inputs, this.size, row)];
    const whole = intoRange(units, this.bounds, [0, 1], () => 'a proposed row');
    for (let i = 0; i < this.size; i++) {
      const from = row * this.size + i;
      const value = units[i] === input[i] ? start[i]! : whole[i]!;
      out[i] = Math.min(Math.max(value, this.lower[from]!), this.upper[from]!);
    }
  }

  /** The instances in the input's units: a view. */
  input(row: number): Float32Array {
    return rowAt(this.#facts.inputs, this.size, row);
  }

  /** The allowed point with that margin. */
  nearestPoint(row: number): Float32Array | undefined {
    return this.#nearest[row];
  }

  /** Features of which a point differs from its instance. */
  changed(point: Float32Array, row: number): number[] {
    return changedIn(this.features, point, rowAt(this.x, this.size, row));
  }

  /** The features of the best point of an instance that differ, those that change it least first. */
  smallestFirst(row: number): number[] {
    const { labels, weights, count } = this.features;
    const [best, start] = [this.best(row), rowAt(this.x, this.size, row)];
    const changes = new Float64Array(count);
    for (let i = 0; i < this.size; i++) changes[labels[i]!]! += weights[i]! * (best[i]! - start[i]!) ** 2;
    return this.changed(best, row).sort((a, b) => changes[a]! - changes[b]!);
  }

  /** A point with some of its features as they are in its instance, written to `out`. */
  reset(point: Float32Array, row: number, features: ReadonlySet<number>, out: Float32Array): void {
    const { labels } = this.features;
    for (let i = 0; i < this.size; i++) out[i] = features.has(labels[i]!) ? this.x[row * this.size + i]! : point[i]!;
  }

  /** As long as `x`: 1 for the elements of those features that the points of `rows`, packed, change. */
  changing(points: Float32Array, rows: readonly number[]): Uint8Array {
    const made = new Uint8Array(this.x.length);
    rows.forEach((row, j) => {
      const features = new Set(this.changed(rowAt(points, this.size, j), row));
      for (let i = 0; i < this.size; i++) made[row * this.size + i] = Number(features.has(this.features.labels[i]!));
    });
    return made;
  }

  /** The best points, packed. */
  bests(rows: readonly number[]): Float32Array {
    const points = this.starts(rows).slice();
    rows.forEach((row, j) => {
      points.set(this.best(row), j * this.size);
    });
    return points;
  }

  /** Those of `rows` that something is found for. */
  solved(rows: readonly number[] = this.all): number[] {
    return rows.filter((row) => this.found(row));
  }

  /** Those of `rows` that nothing is found for. */
  missing(rows: readonly number[] = this.all): number[] {
    return rows.filter((row) => !this.found(row));
  }

  /** Rows of the instances, packed. */
  starts(rows: readonly number[]): Float32Array {
    return pick(this.x, this.size, rows);
  }

  #measured(tried: Tried): number {
    const { terms, price, objective } = this.#state;
    // of another objective the value says nothing
    const rough = tried.objective !== undefined && tried.objective === objective ? tried.value : undefined;
    return this.#facts.measure({ ...tried, features: this.features, terms, price, rough });
  }

  #noted<T extends Judged>(judged: T, points: Float32Array, rows: readonly number[], use: Use): T {
    const isAllowed = use === 'spare' || this.features.isPlain || this.#state.isProposed;
    if (use === 'guide' || !isAllowed) return judged;
    rows.forEach((row, j) => {
      if (judged.margins[j]! < 0 && this.#facts.onReach) this.#tell(rowAt(points, this.size, j), row);
      if (!(judged.margins[j]! < this.nearest[row]!)) return;
      this.nearest[row] = judged.margins[j]!;
      this.#nearest[row] = rowAt(points, this.size, j).slice();
    });
    return judged;
  }

  #tell(point: Float32Array, row: number): void {
    const from = row * this.size;
    const isInside = point.every((value, i) => value >= this.lower[from + i]! && value <= this.upper[from + i]!);
    if (!isInside) return;
    const difference = point.map((value, i) => value - this.x[from + i]!);
    this.#facts.onReach!({ row, point, difference, cost: (best) => this.#measured({ difference, point, row, best }) });
  }
}

/** What the same input can differ by when it is scaled elsewhere: what reaches the goal by less may not once it is stored. */
const roundingOf = (scores: Float32Array): number =>
  2e-6 * scores.reduce((most, score) => Math.max(most, Math.abs(score)), 1);
